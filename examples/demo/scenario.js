// The scenario: what a visitor would do with curl, and what must come of it. It sees nothing but HTTP answers.

import assert from 'node:assert/strict'
import http from 'node:http'
import { json } from 'node:stream/consumers'

/** Plays it against a service of `count` processes. @throws AssertionError if one of them answers otherwise */
export async function play(url, count) {
  const askAll = () => askUntilAllAnswered(`${url}/products/7`, count)

  say(`1. Ask for product 7 until all ${count} processes have answered: each reads the slow source for itself.`)
  const filled = await askAll()
  checkAll(filled, ({ cache }) => cache === 'miss', 'a miss')

  say('2. Ask again: each has it in its own memory.')
  const cached = await askAll()
  checkAll(cached, ({ cache, pid, product }) => cache === 'hit' && isSame(product, filled.get(pid)), 'a hit')

  say('3. Purge it, through whichever process gets the request.')
  const first = await purge(url, filled)

  say('4. Ask again: none of them may have it any more.')
  const refilled = await askAll()
  checkAll(refilled, ({ cache, pid, product }) => cache === 'miss' && isNewer(product, filled.get(pid)), 'a miss')

  say('5. Once more, through another process.')
  const second = await purge(url, refilled)
  assert.notEqual(second.pid, first.pid, 'the second purge must have reached another process')
  const last = await askAll()
  checkAll(last, ({ cache, pid, product }) => cache === 'miss' && isNewer(product, refilled.get(pid)), 'a miss')

  say(`A request to any one of the processes emptied the entry in all ${count}.`)
}

async function purge(url, processes) {
  const answer = await ask('POST', `${url}/purge/7`)
  assert.ok(processes.has(answer.pid) && answer.generation > 0, 'the purge must be published by one of the processes')
  confirm(`published by worker ${answer.worker} (pid ${answer.pid}) as generation ${answer.generation}`)
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

function ask(method, url) {
  return new Promise((resolve, reject) => {
    // Without an agent each request has a connection of its own.
    const request = http.request(url, { method, agent: false }, (response) => json(response).then(resolve, reject))
    request.once('error', reject).end()
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
