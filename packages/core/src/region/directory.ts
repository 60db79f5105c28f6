/**
 * The directory that zones live in, and who may be trusted in it.
 *
 * Whoever can write a zone's file can write into the memory of every worker, so a directory or file that another user
 * owns, that others can write, or that is a symbolic link, is refused.
 */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { WorkerEventsError } from '../errors.js'

const SUFFIX = '.zone'

function ownUid(): number {
  return process.geteuid?.() ?? -1
}

/** Where zones live unless the caller says otherwise: `WORKER_EVENTS_DIR`, else memory-backed, else the temp directory. */
export function defaultDirectory(): string {
  const given = process.env['WORKER_EVENTS_DIR']
  if (given !== undefined && given !== '') return given
  return path.join(isWritable('/dev/shm') ? '/dev/shm' : os.tmpdir(), `worker-events-${ownUid()}`)
}

function isWritable(directory: string): boolean {
  try {
    fs.accessSync(directory, fs.constants.W_OK | fs.constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Path of a zone's file. */
export function zonePath(directory: string, zone: string): string {
  return path.join(directory, zone + SUFFIX)
}

/** Path of the file whose changes wake the workers of one life of a zone. */
export function bellPath(directory: string, zone: string, epoch: string): string {
  return path.join(directory, `${zone}.${epoch}.bell`)
}

/** A private name for a zone that is being made. */
export function draftPath(directory: string, zone: string, epoch: string): string {
  return path.join(directory, `${zone}.${epoch}.draft`)
}

/** Names of the zones in a directory; none if there is no such directory. */
export function zonesIn(directory: string): string[] {
  if (!checkDirectory(directory)) return []
  const files = fs.readdirSync(directory).filter((file) => file.endsWith(SUFFIX) && file.length > SUFFIX.length)
  return files.map((file) => file.slice(0, -SUFFIX.length)).sort()
}

/** Makes the directory (0700) if need be. @throws {@link WorkerEventsError} `ERR_ZONE_FORBIDDEN`, `ERR_ZONE_NO_SPACE` */
export function ensureDirectory(directory: string): void {
  if (checkDirectory(directory)) return
  try {
    fs.mkdirSync(directory, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw asZoneError(error, `making ${directory}`)
  }
  checkDirectory(directory)
}

/** True if the directory is there, and is ours. @throws {@link WorkerEventsError} `ERR_ZONE_FORBIDDEN` */
export function checkDirectory(directory: string): boolean {
  let stat: fs.Stats | undefined
  try {
    stat = fs.lstatSync(directory, { throwIfNoEntry: false })
  } catch (error) {
    throw asZoneError(error, `looking at ${directory}`)
  }
  if (stat === undefined) return false
  if (!stat.isDirectory()) throw forbidden(directory, stat.isSymbolicLink() ? 'is a symbolic link' : 'is no directory')
  checkOwner(directory, stat)
  return true
}

/** @throws {@link WorkerEventsError} `ERR_ZONE_FORBIDDEN` unless the file is regular, ours, and only ours to write */
export function checkFile(file: string, stat: fs.Stats): void {
  if (!stat.isFile()) throw forbidden(file, 'is no regular file')
  checkOwner(file, stat)
}

function checkOwner(file: string, stat: fs.Stats): void {
  const uid = ownUid()
  if (stat.uid !== uid) throw forbidden(file, `belongs to user ${stat.uid}, this process runs as ${uid}`)
  if ((stat.mode & 0o022) !== 0) {
    throw forbidden(file, `can be written by group or others (mode ${(stat.mode & 0o777).toString(8)})`)
  }
}

function forbidden(file: string, what: string): WorkerEventsError {
  const message = `${file} ${what}: zones live in a directory that only their user can write`
  return new WorkerEventsError('ERR_ZONE_FORBIDDEN', message)
}

const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'ENOMEM'])
const REFUSED = new Set(['EACCES', 'EPERM', 'EROFS', 'ELOOP', 'ENOTDIR', 'ENAMETOOLONG', 'EISDIR'])

/** An error of the file system as one of this package; anything unforeseen stays what it is. */
export function asZoneError(error: unknown, doing: string): unknown {
  const code = (error as NodeJS.ErrnoException).code
  if (code !== undefined && FULL.has(code)) {
    const message = `${doing} failed, there is no space (${code}): free some, give /dev/shm more, or set "directory"`
    return new WorkerEventsError('ERR_ZONE_NO_SPACE', message, { cause: error })
  }
  if (code !== undefined && REFUSED.has(code)) {
    return new WorkerEventsError('ERR_ZONE_FORBIDDEN', `${doing} was refused (${code}): set "directory"`, {
      cause: error,
    })
  }
  return error
}
