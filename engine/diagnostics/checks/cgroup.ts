/** Control groups: without them limits are ignored, pausing fails and figures are of the whole machine. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { EngineSummary } from '../../contract/models.ts'
import { CGROUP_ROOT, cgroupVersion } from '../../providers/native/preflight.ts'
import { command, failed, passed, warned } from '../check.ts'
import type { Check } from '../check.ts'

export interface CgroupFacts {
  /** The one in use. */
  readonly engine: EngineSummary | null
  /** Where the kernel shows them; for tests. */
  readonly root?: string
}

/** What limits, pausing and figures stand on. */
const NEEDED = ['cpu', 'memory', 'pids'] as const
/** As systemd's documentation of delegation has it; rootless engines get the controllers by it. */
const DELEGATE = "sudo mkdir -p /etc/systemd/system/user@.service.d && printf '[Service]\\nDelegate=cpu cpuset io memory pids\\n' | sudo tee /etc/systemd/system/user@.service.d/delegate.conf && sudo systemctl daemon-reload"

export const cgroupCheck = ({ engine, root = CGROUP_ROOT }: CgroupFacts): Check => ({
  id: 'cgroup',
  // The virtual machine has a kernel of its own.
  applicable: () => process.platform === 'linux' && engine?.kind !== 'vm',
  check: async () => {
    const version = await cgroupVersion(root)
    if (version === null) return failed('missing', { path: root })
    const params = { engineId: engine?.id ?? '' }
    const notes = engine?.capabilities?.notes ?? []
    const rootless = engine?.rootless ?? engine?.version?.rootless
    const fixes = rootless && version === '2' ? [command(DELEGATE)] : []
    if (notes.includes('no-cgroups')) return warned('without', params, { fixes })
    if (notes.includes('no-limits')) return warned('no-limits', params, { fixes })
    if (version === '1') return passed('old')
    const there = (await readFile(join(root, 'cgroup.controllers'), 'utf8')).trim().split(/\s+/)
    const missing = NEEDED.filter((name) => !there.includes(name))
    return missing.length > 0 ? warned('controllers', { missing: missing.join(', ') }) : passed('whole')
  },
})
