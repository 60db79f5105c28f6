/** Which face of the endpoint a client gets. */
import { faceFor } from '../../src/api/negotiation.js'
import { get } from './requests.js'

const browser = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8'

describe('the endpoint', () => {
  it.each([
    [undefined, 'document'],
    ['', 'document'],
    ['*/*', 'document'],
    ['application/json', 'document'],
    ['application/*', 'document'],
    ['image/png', 'document'],
    ['application/json, text/html', 'document'],
    ['text/html;q=0.9, application/json', 'document'],
    ['text/event-stream;q=0, */*', 'document'],
    ['text/html', 'page'],
    [browser, 'page'],
    ['text/event-stream', 'tail'],
    ['TEXT/EVENT-STREAM', 'tail'],
    ['text/event-stream, */*;q=0.1', 'tail'],
    ['application/json;q=0.5, text/event-stream', 'tail'],
  ])('shows to one who accepts %j its %s', (accept, face) => {
    expect(faceFor(get('', accept === undefined ? {} : { accept }))).toBe(face)
  })
})
