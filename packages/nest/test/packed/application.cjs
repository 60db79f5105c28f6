// What an application does with the packed package, the same however its parts were loaded. Prints what it saw.

/** Applies decorators as the compiler would: this file runs as it is. */
function decorate(host, method, ...decorators) {
  for (const decorator of decorators) decorator(host, method, Object.getOwnPropertyDescriptor(host, method))
}

async function start({ common, core, platform, nest, seen, directory }) {
  class Cache {
    drop(payload) {
      seen.push(['handler', payload])
    }
  }
  decorate(Cache.prototype, 'drop', nest.OnWorkerEvent('cache', 'purged'))
  class App {}
  const api = { channel: 'cache' }
  common.Module({ imports: [nest.WorkerEventsModule.forRoot({ zone: 'bus', directory, api })], providers: [Cache] })(
    App,
  )
  const adapter = new (platform.ExpressAdapter ?? platform.FastifyAdapter)()
  const app = await core.NestFactory.create(App, adapter, { logger: ['error', 'warn'] })
  await app.listen(0, '127.0.0.1')
  return app
}

exports.run = async function run(parts, [directory, version]) {
  const seen = []
  const app = await start({ ...parts, seen, directory })
  const events = app.get(parts.nest.WorkerEventsService)
  // Whatever is left open keeps the process running, which fails the test.
  events.bus.ref()
  const observed = new Promise((resolve) => events.observe('cache').subscribe(({ payload }) => resolve(payload)))
  const url = `${await app.getUrl()}/internal/worker-events`
  const tail = await fetch(url, { headers: { accept: 'text/event-stream' } })
  const published = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ type: 'purged', payload: 'tag:assets' }),
  })
  seen.push(['endpoint', published.status, (await published.json()).status])
  seen.push(['observable', await observed])
  await parts.testing.flush(app)
  seen.push(['terminus', typeof parts.terminus.WorkerEventsHealthIndicator])
  await app.close()
  seen.push(['tail', (await tail.text()).includes('event: purged')])
  console.log(JSON.stringify({ version, seen }))
}
