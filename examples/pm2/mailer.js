// A process with another program than the shop, which pm2 starts by itself: what they share is the name of a zone.
import { setInterval } from 'node:timers'
import { followSettings } from './settings.js'

const settings = followSettings('mailer')
setInterval(() => settings.mailsOn && console.log('looks for mails to send'), 1000)
