/** A follower: behind its worker, at its own pace, through losses and from one life of the zone to the next. */
import fs from 'node:fs'
import path from 'node:path'
import { Follower, type Step } from '../../src/api/follower.js'
import { WorkerEvents } from '../../src/index.js'
import { hasWrapped, publishMany, until } from '../expectations.js'
import { sessionOf } from './requests.js'
import { describeOnBothRegions, makeDirectory, removeDirectories } from '../subjects.js'

const all = (): boolean => true

/** Everything that there is to step over, but what was for others. */
function steps(follower: Follower): Step[] {
  const found: Step[] = []
  for (let step = follower.step(); step !== 'none'; step = follower.step()) if (step !== 'passed') found.push(step)
  return found
}

const shown = (found: readonly Step[]): unknown[] => {
  return found.map((step) => (typeof step === 'string' ? step : 'event' in step ? step.event.body : step.missed))
}

describeOnBothRegions('a follower', (subject) => {
  it('stays behind its worker', () => {
    const bus = subject.open()
    const follower = new Follower(sessionOf(bus), all, undefined)
    publishMany(bus, 2)
    expect(steps(follower)).toEqual([])
    bus.poll()
    expect(shown(steps(follower))).toEqual(['0', '1'])
    expect(steps(follower)).toEqual([])
  })

  it('starts now, although its worker may have yet to read what is older', () => {
    const bus = subject.open()
    publishMany(bus, 2)
    const follower = new Follower(sessionOf(bus), all, undefined)
    publishMany(bus, 1, 2)
    bus.poll()
    expect(shown(steps(follower))).toEqual(['2'])
  })

  it('passes by what does not match', () => {
    const bus = subject.open()
    const follower = new Follower(sessionOf(bus), (_, type) => type === 'b', undefined)
    for (const type of ['a', 'b', 'c', 'b']) bus.publish('letters', type, type)
    bus.poll()
    expect(shown(steps(follower))).toEqual(['"b"', '"b"'])
  })

  it('accounts for every generation, wherever it is lapped and however long that goes on', () => {
    const bus = subject.open({ onMissed: () => undefined })
    const follower = new Follower(sessionOf(bus), all, 0)
    let next = 1
    const account = (found: readonly Step[]): void => {
      for (const step of found) {
        if (typeof step === 'string') continue
        const { from, to } = 'missed' in step ? step.missed : { from: step.event.generation, to: step.event.generation }
        expect(from).toBe(next)
        if ('event' in step) expect(step.event.body).toBe(String(from - 1))
        next = to + 1
      }
    }
    for (let round = 0; !hasWrapped(bus) || round < 60; round++) {
      publishMany(bus, round % 20, bus.inspect({ limit: 1 }).newestGeneration)
      bus.poll()
      if (round % 3 > 0) account(steps(follower))
      else account([follower.step()])
    }
    account(steps(follower))
    expect(next).toBe(bus.inspect({ limit: 1 }).newestGeneration + 1)
  })

  it('goes on after a gap of its worker', () => {
    const bus = subject.open({ onMissed: () => undefined })
    const follower = new Follower(sessionOf(bus), all, undefined)
    publishMany(bus, 20)
    expect(steps(follower)).toEqual([])
    bus.poll()
    expect(shown(steps(follower))).toEqual([
      { from: 1, to: 12, count: 12 },
      ...['12', '13', '14', '15', '16', '17', '18', '19'],
    ])
  })

  it('shows what spans several entries', () => {
    const bus = subject.open()
    const follower = new Follower(sessionOf(bus), all, undefined)
    bus.publish('c', 't', 'x'.repeat(200))
    bus.publish('c', 't', Uint8Array.of(1, 2))
    bus.poll()
    expect(shown(steps(follower))).toEqual([`"${'x'.repeat(200)}"`, Uint8Array.of(1, 2)])
  })
})

describe('a follower of a zone that is made anew', () => {
  afterEach(removeDirectories)

  it('ends the old life before it begins the new one', async () => {
    const place = { zone: 'bus', directory: makeDirectory(), lifecycle: false }
    using veteran = WorkerEvents.open(place)
    const follower = new Follower(sessionOf(veteran), all, undefined)
    veteran.publish('zone', 'old', 1)
    fs.rmSync(path.join(place.directory, 'bus.zone'))
    using founder = WorkerEvents.open(place)
    founder.publish('zone', 'new', 2)
    const found: Step[] = []
    await until(() => found.push(...steps(follower)) >= 2)
    founder.publish('zone', 'new', 3)
    await until(() => found.push(...steps(follower)) >= 3)
    expect(shown(found)).toEqual(['1', '2', '3'])
  })
})
