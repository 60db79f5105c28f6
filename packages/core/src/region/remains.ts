/** What creators that died and earlier lives of a zone left in its directory: drafts, and bells that may still be heard. */
import { Buffer } from 'node:buffer'
import fs from 'node:fs'
import path from 'node:path'

const { O_WRONLY, O_NOFOLLOW } = fs.constants
const BYTE = Buffer.from([0])

/** Nobody makes a zone for so long, in milliseconds. */
const ABANDONED_AFTER = 60_000

/** Removes drafts of creators that died: they take the space of the zone that is to be made. */
export function removeDrafts(directory: string, zone: string): void {
  for (const file of remainsOf(directory, zone, 'draft')) if (isAbandoned(file)) fs.rmSync(file, { force: true })
}

/**
 * Tells the workers of lives before this one that the zone's name leads elsewhere now: who hears a strike looks
 * where it leads. Nobody comes to those lives any more, and who is there has their bells open: the files go.
 */
export function tellEarlierLives(directory: string, zone: string, epoch: string): void {
  for (const file of remainsOf(directory, zone, 'bell')) {
    // Epochs are ordered by time. A later life may be in use by now.
    if (path.basename(file) >= `${zone}.${epoch}`) continue
    retire(file)
  }
}

function remainsOf(directory: string, zone: string, kind: 'draft' | 'bell'): string[] {
  const ofKind = new RegExp(`^[0-9A-Z]{26}\\.${kind}$`)
  const files = fs.readdirSync(directory).filter((file) => {
    return file.startsWith(`${zone}.`) && ofKind.test(file.slice(zone.length + 1))
  })
  return files.map((file) => path.join(directory, file))
}

function isAbandoned(file: string): boolean {
  const stat = fs.statSync(file, { throwIfNoEntry: false })
  return stat !== undefined && Date.now() - stat.mtimeMs > ABANDONED_AFTER
}

/** Strikes a bell and removes its file. Never throws: the zone that is made stands already. */
function retire(file: string): void {
  try {
    const fd = fs.openSync(file, O_WRONLY | O_NOFOLLOW)
    try {
      fs.writeSync(fd, BYTE, 0, 1, 0)
    } finally {
      fs.closeSync(fd)
    }
    fs.rmSync(file, { force: true })
  } catch {
    // It has gone, or is none of ours. Who cannot be told finds out at a slow poll.
  }
}
