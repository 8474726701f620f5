/** The table of flags against the help the CLI prints, recorded in the fixture and asked anew when the CLI is here. */
import { describe, expect, it } from 'vitest'
import { RUN_FLAGS, findFlag, findShortFlag } from '../../../engine/containers/run-flags.ts'
import help from '../../fixtures/docker-run-help.json'
import { dockerHelp, whyNoCli } from '../../support/docker-cli.ts'

interface Told {
  readonly name: string
  readonly short: string
  readonly takesValue: boolean
}

/** Flags of a help page: `  -p, --publish list   …`; one without a type stands alone. */
export function flagsOf(text: string): Told[] {
  return [...text.matchAll(/^ {2}(?:-(\w), | {4})--([\w-]+)(?: (\S+))?/gm)].map(([, short = '', name = '', type = '']) => ({ name, short, takesValue: type !== '' }))
}
const ours = (runOnly: boolean) =>
  RUN_FLAGS.filter((flag) => runOnly || !flag.runOnly).map(({ name, short = '', takesValue }) => ({ name, short, takesValue }))
const byName = (flags: readonly Told[]) => [...flags].sort((a, b) => (a.name < b.name ? -1 : 1))

describe('the table of flags', () => {
  it('holds every flag of docker run, and no other', () => {
    expect(flagsOf(help.run)).toHaveLength(104)
    expect(byName(ours(true))).toEqual(byName(flagsOf(help.run)))
  })
  it('knows what docker create lacks', () => {
    expect(byName(ours(false))).toEqual(byName(flagsOf(help.create)))
  })
  it.skipIf(whyNoCli())('is that of the CLI in the bundle', async () => {
    expect(flagsOf(await dockerHelp('run', '--help'))).toEqual(flagsOf(help.run))
    expect(flagsOf(await dockerHelp('create', '--help'))).toEqual(flagsOf(help.create))
  })
  it('says for every flag what it fills or why it is refused', () => {
    for (const flag of RUN_FLAGS) {
      if ('reason' in flag) expect(flag.reason.length).toBeGreaterThan(20)
      else expect(flag.fills.length).toBeGreaterThan(0)
    }
    expect(RUN_FLAGS.filter((flag) => 'reason' in flag).map(({ name }) => name).sort()).toEqual([
      'cidfile', 'cpu-count', 'cpu-percent', 'detach-keys', 'disable-content-trust', 'help', 'io-maxbandwidth', 'io-maxiops', 'kernel-memory', 'sig-proxy', 'use-api-socket',
    ])
  })
  it('finds older spellings', () => {
    expect(findFlag('net')).toBe(findFlag('network'))
    expect(findFlag('net-alias')).toBe(findFlag('network-alias'))
    expect(findFlag('dns-opt')).toBe(findFlag('dns-option'))
    expect(findShortFlag('p')).toBe(findFlag('publish'))
    expect(findFlag('constructor')).toBeUndefined()
  })
})
