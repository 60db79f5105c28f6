// One process of a Koa service that knows the health of the services it depends on.
import { workerEvents } from '@worker-events/koa'
import Koa from 'koa'
import { Health } from './health.js'

const events = workerEvents({ zone: 'health-checks', channel: 'health' })
const health = new Health(events.bus, JSON.parse(process.env.SERVICES))
health.takeTurns()

const app = new Koa()
app.use(events)
app.use((ctx) => {
  ctx.body = { pid: process.pid, states: health.states }
})
const server = app.listen(0, '127.0.0.1')

process.once('disconnect', () => {
  health.close()
  events.close()
  server.close()
})
