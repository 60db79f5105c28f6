/** Requests for the handler, as an adapter would bring them. */
import { Readable } from 'node:stream'
import type { ApiRequest, WorkerEvents } from '../../src/index.js'
import type { Session } from '../../src/session.js'

/** The inside of a bus, which its published types do not show. */
export function sessionOf(bus: WorkerEvents): Session {
  return (bus as unknown as { session: Session }).session
}

/** A GET of the endpoint. */
export function get(query = '', headers: ApiRequest['headers'] = {}): ApiRequest {
  return { method: 'GET', url: `/internal/worker-events${query}`, headers, stream: Readable.from([]) }
}

/** A POST whose body nobody has read. */
export function post(text: string): ApiRequest {
  const headers = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) }
  return { ...get('', headers), method: 'POST', stream: Readable.from([Buffer.from(text)], { objectMode: false }) }
}

/** A bus one of whose inner parts fails; all else is as it was. */
export function failing(bus: WorkerEvents, part: string, failure: unknown): WorkerEvents {
  const session = new Proxy(sessionOf(bus), {
    get(target, name) {
      if (name === part) throw failure
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
  return { session, zone: bus.zone } as unknown as WorkerEvents
}
