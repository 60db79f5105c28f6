/** The one door of the package: exactly these names, so that none comes or goes without somebody meaning it. */
import fs from 'node:fs'
import path from 'node:path'
import ts from 'typescript'
import * as index from '../src/index.js'

const file = path.join(import.meta.dirname, '../src/index.ts')

/** The names that the door exports as types. */
function exportedTypes(): string[] {
  const source = ts.createSourceFile(file, fs.readFileSync(file, 'utf8'), ts.ScriptTarget.ES2022)
  return source.statements.flatMap((statement) => {
    if (!ts.isExportDeclaration(statement)) throw new Error('the door only passes on what is written elsewhere')
    const clause = statement.exportClause
    if (clause === undefined || !ts.isNamedExports(clause)) throw new Error('the door names what it exports')
    const types = clause.elements.filter((element) => statement.isTypeOnly || element.isTypeOnly)
    return types.map((element) => element.name.text)
  })
}

describe('the door of the package', () => {
  it('exports these values', () => {
    expect(Object.keys(index).sort()).toEqual([
      'WorkerEvents',
      'WorkerEventsError',
      'ZoneReader',
      'apiSchemas',
      'createWorkerEventsApi',
      'createZoneBuffer',
      'defineEvents',
      'event',
      'lifecycle',
      'openWorkerEventsApi',
    ])
  })

  it('exports these types', () => {
    expect(exportedTypes().sort()).toEqual([
      'ApiError',
      'ApiErrorCode',
      'ApiOptions',
      'ApiRequest',
      'ApiResponse',
      'Changes',
      'DrainedOptions',
      'EventFilter',
      'EventList',
      'EventType',
      'EventsOptions',
      'Handler',
      'InspectFilter',
      'Inspection',
      'Missed',
      'OnError',
      'OnMissed',
      'OpenOptions',
      'OpenWorkerEventsApi',
      'PublishOptions',
      'SubscribeOptions',
      'Subscription',
      'Unchecked',
      'WatchOptions',
      'WorkerEvent',
      'WorkerEventsApi',
      'WorkerEventsApiOptions',
      'WorkerEventsErrorCode',
      'WorkerStatus',
      'ZoneBufferOptions',
      'ZoneReaderOptions',
    ])
  })

  it('gives handles only by open', () => {
    for (const { prototype } of [index.WorkerEvents, index.ZoneReader]) expect(prototype).toHaveProperty('close')
    const methods = Object.getOwnPropertyNames(index.WorkerEvents.prototype).filter((name) => name !== 'constructor')
    expect(methods.sort()).toEqual([
      'capacity',
      'close',
      'closed',
      'configure',
      'drained',
      'epoch',
      'events',
      'inspect',
      'maxPayload',
      'poll',
      'publish',
      'publishLocal',
      'ref',
      'subscribe',
      'unref',
      'unsubscribe',
      'worker',
    ])
  })
})

describe('an error of the package', () => {
  it('is an Error that says its name and code, and carries a cause where there is one', () => {
    const cause = new Error('why')
    const error = new index.WorkerEventsError('ERR_CLOSED', 'closed', { cause })
    expect(error).toBeInstanceOf(Error)
    expect([error.name, error.code, error.message, error.cause]).toEqual([
      'WorkerEventsError',
      'ERR_CLOSED',
      'closed',
      cause,
    ])
    expect('cause' in new index.WorkerEventsError('ERR_CLOSED', 'closed')).toBe(false)
    expect(error.stack).toMatch(/^WorkerEventsError: closed\n/)
  })
})
