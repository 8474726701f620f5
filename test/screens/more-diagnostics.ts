/** The self-check of the scripted engine room: some of every state; in a starting engine it is still under way. */
import type { CheckResult } from '../../engine/contract/models.ts'
import type { StreamHandlers } from '../../engine/link/handlers.ts'
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
const FINE: readonly Told[] = [
  { id: 'access', state: 'passed', why: 'right', params: { path: '~/.local/share/naru' } },
  { id: 'disk', state: 'passed', why: 'room', params: { path: '~/.local/share/naru', freeBytes: 183e9, totalBytes: 245e9 } },
  { id: 'names', state: 'passed', why: 'found', params: { host: 'hub.docker.com', address: '44.219.3.189' } },
  { id: 'registry', state: 'passed', why: 'reached', params: { registries: 'hub.docker.com, ghcr.io' }, tookMs: 1_312 },
  { id: 'leftovers', state: 'passed', why: 'none' },
]

const whole = (told: Told): CheckResult => ({ params: {}, fixes: [], tookMs: 4, ...told })

function ofScenario({ engines: { engines, currentId } }: Scenario): { readonly told: readonly Told[]; readonly ends: boolean } {
  const engine = engines.find(({ id }) => id === currentId)
  const params = { engineId: currentId ?? '' }
  if (engine?.status === 'starting') return { told: [...FINE.slice(0, 2), { id: 'engine', state: 'warned', why: 'moving', params, fixes: [{ kind: 'screen', screen: 'engines' }] }], ends: false }
  if (engine?.kind === 'vm') return { told: [{ id: 'engine', state: 'passed', why: 'answers', params: { ...params, answerMs: 41 } }, ...FINE], ends: true }
  return { told: [{ id: 'engine', state: 'passed', why: 'answers', params: { ...params, answerMs: 3 } }, ...TOLD, { id: 'leftovers', state: 'skipped', why: 'moving' }], ends: true }
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
