/** The real program in a network namespace of its own, whose firewall is empty. */
import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { firewallCheck } from '../../../engine/diagnostics/checks/firewall.ts'
import { slotAt } from '../../../engine/providers/native/addresses.ts'
import { hostRules } from '../../../engine/providers/native/rules.ts'
import { findProgram } from '../../../engine/providers/native/tools.ts'
import { isRoot, makeFolder, outcomeOf } from './support.ts'

const TAG = 'naru-0badcafe'
const iptables = await findProgram('iptables-save')

async function script(...lines: string[]): Promise<string> {
  const file = join(await makeFolder(), 'iptables-save')
  await writeFile(file, ['#!/bin/sh', ...lines, ''].join('\n'))
  await chmod(file, 0o755)
  return file
}
async function asked(iptablesSave: string, running = true, forwards = '1') {
  const forwarding = join(await makeFolder(), 'ip_forward')
  await writeFile(forwarding, `${forwards}\n`)
  return outcomeOf(firewallCheck({ native: { engineId: 'native', running, tag: TAG }, tools: async () => ({ iptablesSave, env: process.env }), forwarding }))
}
/** As iptables-save prints what the engine's start puts in. */
function rules(): string[] {
  const { nat, filter } = hostRules({ link: 'naru0badcafe', slot: slotAt(0), tag: TAG, chain: 'FORWARD', guard: true })
  const table = (name: string, lines: readonly string[]) => [`*${name}`, ...lines.map((line) => line.replace(/^-I/, '-A')), 'COMMIT']
  return ['cat <<"END"', ...table('nat', nat), ...table('filter', filter), 'END']
}

describe.runIf(isRoot && process.platform === 'linux')('as root', () => {
  it.runIf(iptables !== null)('fails when somebody flushed the rules of an engine that runs', async () => {
    const empty = await script(`exec unshare --net ${iptables ?? ''}`)
    expect(await asked(empty)).toMatchObject({ state: 'failed', why: 'rules-gone', params: { engineId: 'native' }, fixes: [{ kind: 'screen', screen: 'engines' }] })
    expect(await asked(empty, false)).toMatchObject({ state: 'passed', why: 'usable' })
  })

  it('fails when the rules cannot be read', async () => {
    const result = await asked(await script('echo "Failed to initialize nft: Protocol not supported" >&2', 'exit 1'), false)
    expect(result).toMatchObject({ state: 'failed', why: 'unreadable', error: { detail: expect.stringContaining('Failed to initialize nft') as string } })
  })

  it('fails when this machine forwards nothing, and is content with what the start puts in', async () => {
    expect(await asked(await script(...rules()), true, '0')).toMatchObject({ state: 'failed', why: 'not-forwarding', fixes: [{ kind: 'command', command: 'sudo sysctl -w net.ipv4.ip_forward=1' }] })
    expect(await asked(await script(...rules()))).toMatchObject({ state: 'passed', why: 'rules' })
  })
})

it('has nothing to say without an engine of root', async () => {
  expect(await outcomeOf(firewallCheck({ native: null, tools: async () => Promise.reject(new Error('not asked')) }))).toMatchObject({ state: 'skipped' })
})
