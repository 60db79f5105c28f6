/** Where results go: lines for a person on a terminal, one JSON object a line into a pipe. */
import { once } from 'node:events'
import { tellFailure } from './failure.js'

export class Output {
  /** True if the lines are for a person to read. */
  readonly isForPerson: boolean

  constructor(isJson: boolean) {
    this.isForPerson = !isJson && process.stdout.isTTY
    process.stdout.on('error', stop)
  }

  /** Columns of the terminal; unlimited if it does not say. */
  get columns(): number {
    return process.stdout.columns || Infinity
  }

  /** Writes a line; resolves when there is room for the next. */
  async write(line: string): Promise<void> {
    if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain')
  }
}

/** Who reads may stop when it has enough, as `head` does: that is no failure. */
function stop(error: NodeJS.ErrnoException): void {
  process.exit(error.code === 'EPIPE' ? 0 : tellFailure(error))
}
