/** What a user typed after the command: flags by name, operands by place, all of it checked. */
import { parseArgs } from 'node:util'
import { WorkerEventsError, shown } from '../errors.js'

/** A flag of a command. */
interface Flag {
  /** What its value is called in the help; without one the flag is a switch. */
  readonly value?: string
  readonly says: string
}

export type Flags = Readonly<Record<string, Flag>>

const commonFlags: Flags = {
  directory: {
    value: 'DIR',
    says: 'where the zones live; else WORKER_EVENTS_DIR, else /dev/shm/worker-events-<uid>',
  },
  json: { says: 'one JSON object a line, as into a pipe' },
  help: { says: 'show this help' },
}

/** The flags of a command, those that every command has last. */
export function allFlags(own: Flags): Flags {
  return { ...own, ...commonFlags }
}

/** The error of a user who typed something else than a command takes. */
export function usageError(message: string, command = ''): WorkerEventsError {
  const help = ['worker-events', command, '--help'].filter(Boolean).join(' ')
  return new WorkerEventsError('ERR_INVALID_ARGUMENT', `${message}: see ${help}`)
}

export class Arguments {
  readonly operands: readonly string[]
  readonly #values: Readonly<Record<string, unknown>>
  readonly #command: string

  /** @throws {@link WorkerEventsError} `ERR_INVALID_ARGUMENT` for a flag that is unknown, or lacks or has a value */
  constructor(args: string[], flags: Flags, command: string) {
    this.#command = command
    const options = Object.entries(flags).map(([name, { value }]) => [name, optionOf(name, value)])
    try {
      const parsed = parseArgs({ args, options: Object.fromEntries(options) as ParseOptions, allowPositionals: true })
      this.operands = parsed.positionals
      this.#values = parsed.values
    } catch (error) {
      throw usageError(complaintOf(error as NodeJS.ErrnoException, Object.keys(flags)), command)
    }
  }

  isSet(flag: string): boolean {
    return this.#values[flag] === true
  }

  /** @throws {@link WorkerEventsError} `ERR_INVALID_ARGUMENT` for a value that is empty */
  text(flag: string): string | undefined {
    const text = this.#values[flag] as string | undefined
    if (text === '') throw usageError(`--${flag} must not be empty`, this.#command)
    return text
  }

  /** @throws {@link WorkerEventsError} `ERR_INVALID_ARGUMENT` */
  number(flag: string): number | undefined {
    const text = this.text(flag)
    if (text === undefined) return undefined
    const number = /^[0-9]+$/.test(text) ? Number(text) : NaN
    if (Number.isSafeInteger(number)) return number
    throw usageError(
      `--${flag} must be decimal digits up to ${Number.MAX_SAFE_INTEGER}, got ${shown(text)}`,
      this.#command,
    )
  }

  /** Checks the number of operands. They are not named in the error: one of them may be a payload. */
  checkOperands(least: number, most: number, usage: string): void {
    const { length } = this.operands
    if (length >= least && length <= most) return
    const surplus = length > most ? ' (quote what contains spaces)' : ''
    throw usageError(`${this.#command} takes ${usage || 'no operands'}, got ${length}${surplus}`, this.#command)
  }
}

/** An unknown flag is not repeated: it may be a payload that starts with a dash. */
function complaintOf({ code, message }: NodeJS.ErrnoException, flags: string[]): string {
  if (code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION') return message.replace(/\.\s[^]*$/, '')
  return `unknown flag, there are --${flags.join(', --')}`
}

type ParseOptions = Record<string, { type: 'string' | 'boolean'; short?: string }>

function optionOf(name: string, value: string | undefined): ParseOptions[string] {
  const type = value === undefined ? 'boolean' : 'string'
  return name === 'help' ? { type, short: 'h' } : { type }
}
