/**
 * Run as a user who may do nothing special: opens an engine room that has an embedded engine and a virtual machine, waits
 * for the engine that comes by itself, says what came, and stops it. Arguments: bundle, guest image, QEMU, state folder. The last
 * line of stdout is the report.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createEngineHost } from '../../engine/index.ts'
import type { EnginesSnapshot, MachineState } from '../../engine/contract/models.ts'
import { connectLink } from '../../engine/link/client.ts'
import { memoryPair } from '../../engine/link/memory.ts'
import { vmPaths } from '../../engine/providers/vm/paths.ts'
import { findMachine } from '../../engine/providers/vm/record.ts'

export interface VmUserReport {
  readonly uid: number
  readonly engines: readonly { readonly id: string; readonly status: string; readonly version?: string; readonly why?: string }[]
  readonly currentId: string | null
  /** The same as the window gets it. */
  readonly snapshot: EnginesSnapshot
  readonly machine?: MachineState
  /** Files QEMU has mapped to run: its program and libraries. */
  readonly mapped?: readonly string[]
  /** Status after the stop. */
  readonly stopped?: string
}

const LIMIT_MS = 500_000

/** proc_pid_maps(5): the sixth field of what may be executed. */
async function mappedBy(pid: number | undefined): Promise<readonly string[]> {
  const lines = pid === undefined ? [] : (await readFile(`/proc/${pid}/maps`, 'utf8')).split('\n')
  return [...new Set(lines.flatMap((line) => /^\S+ ..x. \S+ \S+ \S+ +(\/.*)$/.exec(line)?.[1] ?? []))].sort()
}

async function main(): Promise<VmUserReport> {
  const [bundleFolder = '', vmImageFolder = '', vmQemuFolder = '', stateFolder = ''] = process.argv.slice(2)
  const host = createEngineHost({
    stateFolder, bundleFolder, vmImageFolder, vmQemuFolder, shell: 'headless', version: '0.0.0-test', welcomeImage: '/nonexistent', logWorkerPath: '', layerWorkerPath: '',
    env: { NARU_SOCKETS: '' }, home: stateFolder, log: (line) => console.error(line),
  })
  const [ours, theirs] = memoryPair()
  host.attach(theirs)
  const link = connectLink(ours)
  const signal = AbortSignal.timeout(LIMIT_MS)
  const settled = async (fits: (snapshot: EnginesSnapshot) => boolean): Promise<EnginesSnapshot> => {
    for await (const snapshot of link.stream('engines.watch', {}, { signal })) if (fits(snapshot)) return snapshot
    throw new Error('the engines ended')
  }
  const statusOf = ({ engines }: EnginesSnapshot, id: string) => engines.find((each) => each.id === id)?.status
  const up = await settled((now) => ['ready', 'failed', 'absent'].includes(statusOf(now, 'vm') ?? '') && !now.detecting)
  const report = {
    uid: process.getuid?.() ?? -1,
    currentId: up.currentId,
    snapshot: up,
    engines: up.engines.map(({ id, status, version, error }) => ({ id, status, ...(version && { version: version.version }), ...(error && { why: error.hint ?? error.message }) })),
  }
  try {
    if (statusOf(up, 'vm') !== 'ready') return report
    let machine: MachineState | undefined
    for await (const state of link.stream('machine.watch', {}, { signal })) {
      machine = state
      if (state.running) break
    }
    const mapped = await mappedBy((await findMachine(vmPaths(join(stateFolder, 'vm'))))?.process.pid)
    await link.call('operations.start', { name: 'engines.stop', arg: { engineId: 'vm', containers: 'keep' } })
    const down = await settled((now) => statusOf(now, 'vm') === 'stopped')
    return { ...report, ...(machine && { machine }), mapped, stopped: statusOf(down, 'vm') ?? '' }
  } finally {
    await host.close()
  }
}

main().then(
  (report) => {
    console.log(JSON.stringify(report))
    process.exit(0)
  },
  (error: unknown) => {
    console.error(error)
    process.exit(1)
  },
)
