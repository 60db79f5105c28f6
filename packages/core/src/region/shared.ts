/**
 * A zone for the threads of one process, in a `SharedArrayBuffer`: the same layout and algorithm, without native code.
 *
 * Proof of life: a worker thread can end between any two steps (`terminate()`), and Node then closes the files that it
 * opened, and no others. So a thread opens a file with a random token in it, and names descriptor and token in its
 * place: whoever reads that token through that descriptor knows that the thread lives. A descriptor that was reused
 * has other bytes behind it. The main thread ends with the process, and with it the memory: it needs no proof.
 */
import { Buffer } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { isMainThread } from 'node:worker_threads'
import { WorkerEventsError } from '../errors.js'
import { Geometry, Place } from '../layout.js'
import type { Dimensions } from '../options.js'
import { type Region, newEpoch } from './region.js'
import { Zone, defectOf, initialise } from './zone.js'

const TOKEN_BYTES = 5
const FOREVER = 0xffffff
const probe = Buffer.alloc(TOKEN_BYTES)

/** Makes the memory of a zone for threads. */
export function createSharedMemory(name: string, dimensions: Dimensions, firstLap?: number): SharedArrayBuffer {
  const memory = allocate(new Geometry(dimensions).bytes)
  const birth = { name, epoch: newEpoch(), bootId: '', ...(firstLap === undefined ? {} : { firstLap }) }
  initialise(Buffer.from(memory), dimensions, birth)
  return memory
}

function allocate(bytes: number): SharedArrayBuffer {
  try {
    return new SharedArrayBuffer(bytes)
  } catch (error) {
    throw new WorkerEventsError('ERR_ZONE_NO_SPACE', `there is no memory for a zone of ${bytes} bytes`, {
      cause: error,
    })
  }
}

/** A zone in memory of this process. */
export class SharedRegion implements Region {
  readonly zone: Zone
  readonly bellPath = undefined
  #token: bigint | undefined
  #fd = -1
  readonly #places: number[] = []

  /** @throws {@link WorkerEventsError} `ERR_ZONE_CORRUPT` if the memory holds no zone */
  constructor(memory: SharedArrayBuffer) {
    const defect = defectOf(Buffer.from(memory), memory.byteLength, '')
    if (defect !== undefined) {
      throw new WorkerEventsError(
        'ERR_ZONE_CORRUPT',
        `the SharedArrayBuffer is no zone: ${defect}; use createZoneBuffer`,
      )
    }
    this.zone = new Zone(memory)
  }

  take(worker: number): boolean {
    const at = this.#tokenAt(worker)
    const found = Atomics.load(this.zone.i64, at)
    if (found !== 0n && lives(found)) return false
    this.#token ??= this.#prove()
    if (Atomics.compareExchange(this.zone.i64, at, found, this.#token) !== found) return false
    this.#places.push(worker)
    return true
  }

  isDead(worker: number): boolean {
    const token = Atomics.load(this.zone.i64, this.#tokenAt(worker))
    return token === 0n || !lives(token)
  }

  isBeingReplaced(): boolean {
    return false
  }

  standing(): 'current' {
    return 'current'
  }

  close(): void {
    for (const worker of this.#places) Atomics.store(this.zone.i64, this.#tokenAt(worker), 0n)
    if (this.#fd >= 0) fs.closeSync(this.#fd)
    this.#fd = -1
  }

  #tokenAt(worker: number): number {
    return (this.zone.placeAt(worker) + Place.token) / 8
  }

  /** Token word: random bytes · descriptor (24 bits). */
  #prove(): bigint {
    const token = randomBytes(TOKEN_BYTES)
    if (!isMainThread) this.#fd = openToken(token)
    const fd = isMainThread ? FOREVER : this.#fd
    return BigInt.asIntN(64, (BigInt(token.readUIntLE(0, TOKEN_BYTES)) << 24n) | BigInt(fd))
  }
}

function openToken(token: Buffer): number {
  const file = path.join(os.tmpdir(), `worker-events-${process.pid}-${newEpoch()}`)
  const fd = fs.openSync(file, 'wx+', 0o600)
  fs.unlinkSync(file)
  fs.writeSync(fd, token, 0, TOKEN_BYTES, 0)
  return fd
}

function lives(token: bigint): boolean {
  const fd = Number(token & 0xffffffn)
  if (fd === FOREVER) return true
  try {
    if (fs.readSync(fd, probe, 0, TOKEN_BYTES, 0) < TOKEN_BYTES) return false
  } catch {
    return false
  }
  return BigInt(probe.readUIntLE(0, TOKEN_BYTES)) === ((token >> 24n) & 0xffffffffffn)
}
