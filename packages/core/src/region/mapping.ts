/**
 * The mapped memory of a zone's file.
 *
 * A mapping keeps the open file description that it was made through, for ever, as nothing is ever unmapped; and a lock
 * lasts as long as its description. So a file is mapped through a description of its own: through the one that carries
 * the proof of life, the worker would live as long as the process, however it ended.
 */
import fs from 'node:fs'
import * as libc from './libc.js'

const { O_RDWR, O_RDONLY } = fs.constants

/** By file: what is opened again is not mapped again. */
const mapped = new Map<string, ArrayBuffer>()

/** The memory of an open file, for this thread. */
export function memoryOf(fd: number, writable: boolean): ArrayBuffer {
  const { dev, ino } = fs.fstatSync(fd)
  const key = `${dev}:${ino}:${writable ? 'w' : 'r'}`
  let memory = mapped.get(key)
  if (memory === undefined) mapped.set(key, (memory = map(fd, writable)))
  return memory
}

function map(fd: number, writable: boolean): ArrayBuffer {
  // Opens the very file anew, even one that has lost its name.
  const own = fs.openSync(`/proc/self/fd/${fd}`, writable ? O_RDWR : O_RDONLY)
  try {
    return libc.mapFile(own, fs.fstatSync(own).size, writable)
  } finally {
    fs.closeSync(own)
  }
}
