/** A command of the command line: what its user types, and what it does. */
import { type Arguments, type Flags, allFlags } from './arguments.js'
import type { Output } from './output.js'

export interface Command {
  /** Its operands as the help shows them; those in brackets may be left out. */
  readonly operands: string
  /** What it does, in a line. */
  readonly summary: string
  /** What else a user should know. */
  readonly details: string
  readonly flags: Flags
  run(given: Arguments, output: Output): void | Promise<void>
}

/** The fewest and the most operands that a command takes. */
export function operandCounts({ operands }: Command): [least: number, most: number] {
  const words = operands.split(' ').filter(Boolean)
  return [words.filter((word) => !word.startsWith('[')).length, words.length]
}

/** The help of one command. */
export function commandHelp(name: string, { operands, summary, details, flags }: Command): string {
  const usage = ['worker-events', name, operands, '[FLAGS]'].filter(Boolean).join(' ')
  return [`Usage: ${usage}`, '', summary, details, '', ...flagLines(allFlags(flags))].join('\n')
}

function flagLines(flags: Flags): string[] {
  return Object.entries(flags).map(([name, { value = '', says }]) => `  ${`--${name} ${value}`.padEnd(17)}${says}`)
}
