/** `worker-events`: zones of this machine from a terminal or a script. */
import fs from 'node:fs'
import { createRequire } from 'node:module'
import { shown } from '../errors.js'
import { Arguments, allFlags, usageError } from './arguments.js'
import { type Command, commandHelp, operandCounts } from './command.js'
import { Status, tellFailure } from './failure.js'
import { inspect } from './inspect.js'
import { ls } from './ls.js'
import { Output } from './output.js'
import { publish } from './publish.js'
import { rm } from './rm.js'
import { tail } from './tail.js'

const commands = new Map(Object.entries({ ls, inspect, tail, publish, rm }))

process.on('SIGINT', () => process.exit(Status.INTERRUPTED))
try {
  await main(process.argv.slice(2))
} catch (error) {
  process.exitCode = tellFailure(error)
}

async function main(args: string[]): Promise<void> {
  const [name = '', ...rest] = args
  const command = commands.get(name)
  await (command === undefined ? runNone(args) : run(name, command, rest))
}

async function run(name: string, command: Command, args: string[]): Promise<void> {
  const given = new Arguments(args, allFlags(command.flags), name)
  const output = new Output(given.isSet('json'))
  if (given.isSet('help')) return output.write(commandHelp(name, command))
  given.checkOperands(...operandCounts(command), command.operands)
  await command.run(given, output)
}

async function runNone(args: string[]): Promise<void> {
  const given = new Arguments(args, { help: { says: '' }, version: { says: '' } }, '')
  if (given.isSet('version')) return new Output(false).write(version())
  if (given.isSet('help')) return new Output(false).write(help())
  throw usageError(
    given.operands.length === 0 ? 'no command was given' : `there is no command ${shown(given.operands[0])}`,
  )
}

function version(): string {
  // By its name, as the path differs between what is compiled and what is put together for users.
  const manifest = fs.readFileSync(createRequire(import.meta.url).resolve('@worker-events/core/package.json'), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}

function help(): string {
  return [
    'Usage: worker-events COMMAND [OPERANDS] [FLAGS]',
    '',
    'Looks at the zones of this machine, publishes into them, removes them.',
    '',
    ...Array.from(commands, ([name, { summary }]) => `  ${name.padEnd(9)}${summary}`),
    '',
    '  worker-events COMMAND --help   the operands and flags of a command',
    '  worker-events --version',
    '',
    'Exit status: 0 done, 1 failed, 2 wrong usage, 130 interrupted.',
  ].join('\n')
}
