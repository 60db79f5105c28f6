/** Which of its faces the endpoint shows to whom: the one place that reads `accept`. */
import Negotiator from 'negotiator'
import type { ApiRequest } from './request.js'

/** The JSON document, the live tail, or the inspector's page. */
export type Face = 'document' | 'tail' | 'page'

/** In order of preference where the client has none. */
const faces = new Map<string, Face>([
  ['application/json', 'document'],
  ['text/html', 'page'],
  ['text/event-stream', 'tail'],
])

/** What a GET gets. Who asks for nothing that there is gets the document, like those who do not ask. */
export function faceFor({ headers }: ApiRequest): Face {
  const type = new Negotiator({ headers: { accept: headers.accept } }).mediaType([...faces.keys()])
  return faces.get(type ?? '') ?? 'document'
}
