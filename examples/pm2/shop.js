// A process of the shop. All of them listen on one port, as pm2 makes them workers of a cluster.
import http from 'node:http'
import { followSettings } from './settings.js'

const settings = followSettings('shop')
http.createServer((_, response) => response.end(JSON.stringify(settings))).listen(Number(process.env.PORT), '127.0.0.1')
