/** The self-check of the scripted engine room: some of every state; in a starting engine it is still under way. */
import type { CheckResult } from '../../engine/contract/models.ts'
import type { MethodHandlers, StreamHandlers } from '../../engine/link/handlers.ts'
import type { Scenario } from './scenarios.ts'

type Told = Omit<CheckResult, 'params' | 'fixes' | 'tookMs'> & Partial<CheckResult>

const TOLD: readonly Told[] = [
  { id: 'access', state: 'warned', why: 'folder-open', params: { path: '~/.local/share/naru' }, fixes: [{ kind: 'command', command: 'chmod 700 ~/.local/share/naru' }] },
  { id: 'disk', state: 'warned', why: 'little', params: { path: '~/.local/share/naru', freeBytes: 3_412_000_000, totalBytes: 245e9 }, fixes: [{ kind: 'screen', screen: 'images' }] },
  { id: 'names', state: 'passed', why: 'found', params: { host: 'hub.docker.com', address: '44.219.3.189' } },
  {
    id: 'registry', state: 'failed', why: 'hub', params: { registry: 'hub.docker.com' }, fixes: [{ kind: 'screen', screen: 'settings' }], tookMs: 12_004,
    error: { code: 'registry.unreachable', message: 'no answer', hint: 'hub.timeout', params: { registry: 'hub.docker.com' }, detail: 'no answer within 12000 ms', retryable: true },
  },
]
const MORE: readonly Told[] = [
  { id: 'versions', state: 'passed', why: 'fit', params: { naru: '0.1.0', engineId: 'native', product: 'Moby', version: '28.5.2', apiVersion: '1.51' } },
  { id: 'cgroup', state: 'passed', why: 'whole' },
  { id: 'virtualisation', state: 'skipped', why: 'not-in-use' },
  { id: 'firewall', state: 'failed', why: 'rules-gone', params: { engineId: 'native' }, fixes: [{ kind: 'screen', screen: 'engines' }] },
  { id: 'ports', state: 'warned', why: 'silent', params: { ports: '8025 (mailer), 9000 (api)' }, fixes: [{ kind: 'screen', screen: 'ports' }] },
  { id: 'clock', state: 'passed', why: 'right' },
]
const OF_MACHINE: readonly Told[] = [
  { id: 'versions', state: 'passed', why: 'fit', params: { naru: '0.1.0', engineId: 'vm', product: 'Moby', version: '20.10.24', apiVersion: '1.41' } },
  { id: 'cgroup', state: 'skipped', why: 'not-here' },
  { id: 'virtualisation', state: 'warned', why: 'denied', params: { path: '/dev/kvm' }, fixes: [{ kind: 'command', command: 'sudo usermod -aG kvm "$(id -un)"' }] },
  { id: 'firewall', state: 'skipped', why: 'not-here' },
  { id: 'ports', state: 'passed', why: 'reached', params: { count: 2 } },
  { id: 'clock', state: 'passed', why: 'right' },
]
const FINE: readonly Told[] = [
  { id: 'access', state: 'passed', why: 'right', params: { path: '~/.local/share/naru' } },
  { id: 'disk', state: 'passed', why: 'room', params: { path: '~/.local/share/naru', freeBytes: 183e9, totalBytes: 245e9 } },
  { id: 'names', state: 'passed', why: 'found', params: { host: 'hub.docker.com', address: '44.219.3.189' } },
  { id: 'registry', state: 'passed', why: 'reached', params: { registries: 'hub.docker.com, ghcr.io' }, tookMs: 1_312 },
  { id: 'leftovers', state: 'passed', why: 'none' },
]

const whole = (told: Told): CheckResult => ({ params: {}, fixes: [], tookMs: 4, ...told })

function ofScenario({ fine, engines: { engines, currentId } }: Scenario): { readonly told: readonly Told[]; readonly ends: boolean } {
  const engine = engines.find(({ id }) => id === currentId)
  const params = { engineId: currentId ?? '' }
  if (fine) return { told: [{ id: 'engine', state: 'passed', why: 'answers', params: { ...params, answerMs: 3 } }, ...FINE, ...MORE.filter(({ state }) => state === 'passed' || state === 'skipped')], ends: true }
  if (engine?.status === 'starting') return { told: [...FINE.slice(0, 2), { id: 'engine', state: 'warned', why: 'moving', params, fixes: [{ kind: 'screen', screen: 'engines' }] }], ends: false }
  if (engine?.kind === 'vm') return { told: [{ id: 'engine', state: 'passed', why: 'answers', params: { ...params, answerMs: 41 } }, ...FINE, ...OF_MACHINE], ends: true }
  return { told: [{ id: 'engine', state: 'passed', why: 'answers', params: { ...params, answerMs: 3 } }, ...TOLD, ...MORE, { id: 'leftovers', state: 'passed', why: 'none' }], ends: true }
}

const SUPPORT: readonly (readonly [string, string])[] = [
  ['self-check.txt', 'Naru 0.1.0 · electron · linux · 2026-11-27T10:00:00.000Z\nnative · ready · Docker 28.2.2 · API 1.50 · 6.8.0 · overlay2\n\n[fine] Engine: Embedded engine answers in 3 ms.\n'],
  ['naru.json', '{\n  "version": "0.1.0",\n  "shell": "electron",\n  "root": false\n}\n'],
  ['settings.json', '{\n  "theme": "system",\n  "hubUrl": "https://hub.docker.com"\n}\n'],
  ['machine.json', '{\n  "platform": "linux",\n  "kernel": "6.8.0",\n  "memoryBytes": 16777216000\n}\n'],
  ['engines.json', '{\n  "currentId": "native",\n  "info": { "ServerVersion": "28.2.2", "CgroupVersion": "2" }\n}\n'],
  ['operations.json', '[\n  { "name": "containers.run", "status": "failed", "error": { "message": "DB_PASSWORD=••••••••" } }\n]\n'],
  ['engine-room.log', 'the native engine is ready\n'],
  ['dockerd.log', 'time="2026-11-27T10:00:00Z" level=info msg="pull through http://proxy:••••••••@host-1:3128"\n'.repeat(40)],
  ['containerd.log', 'time="2026-11-27T10:00:00Z" level=info msg="starting containerd"\n'],
  ['vm-console.log', ''],
  ['vm-qemu.log', ''],
]

export const supportMethods: Pick<MethodHandlers, 'support.gather' | 'support.save'> = {
  'support.gather': async () => ({ id: 'b', name: 'naru-support-20261127-100000', files: SUPPORT.map(([name, text]) => ({ name, text, bytes: new TextEncoder().encode(text).length })) }),
  'support.save': async ({ path }) => ({ path: path.replace(/^~/, '/home/ada'), bytes: 12_345 }),
}

export function diagnosticStreams(scenario: Scenario): Partial<StreamHandlers> {
  return {
    'diagnostics.run': async function* (_arg, { signal }) {
      const { told, ends } = ofScenario(scenario)
      for (const each of told) yield whole(each)
      if (!ends) await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    },
  }
}
