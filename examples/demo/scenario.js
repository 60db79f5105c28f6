// The scenario: what a visitor would do with curl, and what must come of it. It sees nothing but HTTP answers.

import assert from 'node:assert/strict'
import http from 'node:http'
import { json } from 'node:stream/consumers'

/** Plays it against a service of `count` processes. @throws AssertionError if one of them answers otherwise */
export async function play(url, count, key) {
  const askAll = (path) => askUntilAllAnswered(url + path, count)

  say(`1. Ask for product 7 until all ${count} processes have answered: each reads the slow source for itself.`)
  const filled = await askAll('/products/7')
  checkAll(filled, ({ cache }) => cache === 'miss', 'a miss')

  say('2. Ask again: each has it in its own memory.')
  const cached = await askAll('/products/7')
  checkAll(cached, ({ cache, pid, product }) => cache === 'hit' && isSame(product, filled.get(pid)), 'a hit')

  say('3. Purge it, through whichever process gets the request: none of them may have it any more.')
  const first = await purge(url, filled)
  const refilled = await askAll('/products/7')
  checkAll(refilled, ({ cache, pid, product }) => cache === 'miss' && isNewer(product, filled.get(pid)), 'a miss')

  say('4. Once more, through another process.')
  const second = await purge(url, refilled)
  assert.notEqual(second.pid, first.pid, 'the second purge must have reached another process')
  const again = await askAll('/products/7')
  checkAll(again, ({ cache, pid, product }) => cache === 'miss' && isNewer(product, refilled.get(pid)), 'a miss')

  say('5. Now as an operator, through the admin route, which asks for a key.')
  await publish(url, key)
  const last = await askAll('/products/7')
  checkAll(last, ({ cache, pid, product }) => cache === 'miss' && isNewer(product, again.get(pid)), 'a miss')

  say('6. Ask what the observable of each process has counted.')
  checkAll(await askAll('/purges'), ({ purges }) => purges['7'] === 3, 'three purges')

  say('7. Look at the ring, through the admin route.')
  await inspect(url, count)

  say(`A request to any one of the processes emptied the entry in all ${count}.`)
}

/** As an operator. */
async function publish(url, key) {
  const path = `${url}/internal/worker-events`
  const body = JSON.stringify({ type: 'purged', payload: { id: '7' } })
  const refused = await ask('POST', path, { body })
  assert.equal(refused.code, 'ERR_UNAUTHORIZED', 'nobody may publish without the key')
  const { status, generation } = await ask('POST', path, { body, headers: { authorization: `Bearer ${key}` } })
  assert.equal(status, 'published')
  confirm(`refused without the key, and with it published as generation ${generation}`)
  // As its workers read: whoever publishes by HTTP can look who has.
  while (!(await ask('GET', path)).workers.every(({ cursor }) => cursor >= generation));
}

async function inspect(url, count) {
  const { events, workers } = await ask('GET', `${url}/internal/worker-events`)
  assert.deepEqual(
    events.map(({ type }) => type),
    ['purged', 'purged', 'purged'],
  )
  assert.equal(workers.length, count)
  confirm(`three events, and ${workers.length} workers that have read them`)
}

async function purge(url, processes) {
  const answer = await ask('POST', `${url}/purge/7`)
  assert.ok(processes.has(answer.pid) && answer.generation > 0, 'the purge must be published by one of the processes')
  confirm(`published by pid ${answer.pid} as generation ${answer.generation}`)
  return answer
}

/** Asks over fresh connections, which reach the processes in turn; the first answer of each, by pid. */
async function askUntilAllAnswered(url, count) {
  const answers = new Map()
  for (let asked = 0; answers.size < count && asked < 10 * count; asked++) {
    const answer = await ask('GET', url)
    if (!answers.has(answer.pid)) answers.set(answer.pid, answer)
  }
  assert.equal(answers.size, count, `${count} processes must answer, but ${answers.size} did`)
  return answers
}

function ask(method, url, { body = '', headers = {} } = {}) {
  return new Promise((resolve, reject) => {
    // Without an agent each request has a connection of its own.
    const options = { method, agent: false, headers: { 'content-type': 'application/json', ...headers } }
    const request = http.request(url, options, (response) => json(response).then(resolve, reject))
    request.once('error', reject).end(body)
  })
}

function checkAll(answers, isRight, expected) {
  for (const answer of answers.values()) {
    assert.ok(isRight(answer), `${expected} was expected, but a process answered ${JSON.stringify(answer)}`)
  }
  confirm(`${answers.size} processes answered, each with ${expected}`)
}

/** `before` is `undefined` for a process that was not there before: then it is not the same either. */
const isSame = (product, before) => product.readAt === before?.product.readAt
const isNewer = (product, before) => product.readAt > before?.product.readAt

function say(text) {
  console.log(`\n${text}`)
}

function confirm(text) {
  console.log(`  ✓ ${text}`)
}
