/** Which of its faces the endpoint shows to whom: the one place that reads `accept`. */
import { createRequire } from 'node:module'
import type Negotiator from 'negotiator'
import type { ApiRequest } from './request.js'

/** The JSON document, the live tail, or the inspector's page. */
export type Face = 'document' | 'tail' | 'page'

/** In order of preference where the client has none. */
const faces = new Map<string, Face>([
  ['application/json', 'document'],
  ['text/html', 'page'],
  ['text/event-stream', 'tail'],
])

/** The last header that was read: those who poll ask the same again and again. */
let last: { readonly accept: string | undefined; readonly face: Face } = { accept: undefined, face: 'document' }

/** What a GET gets. Who asks for nothing that there is gets the document, like those who do not ask. */
export function faceFor({ headers: { accept } }: ApiRequest): Face {
  if (accept !== last.accept) last = { accept, face: read(accept) }
  return last.face
}

const require = createRequire(import.meta.url)

function read(accept: string | undefined): Face {
  // Loaded by the first client that has a preference: a worker without an endpoint has no use for it.
  const Preferences = require('negotiator') as typeof Negotiator
  const type = new Preferences({ headers: { accept } }).mediaType([...faces.keys()])
  return faces.get(type ?? '') ?? 'document'
}
