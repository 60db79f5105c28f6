// What the command line says about itself, and to those who use it wrongly.

import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { Running, linesOf, terminalOfEachTest } from './terminal.js'

const terminal = terminalOfEachTest()
const core = path.join(import.meta.dirname, '../..')

function version(): string {
  return (JSON.parse(fs.readFileSync(path.join(core, 'package.json'), 'utf8')) as { version: string }).version
}

describe('worker-events', () => {
  it('shows its commands by --help', async () => {
    const { status, stdout, stderr } = await terminal.now.run('--help')
    expect(stdout).toMatch(/^Usage: worker-events COMMAND/)
    for (const command of ['ls', 'inspect', 'tail', 'publish', 'rm'])
      expect(stdout).toMatch(new RegExp(`^  ${command} `, 'm'))
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  })

  it.each([
    ['ls', 'worker-events ls [FLAGS]', []],
    ['inspect', 'worker-events inspect ZONE [FLAGS]', ['channel', 'type', 'since', 'limit']],
    ['tail', 'worker-events tail ZONE [FLAGS]', ['channel', 'type', 'since', 'limit']],
    ['publish', 'worker-events publish ZONE CHANNEL TYPE [PAYLOAD] [FLAGS]', ['text', 'unique']],
    ['rm', 'worker-events rm ZONE [FLAGS]', []],
  ])('shows how %s is used by --help', async (command, usage, flags) => {
    const { status, stdout, stderr } = await terminal.now.run(command, '--help')
    expect(linesOf(stdout)[0]).toBe(`Usage: ${usage}`)
    expect(stdout.match(/^ {2}--[a-z]+/gm)).toEqual(
      [...flags, 'directory', 'json', 'help'].map((flag) => `  --${flag}`),
    )
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  })

  it('shows the version of its package', async () => {
    expect(await terminal.now.run('--version')).toEqual({ status: 0, stdout: `${version()}\n`, stderr: '' })
  })

  it('runs by npx from the workspace, without a network', async () => {
    const settings = { npm_config_cache: path.join(terminal.now.directory, 'npm'), npm_config_offline: 'true' }
    const child = spawn('npx', ['worker-events', '--version'], { cwd: core, env: { ...process.env, ...settings } })
    const { status, stdout } = await new Running(child).ended
    expect({ status, stdout }).toEqual({ status: 0, stdout: `${version()}\n` })
  })

  it.each([
    ['no command', [], 'no command'],
    ['an unknown command', ['frobnicate'], '"frobnicate"'],
    ['a command that every object has', ['constructor'], '"constructor"'],
    ['an unknown flag', ['ls', '--frobnicate'], 'there are --directory, --json, --help: see worker-events ls --help'],
    ['a flag before the command', ['--json', 'ls'], 'there are --help, --version: see worker-events --help'],
    ['a flag without its value', ['tail', 'bus', '--channel'], "'--channel <value>'"],
    ['a value for a switch', ['ls', '--json=yes'], "'--json'"],
    ['too few operands', ['inspect'], 'takes ZONE, got 0'],
    ['too many operands', ['ls', 'bus'], 'takes no operands, got 1'],
    ['a number with a sign', ['inspect', 'bus', '--since=-1'], '--since'],
    ['a number in words', ['tail', 'bus', '--since', 'yesterday'], '"yesterday"'],
    ['a number beyond 2⁵³', ['inspect', 'bus', '--limit', '9007199254740992'], '--limit'],
    ['a pattern with * in its midst', ['inspect', 'bus', '--channel', 'a*b'], '"a*b"'],
    ['an empty directory', ['ls', '--directory', ''], '--directory'],
  ])('takes %s as wrong usage, and says so in one line', async (_, args, part) => {
    terminal.now.open()
    const { status, stdout, stderr } = await terminal.now.run(...args)
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toMatch(/^worker-events: .+ \(ERR_INVALID_[A-Z]+\)\n$/)
    expect(stderr).toContain(part)
  })

  it('fails when its output cannot be written', async () => {
    terminal.now.open()
    const { status, stderr } = await terminal.now.startShell('$WE ls >/dev/full').ended
    expect(status).toBe(1)
    expect(stderr).toMatch(/^worker-events: .+ \(ENOSPC\)\n$/)
  })

  it('shows nothing of a zone to a terminal that it could act upon', async () => {
    const { stderr } = await terminal.now.run('inspect', 'a\u001b[2Jb')
    expect(stderr).toContain('option "zone"')
    expect(stderr).not.toContain('\u001b')
  })
})
