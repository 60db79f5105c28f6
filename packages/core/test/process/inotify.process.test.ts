/**
 * A process that gets no inotify instance, because its user has used them up: it says so once, and gets its events all the
 * same. The limit is lowered for a user namespace of the process's own, so that nobody else on the machine notices.
 */
import path from 'node:path'
import { type Member, fleetOfEachTest } from './fleet.js'

const fleet = fleetOfEachTest()

const EXHAUSTED = {
  execPath: 'unshare',
  execArgv: [
    ...['--user', '--map-root-user', 'sh', '-c'],
    'echo 0 > /proc/sys/user/max_inotify_instances && exec "$0" "$@"',
    process.execPath,
  ],
}

/** So seldom does the slow poll look that it cannot be what delivers. */
const RARELY = { pollInterval: 60_000 }

async function exhausted(): Promise<Member> {
  const worker = await fleet.now.launch('worker.mjs', EXHAUSTED)
  expect(await worker.order('watchRefusal', path.join(fleet.now.directory))).toBe('EMFILE')
  return worker
}

describe('a process whose user has used up inotify', () => {
  it('warns once, however many buses it opens', async () => {
    const worker = await exhausted()
    await worker.order('open', RARELY)
    await worker.order('openMore', { zone: 'another', ...RARELY })
    expect(await worker.order('warnings')).toEqual(['WORKER_EVENTS_NO_WATCH'])
  })

  it('gets what others publish, and wakes others by what it publishes', async () => {
    const [deaf, hearing] = [await exhausted(), await fleet.now.launch('worker.mjs')]
    for (const worker of [deaf, hearing]) await worker.order('open', RARELY)
    for (let round = 0; round < 20; round++) {
      for (const publisher of [deaf, hearing]) {
        const generation = await publisher.order('publish', 'load', 'item', { round })
        await Promise.all([deaf, hearing].map((worker) => worker.order('caughtUp', generation)))
      }
    }
  })

  it('exits by itself when it has nothing else to do', async () => {
    const idle = fleet.now.start('idle.mjs', ['nothing'], EXHAUSTED)
    expect(await idle.ended).toEqual({ code: 0, signal: null })
    expect(idle.stderr).toContain('WORKER_EVENTS_NO_WATCH')
  })
})
