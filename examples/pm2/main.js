// Has pm2 start three processes, changes a setting in all of them, and has pm2 replace two. Says by its exit status whether
// all went as it should. The daemon of pm2 has a home of its own, and ends with this program.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { WorkerEvents } from '@worker-events/core'

/** For the whole scenario, in milliseconds. */
const TIME_LIMIT = 45_000

const program = join(createRequire(import.meta.url).resolve('pm2/package.json'), '../bin/pm2')
const home = mkdtempSync(join(tmpdir(), 'pm2-'))
const env = { ...process.env, PM2_HOME: home, PM2_DISABLE_VERSION_CHECK: 'true', PORT: '0' }

process.once('exit', () => {
  pm2('kill')
  rmSync(home, { recursive: true, force: true })
})
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))
setTimeout(() => assert.fail(`it did not end within ${TIME_LIMIT} ms`), TIME_LIMIT).unref()

const bus = WorkerEvents.open({ zone: 'pm2-example' })
const taken = []
bus.subscribe('settings', 'taken', (change) => taken.push(change))

start('start', join(import.meta.dirname, 'ecosystem.config.cjs'))
await until(() => bus.inspect().workers.length === 4)
console.log('pm2 keeps two processes of the shop and one mailer running, and this program is none of them')

bus.publish('settings', 'changed', { mailsOn: true })
await until(() => taken.length === 3)
assert.deepEqual(taken.map(({ app }) => app).sort(), ['mailer', 'shop', 'shop'])
for (const { settings } of taken) assert.deepEqual(settings, { mailsOn: true })
console.log('one event has changed a setting in all three')

const before = taken.map(({ pid }) => pid)
start('reload', 'shop')
await until(() => taken.length === 5)
for (const { app, pid, settings } of taken.slice(3)) {
  assert.equal(app, 'shop')
  assert.ok(!before.includes(pid))
  assert.deepEqual(settings, { mailsOn: true })
}
console.log('pm2 has replaced those of the shop, and the new ones have found the setting in the ring')

pm2('kill')
await until(() => bus.inspect().workers.length === 1)
bus.close()
console.log('all have ended')

function pm2(...args) {
  return spawnSync(process.execPath, [program, ...args], { env, encoding: 'utf8' })
}

function start(...args) {
  const { status, stdout, stderr } = pm2(...args)
  assert.equal(status, 0, `${stdout}${stderr}`)
}

async function until(isTrue) {
  while (!isTrue()) await sleep(20)
}
