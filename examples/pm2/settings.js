// Settings that every process keeps in memory, and that change while it runs.
import { WorkerEvents } from '@worker-events/core'

/** Follows changes, and tells whenever it has taken one over. */
export function followSettings(app) {
  const bus = WorkerEvents.open({ zone: 'pm2-example' })
  const settings = {}
  const take = (change) => {
    Object.assign(settings, change)
    bus.publish('settings', 'taken', { app, pid: process.pid, settings })
  }
  bus.subscribe('settings', 'changed', take, { replay: 'all' })
  // So pm2 asks a process to end.
  process.once('SIGINT', () => {
    bus.close()
    process.exit()
  })
  return settings
}
