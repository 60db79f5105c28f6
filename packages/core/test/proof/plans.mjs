/** Plans of simulations: what fast-check generates, and shrinks where a plan shows a violation. */
import fc from 'fast-check'
import { MOST_PLAYERS, Turn } from './baton.mjs'

const act = fc.record({
  length: fc.oneof(fc.integer({ min: 1, max: 14 }), fc.integer({ min: 60, max: 200 })),
  kind: fc.constantFrom('a', 'b', 'u'),
  key: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, fc.constantFrom('k', 'l')),
})

/** Payloads of more than one entry need a ring of eight. */
function fit(acts, capacity) {
  return capacity >= 8
    ? acts.map((one) => ({ ...one, kind: one.length > 14 && one.kind === 'u' ? 'a' : one.kind }))
    : acts.map((one) => ({ ...one, kind: 'b', length: Math.min(one.length, 14) }))
}

const turns = fc.array(
  fc.record({
    step: fc.nat({ max: 400 }),
    kind: fc.constantFrom(Turn.DEMOTE, Turn.DEMOTE, Turn.DEMOTE, Turn.DEMOTE, Turn.KILL, Turn.JUMP),
  }),
  { maxLength: 12 },
)

/** Where much is at stake: a player that is held back or killed there leaves something half done. */
const STAKES = [
  'write.reserved',
  'write.looked',
  'write.labelled-one',
  'write.labelled',
  'write.filling',
  'write.ready',
  'write.committed',
  'slot.voiding',
  'slot.judging',
  'slot.releasing',
  'read.loaded',
  'read.found',
  'read.copied',
  'read.checked',
  'claim.claiming',
  'claim.claimed',
  'key.drafting',
  'key.drafted',
  'key.resolved',
  'key.dated',
  'bell.looked',
  'bell.announced',
  'join.taken',
]

const holds = fc.array(
  fc.record({
    player: fc.nat({ max: 4 }),
    point: fc.constantFrom(...STAKES),
    pass: fc.integer({ min: 1, max: 4 }),
    kind: fc.constantFrom(Turn.DEMOTE, Turn.DEMOTE, Turn.KILL, Turn.DOOM),
  }),
  { maxLength: 4 },
)

/** @param most players there are */
export function plans(most = 5) {
  return fc
    .record({
      capacity: fc.constantFrom(1, 2, 3, 4, 8, 8),
      isOld: fc.boolean(),
      overflow: fc.constantFrom('overwrite', 'overwrite', 'overwrite', 'reject'),
      scripts: fc.array(fc.array(act, { maxLength: 5 }), { minLength: 2, maxLength: Math.min(most, MOST_PLAYERS) }),
      priorities: fc.uniqueArray(fc.integer({ min: 1, max: 50 }), { minLength: most, maxLength: most }),
      turns,
      holds,
      seed: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
      walk: fc.constantFrom(0, 0, 4, 15, 40),
    })
    .map(({ isOld, scripts, ...plan }) => ({
      ...plan,
      scripts: scripts.map((acts) => fit(acts, plan.capacity)),
      firstLap: isOld ? Math.floor(2 ** 50 / plan.capacity) - 2 : undefined,
    }))
}

const small = { length: 14, kind: 'b', key: undefined }
const byHand = { capacity: 8, overflow: 'overwrite', firstLap: undefined, turns: [], seed: 1, walk: 0 }

/**
 * Plans written by hand: too particular to be met by chance soon. Who fell once has priority -2, the next -4, and so on.
 */
export const classics = [
  // A publisher dies holding the only slot, another learns of it, an heir (who comes at -5, between) takes the dead one's
  // place, and stands with half a record written when that other comes back.
  {
    ...byHand,
    capacity: 1,
    priorities: [50, 40, -5],
    scripts: [[small], [small, small], [small]],
    holds: [
      { player: 0, point: 'write.filling', pass: 1, kind: Turn.DEMOTE },
      { player: 1, point: 'join.settled', pass: 1, kind: Turn.DEMOTE },
      { player: 0, point: 'write.filled', pass: 1, kind: Turn.KILL },
      { player: 1, point: 'write.committed', pass: 1, kind: Turn.DEMOTE },
      { player: 2, point: 'write.filling', pass: 1, kind: Turn.DEMOTE },
      { player: 1, point: 'write.committed', pass: 2, kind: Turn.DEMOTE },
      { player: 2, point: 'write.filled', pass: 1, kind: Turn.DEMOTE },
    ],
  },
  // A worker claims a unique event, another finds it claimed, and only then the claimant dies.
  {
    ...byHand,
    priorities: [40, 50],
    scripts: [[{ ...small, key: 'k' }], []],
    holds: [{ player: 1, point: 'claim.claimed', pass: 1, kind: Turn.DOOM }],
  },
  // A reader stands before its copy of an event of two entries; a lap later the second is overwritten, the first not yet.
  {
    ...byHand,
    priorities: [50, 40, 30],
    scripts: [[], [{ ...small, length: 180 }, ...Array(7).fill(small)], [small]],
    holds: [
      { player: 0, point: 'read.found', pass: 1, kind: Turn.DEMOTE },
      { player: 1, point: 'write.reserved', pass: 8, kind: Turn.DEMOTE },
    ],
  },
  // A ringer that recorded before it rang dies between, and another publishes. (What is right has no such point.)
  {
    ...byHand,
    priorities: [50, 30, 20],
    scripts: [[], [small], [small]],
    holds: [
      { player: 1, point: 'write.reserved', pass: 1, kind: Turn.DEMOTE },
      { player: 2, point: 'bell.recorded', pass: 1, kind: Turn.KILL },
    ],
  },
  // A reader is about to claim a unique event when its slot goes over to the next one.
  {
    ...byHand,
    capacity: 1,
    priorities: [50, 40],
    scripts: [
      [],
      [
        { ...small, key: 'k' },
        { ...small, key: 'l' },
      ],
    ],
    holds: [
      { player: 0, point: 'claim.claiming', pass: 1, kind: Turn.DEMOTE },
      { player: 1, point: 'write.committed', pass: 2, kind: Turn.DEMOTE },
    ],
  },
  // A worker that joins has noted the head, and its place does not count yet: a publisher that may overwrite nothing
  // unread goes a lap beyond.
  {
    ...byHand,
    capacity: 1,
    overflow: 'reject',
    priorities: [50, 40],
    scripts: [[], Array(6).fill(small)],
    holds: [{ player: 0, point: 'join.described', pass: 1, kind: Turn.DEMOTE }],
  },
]
