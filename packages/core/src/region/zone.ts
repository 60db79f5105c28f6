/** A zone's memory: its header, written once by the creator and checked by whoever attaches, and the views into it. */
import { Buffer } from 'node:buffer'
import {
  BOOT_ID_BYTES,
  EPOCH_BYTES,
  FIRST_LAP,
  FIRST_TICKET,
  Flag,
  Geometry,
  HEADER_BYTES,
  Header,
  LAYOUT_VERSION,
  MAGIC,
  MAX_WORKERS,
  NOBODY,
  Phase,
  Place,
  lapOf,
  stateWord,
} from '../layout.js'
import type { Dimensions } from '../options.js'
import { NAME_BYTES } from '../names.js'

/**
 * Node's buffers have these for each encoding, below `write` and `toString`, which check and dispatch at every call; on
 * the hot paths that costs as much as the copy.
 */
export interface RawBuffer extends Buffer {
  utf8Write(text: string, offset: number, length: number): number
  utf8Slice(start: number, end: number): string
  latin1Slice(start: number, end: number): string
}

/** A zone's memory through the views that fit its words. */
export class Zone {
  readonly geometry: Geometry
  /** State words, by slot. */
  readonly states: Int32Array
  /** Claim words, by slot. */
  readonly claims: Int32Array
  readonly i32: Int32Array
  readonly u16: Uint16Array
  readonly f64: Float64Array
  readonly i64: BigInt64Array
  readonly bytes: RawBuffer
  /** Generation that the zone's first event had; public generations count from it. */
  readonly origin: number
  readonly epoch: string
  readonly name: string

  constructor(memory: ArrayBufferLike) {
    this.i32 = new Int32Array(memory)
    this.u16 = new Uint16Array(memory)
    this.f64 = new Float64Array(memory)
    this.i64 = new BigInt64Array(memory)
    this.bytes = Buffer.from<ArrayBufferLike>(memory) as RawBuffer
    this.geometry = new Geometry(readDimensions(this.bytes))
    const { statesAt, claimsAt, capacity } = this.geometry
    this.states = new Int32Array(memory, statesAt, capacity)
    this.claims = new Int32Array(memory, claimsAt, capacity)
    this.origin = this.bytes.readDoubleLE(Header.origin)
    this.epoch = readEpoch(this.bytes)
    this.name = readName(this.bytes)
  }

  /** The next generation to be drawn. */
  head(): number {
    return Number(Atomics.load(this.i64, Header.head / 8))
  }

  /** Byte offset of a worker place. */
  placeAt(worker: number): number {
    return this.geometry.placesAt + worker * Place.bytes
  }

  /** Byte offset of a slot's record. */
  recordAt(slot: number): number {
    return this.geometry.recordsAt + slot * this.geometry.slotBytes
  }

  /** A generation as the public counts it: the first event of a zone has 1. */
  publicOf(generation: number): number {
    return generation - this.origin + 1
  }
}

/** The dimensions that a zone's header names. */
export function readDimensions(header: Buffer): Dimensions {
  return {
    ringSize: header.readInt32LE(Header.ringSize),
    entryPayload: header.readInt32LE(Header.entryPayload),
    maxWorkers: header.readInt32LE(Header.maxWorkers),
    uniqueKeys: header.readInt32LE(Header.uniqueKeys),
    overflow: (header.readInt32LE(Header.flags) & Flag.REJECT) === 0 ? 'overwrite' : 'reject',
  }
}

const EPOCH = /^[0-9A-Z]+$/

/** The name of this life of the zone; empty if it is damaged, as it becomes a part of file names. */
export function readEpoch(header: Buffer): string {
  const epoch = header.toString('latin1', Header.epoch, Header.epoch + EPOCH_BYTES)
  return EPOCH.test(epoch) ? epoch : ''
}

/** The zone's name. */
export function readName(header: Buffer): string {
  return header.toString('latin1', Header.name, Header.name + NAME_BYTES).replace(/\0+$/, '')
}

/** The boot of the machine that the zone was made in. */
export function readBootId(header: Buffer): string {
  return header.toString('latin1', Header.bootId, Header.bootId + BOOT_ID_BYTES).replace(/\0+$/, '')
}

/** What makes one zone other than the next of the same dimensions. */
export interface Birth {
  readonly name: string
  readonly epoch: string
  readonly bootId: string
  /** Lap that the first generation lies in; for tests of great ages. */
  readonly firstLap?: number
}

/**
 * Writes header and first states into zeroed memory. Nobody else may see the memory yet.
 * The states start one lap before the first: decided, and free to be labelled.
 */
export function initialise(memory: Buffer, dimensions: Dimensions, birth: Birth): void {
  const geometry = new Geometry(dimensions)
  const firstLap = birth.firstLap ?? FIRST_LAP
  const origin = firstLap * dimensions.ringSize
  memory.write(MAGIC, Header.magic, 'latin1')
  memory.writeInt32LE(LAYOUT_VERSION, Header.version)
  memory.writeInt32LE(dimensions.overflow === 'reject' ? Flag.REJECT : 0, Header.flags)
  memory.writeDoubleLE(geometry.bytes, Header.bytes)
  memory.writeInt32LE(dimensions.ringSize, Header.ringSize)
  memory.writeInt32LE(dimensions.entryPayload, Header.entryPayload)
  memory.writeInt32LE(dimensions.maxWorkers, Header.maxWorkers)
  memory.writeInt32LE(dimensions.uniqueKeys, Header.uniqueKeys)
  memory.writeDoubleLE(origin, Header.origin)
  memory.writeDoubleLE(Date.now(), Header.createdAt)
  memory.write(birth.epoch, Header.epoch, EPOCH_BYTES, 'latin1')
  memory.write(birth.name, Header.name, NAME_BYTES, 'latin1')
  memory.write(birth.bootId, Header.bootId, BOOT_ID_BYTES, 'latin1')
  memory.writeBigInt64LE(BigInt(origin), Header.head)
  memory.writeInt32LE(FIRST_TICKET, Header.sleepTickets)
  memory.writeInt32LE(FIRST_TICKET, Header.rungTicket)
  const before = stateWord(lapOf(origin - 1, geometry.capacity), NOBODY, Phase.VOID)
  for (let slot = 0; slot < geometry.capacity; slot++) memory.writeInt32LE(before, geometry.statesAt + 4 * slot)
  memory.write(MAGIC, Header.magicEnd, 'latin1')
}

/** What is wrong with memory that should be a zone of this layout; `undefined` if nothing is. */
export function defectOf(header: Buffer, bytes: number, bootId: string): string | undefined {
  if (header.length < HEADER_BYTES) return `it has ${bytes} bytes, less than a header`
  if (!hasMagic(header, Header.magic) || !hasMagic(header, Header.magicEnd)) return 'its magic is missing'
  const version = header.readInt32LE(Header.version)
  if (version !== LAYOUT_VERSION) return `its layout version is ${version}, this program has ${LAYOUT_VERSION}`
  if (readEpoch(header) === '') return 'its epoch is damaged'
  if (!dimensionsAreSane(readDimensions(header))) return 'its dimensions are out of range'
  const expected = new Geometry(readDimensions(header)).bytes
  if (bytes !== expected) return `it has ${bytes} bytes, its header asks for ${expected}`
  if (readBootId(header) !== bootId) return 'it is from before the last reboot'
  return undefined
}

/** True if the header carries at least one mark of ours, so that the file is a (perhaps damaged) zone of this package. */
export function hasOurMark(header: Buffer): boolean {
  return hasMagic(header, Header.magic) || hasMagic(header, Header.magicEnd)
}

function hasMagic(header: Buffer, at: number): boolean {
  return header.length >= at + 8 && header.toString('latin1', at, at + 8) === MAGIC
}

function dimensionsAreSane({ ringSize, entryPayload, maxWorkers, uniqueKeys }: Dimensions): boolean {
  const positive = Math.min(ringSize, entryPayload, maxWorkers, uniqueKeys) >= 1
  return positive && maxWorkers <= MAX_WORKERS
}
