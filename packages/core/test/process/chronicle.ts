/**
 * What the workers of a storm wrote down, and what must hold of it whatever was killed.
 *
 * Times are milliseconds of the clock that all processes share. Forbidden, and looked for here: a torn event; an event
 * delivered twice or out of order; another event under the same generation; an event that is neither received nor counted
 * as missed; a reader that stands still while others publish.
 */
import fs from 'node:fs'
import { Kind, RECORD } from './record.mjs'

/** One worker's life: the file it wrote, and when it was killed (in milliseconds of the shared clock). */
export interface Life {
  readonly number: number
  readonly file: string
  end: number
}

/** The shared clock. */
export function clock(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000
}

interface Entry {
  readonly kind: number
  readonly generation: number
  readonly first: number
  readonly second: number
  readonly time: number
}

/** What came to light. Nothing may violate what must hold. */
export class Verdict {
  readonly violations: string[] = []
  received = 0
  missed = 0
  published = 0
  /** By generation: the event that was published or received there, as publisher and counter. */
  readonly #events = new Map<number, string>()
  readonly #acknowledged: { generation: number; time: number }[] = []

  constructor(lives: readonly Life[]) {
    const chronicles = lives.map((life) => ({ life, entries: readEntries(life.file) }))
    for (const { life, entries } of chronicles) this.#gather(life, entries)
    this.#acknowledged.sort((a, b) => a.generation - b.generation)
    const times = Float64Array.from(this.#acknowledged.map(({ time }) => time)).sort()
    const readers = chronicles.filter(({ entries }) => entries.some(({ kind }) => kind === Kind.BEGAN))
    for (const { life, entries } of readers) {
      this.#checkOrder(life, entries)
      this.#checkLosses(life, entries)
      this.#checkStalls(life, entries, times)
    }
  }

  #object(life: Life, what: string): void {
    this.violations.push(`worker ${life.number} ${what}`)
  }

  /** One generation, one event, whoever speaks of it. */
  #gather(life: Life, entries: readonly Entry[]): void {
    for (const { kind, generation, first, second, time } of entries) {
      if (kind === Kind.TORN) this.#object(life, `received a torn event at generation ${generation}`)
      if (kind === Kind.FAILED) this.#object(life, 'met an event that it could not decode')
      if (kind === Kind.MISSED) this.missed += second
      if (kind !== Kind.RECEIVED && kind !== Kind.PUBLISHED) continue
      const event = `${first}/${second}`
      const known = this.#events.get(generation)
      if (known !== undefined && known !== event) {
        this.#object(life, `has ${event} at generation ${generation}, another has ${known}`)
      }
      this.#events.set(generation, event)
      if (kind === Kind.RECEIVED) this.received++
      else this.#acknowledged.push({ generation, time })
    }
    this.published = this.#acknowledged.length
  }

  /** Generations ascend at a reader, and so do the counters of each publisher; nothing comes twice. */
  #checkOrder(life: Life, entries: readonly Entry[]): void {
    const counters = new Map<number, number>()
    let last = 0
    for (const { kind, generation, first, second } of entries) {
      if (kind === Kind.MISSED) {
        if (generation <= last || first < generation)
          this.#object(life, `missed ${generation} to ${first} after ${last}`)
        last = first
      }
      if (kind !== Kind.RECEIVED) continue
      if (generation <= last) this.#object(life, `received generation ${generation} after ${last}`)
      if (second <= (counters.get(first) ?? 0)) this.#object(life, `received ${first}/${second} twice or too late`)
      counters.set(first, second)
      last = generation
    }
  }

  /** Between a reader's first and last event, all that was published was received or counted as missed. */
  #checkLosses(life: Life, entries: readonly Entry[]): void {
    const seen = entries.filter(({ kind }) => kind === Kind.RECEIVED || kind === Kind.MISSED)
    let next = this.#acknowledged.findIndex(({ generation }) => generation >= (seen.at(0)?.generation ?? Infinity))
    if (next < 0) return
    for (const { kind, generation, first } of seen) {
      const covered = kind === Kind.MISSED ? first : generation
      for (; next < this.#acknowledged.length; next++) {
        const published = this.#acknowledged[next].generation
        if (published > covered) break
        if (published < generation) this.#object(life, `never heard of generation ${published}`)
      }
    }
  }

  /** No reader stands still for longer than two seconds while others publish. */
  #checkStalls(life: Life, entries: readonly Entry[], times: Float64Array): void {
    let last: number | undefined
    const look = (time: number): void => {
      if (last !== undefined && time - last > 2000) {
        const from = last
        const meanwhile = times.filter((published) => published > from && published < time - 2000).length
        if (meanwhile > 0) this.#object(life, `stood still for ${time - from} ms while ${meanwhile} were published`)
      }
    }
    for (const { kind, time } of entries) {
      if (kind === Kind.PUBLISHED) continue
      look(time)
      last = time
    }
    look(life.end)
  }
}

function readEntries(file: string): Entry[] {
  const bytes = fs.readFileSync(file)
  const whole = bytes.length - (bytes.length % (8 * RECORD))
  const numbers = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + whole))
  return Array.from({ length: numbers.length / RECORD }, (_, index) => {
    const [kind, generation, first, second, time] = numbers.subarray(index * RECORD, index * RECORD + RECORD)
    return { kind, generation, first, second, time }
  })
}
