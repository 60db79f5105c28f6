/** A witness: a process that runs `witness.mjs`, and the life that it writes down. */
import fs from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { OpenOptions } from '../../dist/index.js'
import { type Life, clock } from './chronicle.js'
import { type Fleet, type Member, until } from './fleet.js'
import { holdersIn } from './slots.js'

/** Zone that witnesses open. */
export const ZONE = 'storm'

/** What a witness does. */
export interface Role {
  readonly reads: boolean
  readonly publishes: boolean
  /** Longest pause between two bursts of a publisher, in milliseconds. */
  readonly pause: number
}

/** How far a witness has come. */
export interface Progress {
  readonly published: number
  readonly received: number
  readonly missed: number
}

export class Witness {
  readonly member: Member
  readonly life: Life
  readonly publishes: boolean
  /** Resolves when it takes part; rejects if it never does. */
  readonly begun: Promise<void>
  /** Its worker id; -1 until it takes part. */
  place = -1
  readonly #directory: string

  /** @param number tells witnesses apart; chooses what this one publishes, together with the seed */
  constructor(fleet: Fleet, number: number, seed: number, role: Role, options: Partial<OpenOptions>) {
    this.#directory = fleet.directory
    this.publishes = role.publishes
    this.life = { number, file: path.join(fleet.directory, `log-${number}`), end: Infinity }
    fs.writeFileSync(this.life.file, '')
    this.member = fleet.start('witness.mjs')
    const given = { number, seed: seed + number, file: this.life.file, options, ...role }
    this.begun = this.member.order<number>('begin', given).then((worker) => void (this.place = worker))
  }

  /** Publishes so many events now; resolves with the generation of the last. */
  async publish(count: number): Promise<number> {
    return this.member.order<number>('publish', count)
  }

  /** How far it has read. */
  async cursor(): Promise<number> {
    return this.member.order<number>('cursor')
  }

  async progress(): Promise<Progress> {
    return this.member.order<Progress>('progress')
  }

  /** Slots that it holds: some if it is in the midst of a publish, or was when it was stopped or killed. */
  get slotsHeld(): number {
    return holdersIn(this.#directory, ZONE).filter((holder) => holder === this.place).length
  }

  /** Stops it in the midst of a publish (of so many entries) if one of the attempts meets it there; else it runs on. */
  async stopInPublish(entries = 1, attempts = 1000): Promise<boolean> {
    for (let attempt = 0; attempt < attempts; attempt++) {
      await this.member.stop()
      if (this.slotsHeld >= entries) return true
      this.member.resume()
      // On a busy machine it takes a while to get somewhere else.
      await delay(4)
    }
    return false
  }

  async kill(): Promise<void> {
    this.life.end = clock()
    await this.member.kill()
  }
}

/** Has witnesses stop publishing, read what is left and write it down; resolves when all have. */
export async function calm(witnesses: readonly Witness[]): Promise<void> {
  const all = <Answer>(order: string): Promise<Answer[]> =>
    Promise.all(witnesses.map(({ member }) => member.order<Answer>(order)))
  await Promise.all(witnesses.map(({ begun }) => begun))
  await all('quiet')
  await until('every witness has read everything', async () => {
    return (await all<number>('unread')).every((count) => count === 0)
  })
  await all('flush')
  for (const { life } of witnesses) life.end = clock()
}
