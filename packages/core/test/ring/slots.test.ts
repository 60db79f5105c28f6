/** Decisions about generations: a timeout decides the event, only proof of death decides the memory. */
import { NOBODY, Phase } from '../../src/layout.js'
import { until } from '../expectations.js'
import type { Participant } from '../participant.js'
import { type Subject, describeOnBothRegions } from '../subjects.js'

function join(subject: Subject, ringSize = 4): [Participant, Participant, Participant] {
  const zone = subject.makeZone({ ringSize })
  return [zone.join(), zone.join(), zone.join()]
}

const stateOf = (who: Participant, generation: number): [number, number] => {
  const { phase, owner } = who.stateOf(generation)
  return [phase, owner]
}

describeOnBothRegions('a judge of an entry that is labelled and not committed', (subject) => {
  it('leaves it to a living writer until the wait is over', () => {
    const [writer, judge] = join(subject)
    const generation = writer.stall()
    judge.slots.judge(generation, false)
    expect(stateOf(judge, generation)).toEqual([Phase.BUSY, writer.worker])
  })

  it('decides after the wait that there is no event, and leaves the memory to the living writer', () => {
    const [writer, judge] = join(subject)
    const generation = writer.stall()
    judge.slots.judge(generation, true)
    expect(stateOf(judge, generation)).toEqual([Phase.STALE, writer.worker])
    writer.letGo(generation)
    expect(stateOf(judge, generation)).toEqual([Phase.VOID, NOBODY])
  })

  it('frees it at once when its writer is dead', () => {
    const [writer, judge] = join(subject)
    const generation = writer.stall()
    writer.die()
    judge.slots.judge(generation, false)
    expect(stateOf(judge, generation)).toEqual([Phase.VOID, NOBODY])
  })

  it.each([true, false])('changes nothing that is decided (wait over: %s)', (isOver) => {
    const [writer, judge] = join(subject)
    const committed = writer.write()
    const released = writer.stall()
    writer.letGo(released)
    judge.slots.judge(committed, isOver)
    judge.slots.judge(released, isOver)
    expect(stateOf(judge, committed)).toEqual([Phase.COMMITTED, NOBODY])
    expect(stateOf(judge, released)).toEqual([Phase.VOID, NOBODY])
  })

  it('does not touch the entry of another lap', () => {
    const [writer, judge] = join(subject)
    const old = writer.write()
    for (let count = 0; count < 3; count++) writer.write()
    const newer = writer.stall()
    expect(newer).toBe(old + 4)
    judge.slots.judge(old, true)
    expect(stateOf(judge, newer)).toEqual([Phase.BUSY, writer.worker])
  })
})

describeOnBothRegions('a judge of a generation that nobody has labelled', (subject) => {
  it('decides that there is no event', () => {
    const [writer, judge] = join(subject)
    const generation = writer.draw()
    judge.slots.decideVoid(generation)
    expect(stateOf(judge, generation)).toEqual([Phase.VOID, NOBODY])
    expect(judge.reader.isDecided).toBe(true)
  })

  it('counts the event of the lap before as overwritten, once for all judges', () => {
    const [writer, one, two] = join(subject)
    for (let count = 0; count < 4; count++) writer.write()
    const generation = writer.draw()
    one.slots.decideVoid(generation)
    two.slots.decideVoid(generation)
    expect([one.slots.overwritten, two.slots.overwritten, writer.slots.overwritten]).toEqual([1, 0, 0])
  })

  it('leaves the memory to a living writer who still holds it from a lap before', async () => {
    const [holder, writer, judge] = join(subject)
    const held = holder.stall()
    for (let count = 0; count < 3; count++) writer.write()
    const generation = writer.draw()
    judge.slots.decideVoid(generation)
    expect(stateOf(judge, generation)).toEqual([Phase.STALE, holder.worker])
    holder.die()
    const next = writer.draw(4) + 3
    expect(next % 4).toBe(held % 4)
    await until(() => judge.slots.isDead(holder.worker))
    judge.slots.decideVoid(next)
    expect(stateOf(judge, next)).toEqual([Phase.VOID, NOBODY])
  })

  it('does nothing where it was labelled meanwhile, or lapped', () => {
    const [writer, judge] = join(subject)
    const labelled = writer.stall()
    judge.slots.decideVoid(labelled)
    expect(stateOf(judge, labelled)).toEqual([Phase.BUSY, writer.worker])
    const lapped = writer.draw()
    writer.draw(8)
    const before = judge.stateOf(lapped).word
    judge.slots.decideVoid(lapped)
    expect(judge.stateOf(lapped).word).toBe(before)
  })
})

describeOnBothRegions('the release of a slot', (subject) => {
  it('gives back what is held by this worker, at whatever lap it stands by now', () => {
    const [holder, writer] = join(subject)
    const held = holder.stall()
    for (let count = 0; count < 9; count++) writer.write()
    const before = holder.stateOf(held)
    expect(before).toMatchObject({ phase: Phase.STALE, owner: holder.worker })
    holder.letGo(held)
    expect(holder.stateOf(held).word >>> 12).toBe(before.word >>> 12)
    expect(stateOf(holder, held)).toEqual([Phase.VOID, NOBODY])
  })

  it('changes nothing that another holds, or nobody', () => {
    const [one, two] = join(subject)
    const held = one.stall()
    const committed = one.write()
    two.letGo(held)
    two.letGo(committed)
    expect(stateOf(two, held)).toEqual([Phase.BUSY, one.worker])
    expect(stateOf(two, committed)).toEqual([Phase.COMMITTED, NOBODY])
  })
})

describeOnBothRegions('the proof of death', (subject) => {
  it('is never given for a living worker, for oneself, or for nobody', () => {
    const [one, two] = join(subject)
    expect(one.slots.isDead(two.worker)).toBe(false)
    expect(one.slots.isDead(one.worker)).toBe(false)
    expect(one.slots.isDead(NOBODY)).toBe(false)
  })

  it('is given for one that died, left, or never was', () => {
    const [one, two, three] = join(subject)
    two.die()
    three.leave()
    expect([two.worker, three.worker, 3].map((worker) => one.slots.isDead(worker))).toEqual([true, true, true])
  })
})
