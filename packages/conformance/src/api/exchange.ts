/** One row of the contract: what is asked under which circumstances, and exactly what is answered. */
import type { Answer, Client, Question } from './client.js'
import { documentHeaders } from './documents.js'
import { type Mount, type Peculiarities, type Setting, Stage } from './stage.js'

export interface Exchange extends Setting {
  /** Completes "it …". */
  readonly name: string
  /** What was there before. */
  readonly given?: (stage: Stage) => void
  readonly question: Question
  readonly status: number
  /** Beside those that every document has. */
  readonly headers?: Record<string, string>
  /** The body of the answer, or how it comes about. */
  readonly body: string | ((stage: Stage) => string)
  /** What must hold afterwards. */
  readonly after?: (stage: Stage, client: Client) => Promise<void> | void
}

/** Runs exchanges as tests, each on a stage of its own. The connection must be usable after every one of them. */
export function testExchanges(exchanges: readonly Exchange[], mount: Mount, peculiarities: Peculiarities): void {
  it.each(exchanges)('$name', async (exchange) => {
    const { zone, bus, api } = exchange
    const setting = { bus: { pollInterval: 0, ...bus }, ...(zone && { zone }), ...(api && { api }) }
    const stage = await Stage.set(mount, setting, peculiarities)
    try {
      await play(exchange, stage)
    } finally {
      await stage.clear()
    }
  })
}

async function play({ given, question, status, headers, body, after }: Exchange, stage: Stage): Promise<void> {
  given?.(stage)
  const client = stage.client()
  const before = shownBy(stage)
  const answer = await client.ask(question)
  const text = typeof body === 'string' ? body : body(stage)
  expect(answer).toEqual<Answer>({
    status,
    headers: { ...documentHeaders(text), ...headers },
    body: question.method === 'HEAD' ? '' : text,
    isReused: false,
  })
  if (status >= 400) expect(shownBy(stage)).toEqual(before)
  const next = await client.ask()
  expect({ isAnswer: next.status >= 200, isReused: next.isReused }).toEqual({ isAnswer: true, isReused: true })
  await after?.(stage, client)
  expect(stage.reported).toEqual([])
}

/** All that a refused request may not change. */
function shownBy({ bus }: Stage): unknown {
  return bus.closed ? undefined : { ...bus.inspect(), workers: [] }
}
