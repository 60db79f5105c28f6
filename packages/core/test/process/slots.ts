/** The slots of a zone as an onlooker sees them: through the zone's file, without attaching. */
import fs from 'node:fs'
import path from 'node:path'
import { Geometry, isHeld, ownerIn } from '../../src/layout.js'
import { readDimensions } from '../../src/region/zone.js'

/** Worker ids of those who hold slots of a zone at this moment, by slot. */
export function holdersIn(directory: string, zone: string): number[] {
  const memory = fs.readFileSync(path.join(directory, `${zone}.zone`))
  const { statesAt, capacity } = new Geometry(readDimensions(memory))
  const words = Array.from({ length: capacity }, (_, slot) => memory.readInt32LE(statesAt + 4 * slot))
  return words.filter(isHeld).map(ownerIn)
}
