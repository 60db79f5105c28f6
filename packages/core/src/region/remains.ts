/** What creators that died and earlier lives of a zone left in its directory: drafts, and bells that may still be heard. */
import { Buffer } from 'node:buffer'
import fs from 'node:fs'

const { O_WRONLY, O_NOFOLLOW } = fs.constants
const BYTE = Buffer.from([0])

/** Nobody makes a zone for so long, in milliseconds. */
const ABANDONED_AFTER = 60_000

/** Removes drafts of creators that died: they take the space of the zone that is to be made. */
export function removeDrafts(directory: string, zone: string): void {
  for (const file of remainsOf(directory, zone, 'draft')) if (isOld(file)) fs.rmSync(file, { force: true })
}

/**
 * Tells the workers of earlier lives that the zone's name leads elsewhere now: who hears a strike and finds nothing to
 * read looks where it leads. A bell that nobody struck for long goes, which is heard as well.
 */
export function tellEarlierLives(directory: string, zone: string, own: string): void {
  for (const file of remainsOf(directory, zone, 'bell')) {
    if (file === own) continue
    if (isOld(file)) fs.rmSync(file, { force: true })
    else strike(file)
  }
}

function remainsOf(directory: string, zone: string, kind: 'draft' | 'bell'): string[] {
  const isRemains = (file: string): boolean => {
    return (
      file.startsWith(`${zone}.`) &&
      /^[0-9A-Z]{26}\.[a-z]+$/.test(file.slice(zone.length + 1)) &&
      file.endsWith(`.${kind}`)
    )
  }
  return fs
    .readdirSync(directory)
    .filter(isRemains)
    .map((file) => `${directory}/${file}`)
}

function isOld(file: string): boolean {
  const stat = fs.statSync(file, { throwIfNoEntry: false })
  return stat !== undefined && Date.now() - stat.mtimeMs > ABANDONED_AFTER
}

function strike(file: string): void {
  try {
    const fd = fs.openSync(file, O_WRONLY | O_NOFOLLOW)
    try {
      fs.writeSync(fd, BYTE, 0, 1, 0)
    } finally {
      fs.closeSync(fd)
    }
  } catch {
    // It has gone, or is none of ours. Who cannot be told finds out at a slow poll.
  }
}
