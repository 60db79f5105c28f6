/** The endpoint as JSON Schema, for tools that document an application. What they say is checked by the endpoint. */

const text = { type: 'string' }
const count = { type: 'integer', minimum: 0 }
const name = { type: 'string', minLength: 1, maxLength: 64 }

/** Schemas of what `worker_events_api` takes. */
export const apiSchemas = {
  /** Query of GET and HEAD. */
  inspectQuery: { type: 'object', properties: { channel: text, type: text, since: count, limit: count, key: text } },
  /** Query of POST. */
  publishQuery: { type: 'object', properties: { key: text } },
  /** Body of POST. */
  publishBody: {
    type: 'object',
    required: ['type'],
    properties: { type: name, payload: {}, channel: name, unique: { type: 'string', minLength: 1, maxLength: 256 } },
  },
}
