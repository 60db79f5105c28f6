/** The bell: who sleeps is struck for what was published since; who is awake costs nothing; tickets wrap. */
import fs from 'node:fs'
import { Bell } from '../../src/bell/bell.js'
import { FIRST_TICKET, Header } from '../../src/layout.js'
import { turns, until } from '../expectations.js'
import { atEveryStep, stoppedBefore } from '../interruption.js'
import type { Participant } from '../participant.js'
import { type Subject, type TestZone, describeOnBothRegions } from '../subjects.js'

/** A participant with a bell of its own. */
class Ringer {
  heard = 0
  readonly bell: Bell

  constructor(readonly participant: Participant) {
    this.bell = new Bell(participant.region, () => this.heard++)
  }

  get tickets(): { sleep: number; rung: number } {
    const { i32 } = this.participant.zone
    return { sleep: i32[Header.sleepTickets / 4], rung: i32[Header.rungTicket / 4] }
  }

  /** How often something strikes while `act` runs. */
  strikes(act: () => void): number {
    const { i32 } = this.participant.zone
    const before = i32[Header.bell / 4]
    const write = fs.writeSync.bind(fs)
    let writes = 0
    fs.writeSync = ((...args: Parameters<typeof write>) => {
      writes++
      return write(...args)
    }) as typeof fs.writeSync
    try {
      act()
    } finally {
      fs.writeSync = write
    }
    return writes + i32[Header.bell / 4] - before
  }
}

class Ringers {
  readonly #all: Ringer[] = []

  join(zone: TestZone): Ringer {
    const ringer = new Ringer(zone.join())
    this.#all.push(ringer)
    return ringer
  }

  close(): void {
    for (const { bell } of this.#all.splice(0)) bell.close()
  }
}

function describeBell(name: string, suite: (subject: Subject, join: (zone: TestZone) => Ringer) => void): void {
  describeOnBothRegions(name, (subject) => {
    const ringers = new Ringers()
    afterEach(() => ringers.close())
    suite(subject, (zone) => ringers.join(zone))
  })
}

describeBell('a publisher', (subject, join) => {
  it('strikes nothing while nobody sleeps', () => {
    const [one, two] = pair(subject, join)
    two.bell.listen()
    expect(one.strikes(() => one.bell.ring())).toBe(0)
  })

  it('strikes once for all who sleep, whatever the burst, and again for the next sleep', () => {
    const zone = subject.makeZone()
    const [one, two, three] = [join(zone), join(zone), join(zone)]
    for (let round = 0; round < 4; round++) {
      two.bell.announce()
      three.bell.announce()
      const burst = (): void => {
        for (let count = 0; count < 10; count++) one.bell.ring()
      }
      expect(one.strikes(burst)).toBe(1)
      two.bell.wake()
      three.bell.wake()
    }
    expect(one.tickets.sleep).toBe((FIRST_TICKET + 8) | 0)
    expect(one.tickets.sleep).toBeLessThan(0)
    expect(one.tickets.rung).toBe(one.tickets.sleep)
  })

  it('wakes itself without a strike if it alone sleeps', () => {
    const [one] = pair(subject, join)
    one.bell.announce()
    expect(one.strikes(() => one.bell.ring())).toBe(0)
    expect(one.tickets.rung).toBe(one.tickets.sleep)
  })

  it('strikes if another sleeps besides itself', () => {
    const [one, two] = pair(subject, join)
    two.bell.announce()
    one.bell.announce()
    expect(one.strikes(() => one.bell.ring())).toBe(1)
  })

  it('strikes for one who fell asleep after it woke itself', () => {
    const [one, two] = pair(subject, join)
    one.bell.announce()
    one.bell.ring()
    two.bell.announce()
    expect(one.strikes(() => one.bell.ring())).toBe(1)
  })

  it('strikes in any case when it sounds the alarm', () => {
    const [one] = pair(subject, join)
    expect(one.strikes(() => one.bell.alarm())).toBe(1)
  })

  it('strikes before it records the strike: when it dies at any step, the next publisher strikes if it did not', () => {
    const zone = subject.makeZone()
    const [dead, next, sleeper] = [join(zone), join(zone), join(zone)]
    const steps = atEveryStep((step) => {
      sleeper.bell.announce()
      let isReached = false
      const die = (): void => {
        isReached = true
        throw new Error('killed')
      }
      const first = next.strikes(() => {
        try {
          stoppedBefore(step, () => dead.bell.ring(), die)
        } catch (error) {
          expect(error).toEqual(new Error('killed'))
        }
      })
      const second = next.strikes(() => next.bell.ring())
      expect(first + second).toBeGreaterThanOrEqual(1)
      return isReached
    })
    expect(steps).toBeGreaterThanOrEqual(3)
  })
})

function pair(subject: Subject, join: (zone: TestZone) => Ringer): [Ringer, Ringer] {
  const zone = subject.makeZone()
  return [join(zone), join(zone)]
}

describeBell('a worker that falls asleep', (subject, join) => {
  it('sees the event at its last look or is struck, wherever it or the publisher is stopped', () => {
    const [sleeper, publisher] = pair(subject, join)
    const fallAsleep = (): boolean => {
      sleeper.bell.announce()
      return !sleeper.participant.reader.isDecided
    }
    const publish = (): void => {
      publisher.participant.write()
      publisher.bell.ring()
    }
    for (const [stopped, other] of [
      ['sleeper', 'publisher'],
      ['publisher', 'sleeper'],
    ] as const) {
      const acts = { sleeper: () => (sleeps = fallAsleep()), publisher: publish }
      let sleeps = false
      const steps = atEveryStep((step) => {
        sleeper.participant.reader.seek(sleeper.participant.zone.head())
        let isReached = false
        const strikes = publisher.strikes(() => {
          isReached = stoppedBefore(step, acts[stopped], acts[other]).reached
          if (!isReached) acts[other]()
        })
        expect(sleeps && strikes === 0).toBe(false)
        sleeper.bell.wake()
        return isReached
      })
      expect(steps).toBeGreaterThanOrEqual(2)
    }
  })
})

describeBell('a listener', (subject, join) => {
  it('hears a strike of another, every time', async () => {
    const [one, two] = pair(subject, join)
    two.bell.listen()
    for (let round = 1; round <= 5; round++) {
      const { heard } = two
      two.bell.announce()
      one.bell.ring()
      await until(() => two.heard > heard)
      two.bell.wake()
    }
    expect(one.tickets.sleep).toBeLessThan(0)
  })

  it('is not alone: every listener hears the strike', async () => {
    const zone = subject.makeZone()
    const ringers = [join(zone), join(zone), join(zone)]
    for (const { bell } of ringers) bell.listen()
    ringers[0].bell.alarm()
    await until(() => ringers.every(({ heard }) => heard > 0))
  })

  it('hears nothing any more once it is mute, and again when it listens', async () => {
    const zone = subject.makeZone()
    const [one, mute, other] = [join(zone), join(zone), join(zone)]
    mute.bell.listen()
    other.bell.listen()
    one.bell.alarm()
    await until(() => mute.heard > 0 && other.heard > 0)
    mute.bell.mute()
    const [before, others] = [mute.heard, other.heard]
    one.bell.alarm()
    await until(() => other.heard > others)
    await turns()
    expect(mute.heard).toBe(before)
    mute.bell.listen()
    one.bell.alarm()
    await until(() => mute.heard > before)
  })

  it('may listen twice and close at any time', async () => {
    const [one, two] = pair(subject, join)
    two.bell.listen()
    two.bell.listen()
    one.bell.alarm()
    await until(() => two.heard > 0)
    two.bell.mute()
    two.bell.mute()
  })
})
