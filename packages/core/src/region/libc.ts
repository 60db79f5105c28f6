/** The only file that knows koffi: mapping a file, and locks of an open file description (OFD). */
import fs from 'node:fs'
import { createRequire } from 'node:module'
import { WorkerEventsError } from '../errors.js'

interface Libc {
  mmap: (address: null, bytes: number, protection: number, flags: number, fd: number, offset: number) => bigint
  fcntl: (fd: number, command: number, type: 'void *', lock: Buffer) => number
  view: (pointer: bigint, bytes: number) => ArrayBuffer
  errno: () => number
  conflicts: readonly (number | undefined)[]
}

/** What this file uses of koffi. */
interface Koffi {
  load(path: null): { func(prototype: string): unknown }
  view(pointer: bigint, bytes: number): ArrayBuffer
  errno(): number
  version: string
  os: { errno: Record<string, number> }
}

/** Versions of koffi whose binary is known to work without koffi's own code. */
const KOFFI = '3.'

/** The loader of systems with musl instead of glibc, by architecture. */
const MUSL: Partial<Record<string, string>> = {
  x64: '/lib/ld-musl-x86_64.so.1',
  arm64: '/lib/ld-musl-aarch64.so.1',
}

const PROT_READ = 1
const PROT_WRITE = 2
const MAP_SHARED = 1
const MAP_FAILED = 2n ** 64n - 1n
const F_OFD_GETLK = 36
const F_OFD_SETLK = 37
const F_WRLCK = 1
const F_UNLCK = 2

let loaded: Libc | undefined

function libc(): Libc {
  return (loaded ??= load())
}

function load(): Libc {
  if (process.platform !== 'linux' || !['x64', 'arm64', 'riscv64', 'loong64'].includes(process.arch)) {
    const here = `${process.platform}-${process.arch}`
    throw new WorkerEventsError(
      'ERR_UNSUPPORTED_PLATFORM',
      `named zones need 64-bit Linux, this is ${here}: use a zone made by createZoneBuffer for the threads of one process`,
    )
  }
  // Loaded on first use, so that zones of threads never load native code.
  const koffi = loadKoffi()
  const library = koffi.load(null)
  return {
    mmap: library.func('void *mmap(void *, size_t, int, int, int, int64_t)') as Libc['mmap'],
    fcntl: library.func('int fcntl(int, int, ...)') as Libc['fcntl'],
    view: (pointer, bytes) => koffi.view(pointer, bytes),
    errno: () => koffi.errno(),
    conflicts: [koffi.os.errno['EAGAIN'], koffi.os.errno['EACCES']],
  }
}

/**
 * The binary of koffi. Its own way there reads the program that runs, to tell which libc that has, and takes three times
 * as long as loading: so the usual place is tried first, and everything else is left to koffi.
 */
function loadKoffi(): Koffi {
  const require = createRequire(import.meta.url)
  return binaryIn(require) ?? throughKoffi(require)
}

function binaryIn(require: NodeJS.Require): Koffi | undefined {
  const { arch } = process
  if (fs.existsSync(MUSL[arch] ?? '/')) return undefined
  try {
    const binary = require(`@koromix/koffi-linux-${arch}/linux_${arch}/koffi.node`) as Koffi
    return binary.version.startsWith(KOFFI) ? binary : undefined
  } catch {
    // Not hoisted beside this package, as with pnpm, or built from source.
    return undefined
  }
}

function throughKoffi(require: NodeJS.Require): Koffi {
  try {
    return require('koffi') as Koffi
  } catch (error) {
    const message = 'the binary of koffi for this platform is not installed: install with optional dependencies'
    throw new WorkerEventsError('ERR_UNSUPPORTED_PLATFORM', message, { cause: error })
  }
}

/** Maps a whole file into memory, shared with everybody who maps it. */
export function mapFile(fd: number, bytes: number, writable: boolean): ArrayBuffer {
  const { mmap, view, errno } = libc()
  const pointer = mmap(null, bytes, writable ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, fd, 0)
  if (BigInt.asUintN(64, pointer) === MAP_FAILED) {
    throw new WorkerEventsError('ERR_ZONE_NO_SPACE', `mapping ${bytes} bytes of the zone failed: errno ${errno()}`)
  }
  return view(pointer, bytes)
}

/** `struct flock` of 64-bit Linux; one for all calls, which are synchronous. */
const flock = Buffer.alloc(32)

function fillFlock(type: number, start: number, length: number): Buffer {
  flock.fill(0)
  flock.writeInt16LE(type, 0)
  flock.writeBigInt64LE(BigInt(start), 8)
  flock.writeBigInt64LE(BigInt(length), 16)
  return flock
}

/**
 * Takes a write lock on a range of the file (length 0: to its end and beyond) for this open file description; false if
 * another one holds a part of it. It goes with the description: on close, with the thread, with the process.
 */
export function lockRange(fd: number, start: number, length: number): boolean {
  const { fcntl, errno, conflicts } = libc()
  if (fcntl(fd, F_OFD_SETLK, 'void *', fillFlock(F_WRLCK, start, length)) === 0) return true
  if (conflicts.includes(errno())) return false
  throw new WorkerEventsError('ERR_UNSUPPORTED_PLATFORM', `the zone's file system refuses locks: errno ${errno()}`)
}

/** Gives a range back. */
export function unlockRange(fd: number, start: number, length: number): void {
  libc().fcntl(fd, F_OFD_SETLK, 'void *', fillFlock(F_UNLCK, start, length))
}

/** True if another open file description holds a lock in the range. */
export function isLockedByOther(fd: number, start: number, length: number): boolean {
  const lock = fillFlock(F_WRLCK, start, length)
  if (libc().fcntl(fd, F_OFD_GETLK, 'void *', lock) !== 0) return true
  return lock.readInt16LE(0) !== F_UNLCK
}
