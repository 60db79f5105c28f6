/** The bell: with the slow poll as good as switched off, whoever sleeps is woken for everything that is published. */
import { setTimeout as delay } from 'node:timers/promises'
import { type Member, fleetOfEachTest } from './fleet.js'
import { randomFrom } from './random.mjs'

const fleet = fleetOfEachTest()
const ANSWERERS = 3
const ROUNDS = 1000

async function open(members: readonly Member[]): Promise<void> {
  for (const member of members) await member.order('open', { pollInterval: 600_000 })
}

async function openAnswerers(): Promise<void> {
  const answerers = await fleet.now.launchAll(ANSWERERS, 'echo.mjs')
  await open(answerers)
  for (const answerer of answerers) await answerer.order('answer')
}

describe('sleepers that nothing but the bell wakes', () => {
  it('miss no ping of two that ping at once, each ping sent only after everybody answered the last', async () => {
    await openAnswerers()
    const pingers = await fleet.now.launchAll(2, 'echo.mjs')
    await open(pingers)
    const pinging = pingers.map((pinger, seed) => pinger.order('ping', { rounds: ROUNDS, answers: ANSWERERS, seed }))
    await Promise.all(pinging)
  })

  it('are woken by the next who publishes when one who rang was killed at any moment', async () => {
    await openAnswerers()
    const [steady] = await fleet.now.launchAll(1, 'echo.mjs')
    await open([steady])
    const random = randomFrom(1)
    for (let round = 0; round < 10; round++) {
      const killed = await fleet.now.launch('echo.mjs')
      await open([killed])
      const pinging = killed
        .order('ping', { rounds: Infinity, answers: ANSWERERS, seed: 100 + round })
        .catch(() => 'killed')
      await delay(random() * 50)
      await killed.kill()
      expect(await pinging).toBe('killed')
      await steady.order('ping', { rounds: 10, answers: ANSWERERS, seed: 200 + round })
    }
  })
})
