/** The keys of the endpoint: compared in a time that tells nothing about them, and kept as digests only. */
import { Buffer } from 'node:buffer'
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { ApiRequest } from './request.js'

/** Digests are of equal length, and nobody can prepare one: the salt is this process's own. */
const salt = randomBytes(32)

function digest(bytes: Uint8Array): Buffer {
  return createHmac('sha256', salt).update(bytes).digest()
}

/** What one key locks. */
export class Lock {
  readonly #digest: Buffer | undefined

  /** @param key absent: not locked */
  constructor(key: string | undefined) {
    this.#digest = key === undefined ? undefined : digest(Buffer.from(key))
  }

  /** False if no key is needed. */
  get isLocked(): boolean {
    return this.#digest !== undefined
  }

  /** True if one of the keys is right. All are compared, whichever is. */
  opensWith(keys: readonly Uint8Array[]): boolean {
    const wanted = this.#digest
    return wanted === undefined || keys.filter((key) => timingSafeEqual(digest(key), wanted)).length > 0
  }
}

/** All keys that a request shows, as bytes: every `key` of the query, and the bearer token. */
export function keysOf({ headers }: ApiRequest, query: URLSearchParams): Buffer[] {
  const keys = query.getAll('key').map((key) => Buffer.from(key))
  const bearer = /^bearer +(.+)$/i.exec(headers.authorization ?? '')
  // Header values come as one character per byte.
  return bearer === null ? keys : [...keys, Buffer.from(bearer[1], 'latin1')]
}
