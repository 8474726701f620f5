/**
 * Does anything of Naru's own engines run that nobody holds any more? Containers that outlive a stopped engine are meant
 * to (their shims with them); daemons, proxies and a virtual machine are not.
 */
import type { EngineStatus } from '../../contract/models.ts'
import { findProxies, survey } from '../../providers/native/find.ts'
import type { NativePaths } from '../../providers/native/paths.ts'
import type { VmPaths } from '../../providers/vm/paths.ts'
import { findMachine } from '../../providers/vm/record.ts'
import { command, passed, skipped, warned } from '../check.ts'
import type { Check, CheckOutcome } from '../check.ts'

export interface LeftoverFacts {
  /** Null where there is no such engine. */
  readonly native: { readonly engineId: string; readonly status: EngineStatus; readonly paths: NativePaths } | null
  readonly vm: { readonly engineId: string; readonly status: EngineStatus; readonly paths: VmPaths } | null
}

interface Found {
  readonly name: string
  readonly pid: number
}

/** Nothing of such an engine should run. */
const DOWN: ReadonlySet<EngineStatus> = new Set(['stopped', 'failed', 'absent'])
const MOVING: ReadonlySet<EngineStatus> = new Set(['starting', 'stopping'])

export const leftoversCheck = ({ native, vm }: LeftoverFacts): Check => ({
  id: 'leftovers',
  // Processes are read from /proc.
  applicable: () => process.platform === 'linux' && (native !== null || vm !== null),
  check: async () => {
    if ([native, vm].some((each) => each && MOVING.has(each.status))) return skipped('moving')
    const ofNative = native && DOWN.has(native.status) ? await nativeLeftovers(native.paths) : { found: [], containers: 0 }
    if (native && ofNative.found.length > 0) return told(native, ofNative.found)
    const machine = vm && DOWN.has(vm.status) ? await findMachine(vm.paths) : null
    if (vm && machine) return told(vm, [{ name: 'qemu', pid: machine.process.pid }])
    return ofNative.containers > 0 ? passed('containers', { count: ofNative.containers }) : passed('none')
  },
})

async function nativeLeftovers(paths: NativePaths): Promise<{ readonly found: readonly Found[]; readonly containers: number }> {
  const [{ daemon, containerd, shims }, proxies] = await Promise.all([survey(paths), findProxies(paths)])
  const found = [
    ...(daemon ? [{ name: 'dockerd', pid: daemon.pid }] : []),
    ...(containerd ? [{ name: 'containerd', pid: containerd.pid }] : []),
    // With containers that go on their published ports go on as well.
    ...(shims.length === 0 ? proxies.map(({ pid }) => ({ name: 'docker-proxy', pid })) : []),
  ]
  return { found, containers: shims.length }
}

/** The start of an engine takes over or takes away what is left of it. */
function told({ engineId, status }: { readonly engineId: string; readonly status: EngineStatus }, found: readonly Found[]): CheckOutcome {
  const params = { engineId, count: found.length, processes: found.map(({ name, pid }) => `${name} (${pid})`).join(', ') }
  const kill = command(`sudo kill ${found.map(({ pid }) => pid).join(' ')}`)
  return warned('found', params, { fixes: status === 'absent' ? [kill] : [{ kind: 'start', engineId }, kill] })
}
