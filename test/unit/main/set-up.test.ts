import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { SUITES } from '../../run-suites.mjs'

const START = join(import.meta.dirname, '../../../main/start.mjs')
const RUN = join(import.meta.dirname, '../../run.mjs')

/** Runs a command line to its end; it must not leave anything in the state folder. */
function call(script: string, ...args: string[]): { code: number | null; out: string; err: string } {
  const home = mkdtempSync(join(tmpdir(), 'naru-flags-'))
  const env = { ...process.env, NARU_HOME: home }
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], { env, encoding: 'utf8', timeout: 20_000 })
  expect(readdirSync(home)).toEqual([])
  rmSync(home, { recursive: true })
  return { code: status, out: stdout, err: stderr }
}

describe('npm start', () => {
  it('prints help and version on stdout', () => {
    expect(call(START, '--help')).toMatchObject({ code: 0, err: '' })
    expect(call(START, '-h').out).toContain('--no-open')
    expect(call(START, '--version').out).toMatch(/^\d+\.\d+\.\d+\n$/)
  })

  it.each([
    [['--frob'], "Unknown option '--frob'"],
    [['extra'], "Unexpected argument 'extra'"],
    [['--port'], '--port'],
    [['--port', '70000'], '--port: 70000 is no port'],
    [['--web', '--electron'], 'exclude each other'],
    [['--electron', '--no-open'], 'belong to the web shell'],
    [['--home', ''], '--home needs a folder'],
  ])('refuses %j with a sentence on stderr and code 2', (args, sentence) => {
    const { code, out, err } = call(START, ...args)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain(sentence)
    expect(err).toContain('--help')
  })
})

describe('npm test', () => {
  it('knows its suites', () => {
    expect(call(RUN, '--help').out).toContain(Object.keys(SUITES).join(','))
    expect(call(RUN, '--only', 'nope')).toMatchObject({ code: 2 })
    expect(call(RUN, '--frob')).toMatchObject({ code: 2 })
  })
})
