/**
 * A named zone: a file that every process of the machine may map.
 *
 * A zone appears whole or not at all: it is written under a private name, every page of it (a sparse page would be a
 * SIGBUS later, on a full file system), and published by `link`, which only one of many creators wins. It is replaced
 * by `rename`, under a lock on all worker places, which nobody gets while a worker lives.
 *
 *     dies here: a draft is left behind (removed by a later creator), the name stays as it was.
 *
 * Proof of life is an OFD lock on one byte per worker place, far behind the data. It belongs to the open file
 * description of this handle: the kernel drops it on close, when the thread ends and when the process is killed, and
 * keeps it while they are stopped.
 */
import { Buffer } from 'node:buffer'
import fs from 'node:fs'
import { WorkerEventsError } from '../errors.js'
import { Geometry, HEADER_BYTES, MAX_WORKERS } from '../layout.js'
import type { Dimensions } from '../options.js'
import { bootId } from './boot.js'
import * as directories from './directory.js'
import * as libc from './libc.js'
import { memoryOf } from './mapping.js'
import { type Region, newEpoch } from './region.js'
import { removeDrafts, tellEarlierLives } from './remains.js'
import { Zone, defectOf, hasOurMark, initialise, readDimensions, readEpoch } from './zone.js'

const LOCKS_AT = 2 ** 40
/** No worker ever locks this byte; who replaces the zone locks everything from the first place on. */
const BEHIND_ALL_PLACES = LOCKS_AT + MAX_WORKERS
/** How long to wait for a process that is replacing the zone, in milliseconds. */
const REPLACING = 2000
const pause = new Int32Array(new SharedArrayBuffer(4))
const ZEROS = Buffer.alloc(1 << 20)
const { O_RDWR, O_RDONLY, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK } = fs.constants

/** What a zone must be, for those who open it. */
export interface ZoneRequest {
  readonly name: string
  readonly directory: string
  /** Dimensions that the caller named; others are adopted from a zone that exists. */
  readonly wanted: Partial<Dimensions>
  /** Dimensions of a zone that must be made. */
  readonly fallback: Dimensions
  /** Lap of the first generation of a zone that must be made; for tests of great ages. */
  readonly firstLap?: number
}

/** A named zone, mapped. */
export class FileRegion implements Region {
  readonly zone: Zone
  readonly bellPath: string
  readonly #fd: number
  readonly #path: string
  readonly #own: fs.Stats

  constructor(fd: number, request: { name: string; directory: string }, writable: boolean) {
    this.#fd = fd
    this.#own = fs.fstatSync(fd)
    this.#path = directories.zonePath(request.directory, request.name)
    this.zone = new Zone(memoryOf(fd, writable))
    this.bellPath = directories.bellPath(request.directory, request.name, this.zone.epoch)
  }

  take(worker: number): boolean {
    return libc.lockRange(this.#fd, LOCKS_AT + worker, 1)
  }

  isDead(worker: number): boolean {
    return !libc.isLockedByOther(this.#fd, LOCKS_AT + worker, 1)
  }

  isBeingReplaced(): boolean {
    return libc.isLockedByOther(this.#fd, BEHIND_ALL_PLACES, 1)
  }

  standing(): 'current' | 'removed' | 'replaced' {
    const named = fs.statSync(this.#path, { throwIfNoEntry: false })
    if (named === undefined) return 'removed'
    return named.ino === this.#own.ino && named.dev === this.#own.dev ? 'current' : 'replaced'
  }

  close(): void {
    fs.closeSync(this.#fd)
  }
}

/**
 * Attaches to a zone, makes it, or makes it anew where nobody uses what is there and it cannot serve.
 * @throws {@link WorkerEventsError} `ERR_ZONE_MISMATCH`, `ERR_ZONE_CORRUPT`, `ERR_ZONE_FORBIDDEN`, `ERR_ZONE_NO_SPACE`
 */
export function openFileRegion(request: ZoneRequest): FileRegion {
  directories.ensureDirectory(request.directory)
  const file = directories.zonePath(request.directory, request.name)
  const deadline = performance.now() + REPLACING
  for (;;) {
    const fd = openExisting(file, O_RDWR)
    if (fd === undefined) {
      publish(file, request)
      continue
    }
    try {
      // fault: zone.opened
      const objection = objectionTo(fd, request)
      if (objection === undefined) return new FileRegion(fd, request, true)
      replace(fd, file, request, objection, deadline)
    } catch (error) {
      fs.closeSync(fd)
      throw error
    }
    fs.closeSync(fd)
  }
}

/**
 * Attaches to a zone that exists, for reading only.
 * @throws {@link WorkerEventsError} `ERR_ZONE_NOT_FOUND`, `ERR_ZONE_CORRUPT`, `ERR_ZONE_FORBIDDEN`
 */
export function openForReading(name: string, directory: string): FileRegion {
  const file = directories.zonePath(directory, name)
  const fd = directories.checkDirectory(directory) ? openExisting(file, O_RDONLY) : undefined
  if (fd === undefined) throw notFound(name, directory)
  try {
    const defect = defectIn(fd)
    if (defect !== undefined) throw new WorkerEventsError('ERR_ZONE_CORRUPT', `${file} is no zone to read: ${defect}`)
    return new FileRegion(fd, { name, directory }, false)
  } catch (error) {
    fs.closeSync(fd)
    throw error
  }
}

/**
 * Removes a zone that nobody uses.
 * @throws {@link WorkerEventsError} `ERR_ZONE_NOT_FOUND`, `ERR_ZONE_FORBIDDEN`, or `ERR_ZONE_MISMATCH` while a worker lives
 */
export function removeZone(name: string, directory: string): void {
  const file = directories.zonePath(directory, name)
  while (!isRemoved(name, directory, file));
}

/** False if another zone had taken the name before this one was locked: that one may be in use. */
function isRemoved(name: string, directory: string, file: string): boolean {
  const fd = directories.checkDirectory(directory) ? openExisting(file, O_RDWR) : undefined
  if (fd === undefined) throw notFound(name, directory)
  try {
    if (!libc.lockRange(fd, LOCKS_AT, 0)) {
      throw new WorkerEventsError('ERR_ZONE_MISMATCH', `zone "${name}" is in use: stop its workers first`)
    }
    if (!isNamed(fd, file)) return false
    const header = readHeader(fd)
    if (!hasOurMark(header)) throw new WorkerEventsError('ERR_ZONE_CORRUPT', `${file} is no zone: remove it by hand`)
    fs.rmSync(file, { force: true })
    fs.rmSync(directories.bellPath(directory, name, readEpoch(header)), { force: true })
    return true
  } finally {
    fs.closeSync(fd)
  }
}

function notFound(name: string, directory: string): WorkerEventsError {
  return new WorkerEventsError('ERR_ZONE_NOT_FOUND', `there is no zone "${name}" in ${directory}`)
}

function openExisting(file: string, access: number): number | undefined {
  let fd: number
  try {
    // Without blocking, should somebody have put a pipe there: it is refused below.
    fd = fs.openSync(file, access | O_NOFOLLOW | O_NONBLOCK)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw directories.asZoneError(error, `opening ${file}`)
  }
  try {
    directories.checkFile(file, fs.fstatSync(fd))
  } catch (error) {
    fs.closeSync(fd)
    throw error
  }
  return fd
}

function readHeader(fd: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES)
  return header.subarray(0, fs.readSync(fd, header, 0, HEADER_BYTES, 0))
}

function defectIn(fd: number): string | undefined {
  return defectOf(readHeader(fd), fs.fstatSync(fd).size, bootId())
}

/** Why the zone cannot serve the request as it is: the error to throw if it cannot be replaced either. */
function objectionTo(fd: number, request: ZoneRequest): WorkerEventsError | undefined {
  const file = directories.zonePath(request.directory, request.name)
  const defect = defectIn(fd)
  if (defect !== undefined) {
    return new WorkerEventsError(
      'ERR_ZONE_CORRUPT',
      `${file} is damaged or foreign: ${defect}; stop its users, remove it`,
    )
  }
  const actual = readDimensions(readHeader(fd))
  for (const [option, wanted] of Object.entries(request.wanted) as [keyof Dimensions, unknown][]) {
    if (wanted === actual[option]) continue
    const message = `zone "${request.name}" has ${option} ${actual[option]}, not ${String(wanted)}, and is in use`
    return new WorkerEventsError('ERR_ZONE_MISMATCH', `${message}: open it with the same options everywhere`)
  }
  return undefined
}

/** Puts a new zone in the place of one that nobody uses; returns without having done so if another was quicker. */
function replace(fd: number, file: string, request: ZoneRequest, objection: WorkerEventsError, deadline: number): void {
  const header = readHeader(fd)
  // A file that never was a zone may be somebody's work: it is not ours to remove.
  if (header.length > 0 && !hasOurMark(header)) throw objection
  if (!libc.lockRange(fd, LOCKS_AT, 0)) {
    // Asked before the name: who has replaced the zone lets go of the locks after it renamed.
    const isBeingReplaced = libc.isLockedByOther(fd, BEHIND_ALL_PLACES, 1)
    if (isNamed(fd, file) && !(isBeingReplaced && performance.now() < deadline)) throw objection
    Atomics.wait(pause, 0, 0, 1)
    return
  }
  if (!isNamed(fd, file)) return
  const draft = writeDraft(request, newEpoch())
  // fault: zone.replacing
  fs.renameSync(draft, file)
  // fault: zone.renamed
  if (hasOurMark(header)) {
    fs.rmSync(directories.bellPath(request.directory, request.name, readEpoch(header)), { force: true })
  }
}

function isNamed(fd: number, file: string): boolean {
  const named = fs.statSync(file, { throwIfNoEntry: false })
  return named !== undefined && named.ino === fs.fstatSync(fd).ino
}

/** Makes a zone where none is; returns without having done so if another was quicker. */
function publish(file: string, request: ZoneRequest): void {
  const { directory, name } = request
  const epoch = newEpoch()
  const draft = writeDraft(request, epoch)
  // fault: zone.drafted
  try {
    fs.linkSync(draft, file)
    // fault: zone.linked
    tellEarlierLives(directory, name, epoch)
  } catch (error) {
    fs.rmSync(directories.bellPath(directory, name, epoch), { force: true })
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw directories.asZoneError(error, `making ${file}`)
  } finally {
    fs.rmSync(draft, { force: true })
  }
}

/** Writes a whole zone, and its bell, under names that nobody looks for. */
function writeDraft({ name, directory, wanted, fallback, firstLap }: ZoneRequest, epoch: string): string {
  removeDrafts(directory, name)
  const dimensions = { ...fallback, ...wanted }
  const { bytes, recordsAt } = new Geometry(dimensions)
  const birth = { name, epoch, bootId: bootId(), ...(firstLap === undefined ? {} : { firstLap }) }
  const head = Buffer.alloc(recordsAt)
  initialise(head, dimensions, birth)
  const draft = directories.draftPath(directory, name, epoch)
  const bell = directories.bellPath(directory, name, epoch)
  try {
    writeFile(draft, head, bytes)
    // fault: zone.written
    writeFile(bell, ZEROS.subarray(0, 1), 1)
  } catch (error) {
    fs.rmSync(draft, { force: true })
    fs.rmSync(bell, { force: true })
    throw directories.asZoneError(error, `making zone "${name}" of ${bytes} bytes in ${directory}`)
  }
  return draft
}

function writeFile(file: string, head: Buffer, bytes: number): void {
  const fd = fs.openSync(file, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
  try {
    for (let at = 0; at < bytes;) {
      const left = at < head.length ? head.subarray(at) : ZEROS.subarray(0, Math.min(ZEROS.length, bytes - at))
      at += fs.writeSync(fd, left, 0, left.length, at)
    }
  } finally {
    fs.closeSync(fd)
  }
}
