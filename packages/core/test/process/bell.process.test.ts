/** The bell: with the slow poll as good as switched off, whoever sleeps is woken for everything that is published. */
import { setTimeout as delay } from 'node:timers/promises'
import { type Member, fleetOfEachTest } from './fleet.js'
import { randomFrom } from './random.mjs'

const fleet = fleetOfEachTest()
const ROUNDS = 1000

async function open(members: readonly Member[]): Promise<void> {
  for (const member of members) await member.order('open', { pollInterval: 600_000 })
}

async function openAnswerers(count: number): Promise<void> {
  const answerers = await fleet.now.launchAll(count, 'echo.mjs')
  await open(answerers)
  for (const answerer of answerers) await answerer.order('answer')
}

describe('sleepers that nothing but the bell wakes', () => {
  // With few of them, nobody else's strike makes up for one that is lost; with several, strikes meet.
  it.each([
    [1, 1],
    [2, 3],
  ])(
    'answer every ping, each sent only when all have answered the last (%i who ping, %i who answer)',
    async (...counts) => {
      const [pinging, answers] = counts
      await openAnswerers(answers)
      const pingers = await fleet.now.launchAll(pinging, 'echo.mjs')
      await open(pingers)
      await Promise.all(pingers.map((pinger, seed) => pinger.order('ping', { rounds: ROUNDS, answers, seed })))
    },
  )

  it('are woken by the next who publishes when one who rang was killed at any moment', async () => {
    const answers = 3
    await openAnswerers(answers)
    const [steady] = await fleet.now.launchAll(1, 'echo.mjs')
    await open([steady])
    const random = randomFrom(1)
    for (let round = 0; round < 10; round++) {
      const killed = await fleet.now.launch('echo.mjs')
      await open([killed])
      const pinging = killed.order('ping', { rounds: Infinity, answers, seed: 100 + round }).catch(() => 'killed')
      await delay(random() * 50)
      await killed.kill()
      expect(await pinging).toBe('killed')
      await steady.order('ping', { rounds: 10, answers, seed: 200 + round })
    }
  })
})
