/** A scripted engine room inside the page, behind the same port the Electron shell hands over. Bundled by run.mjs. */
import './immediate.ts'
import { PORT_MESSAGE } from '../../engine/contract/shell.ts'
import type { Settings, StatePatch } from '../../engine/contract/models.ts'
import { NaruError } from '../../engine/contract/errors.ts'
import { CONTRACT_VERSION } from '../../engine/contract/contract.ts'
import { portTransport } from '../../engine/link/port.ts'
import { serveLink } from '../../engine/link/server.ts'
import type { MethodHandlers, StreamHandlers } from '../../engine/link/handlers.ts'
import { stubMethods, stubStreams } from '../support/stub-handlers.ts'
import { DISK, NOW } from './seed.ts'
import { SCENARIOS } from './scenarios.ts'
import { moreMethods, moreStreams } from './more.ts'

declare global {
  interface Window {
    __naruScenario?: { readonly name: string; readonly theme: 'light' | 'dark'; readonly locale: 'en' | 'ko' }
  }
}

const chosen = window.__naruScenario ?? { name: 'full', theme: 'light', locale: 'en' }
const found = SCENARIOS[chosen.name]
if (!found) throw new Error(`no scenario ${chosen.name}`)
const scenario = found
let settings: Settings = { ...scenario.settings, theme: chosen.theme, locale: chosen.locale }
const settingsReaders = new Set<() => void>()

/** The first item, then nothing until the reader goes. */
async function* once<T>(item: T, signal: AbortSignal): AsyncGenerator<T> {
  yield item
  await silence(signal)
}
const silence = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))

/** The engine room goes and does not come back, for pictures of that. */
let lost = false
Object.defineProperty(window, '__naruLose', {
  value: () => {
    lost = true
    window.postMessage({ type: PORT_MESSAGE }, window.location.origin)
  },
})

const snapshot: StatePatch = {
  engineId: scenario.engines.currentId,
  revision: 1,
  reset: true,
  sync: scenario.sync ?? 'loading',
  containers: { upsert: scenario.containers, remove: [] },
  images: { upsert: scenario.images, remove: [] },
}

const methods: Partial<MethodHandlers> = {
  'app.info': async () => ({
    contractVersion: CONTRACT_VERSION, version: '0.1.0', shell: 'electron', platform: 'linux',
    stateFolder: '/root/.local/share/naru', root: true, loginItem: true,
  }),
  'settings.get': async () => settings,
  'settings.update': async ({ patch }) => {
    settings = { ...settings, ...patch }
    for (const wake of settingsReaders) wake()
    return settings
  },
  'engines.detect': async () => scenario.engines,
  'engines.retry': async () => {
    throw new NaruError('engine.unreachable', 'connect ECONNREFUSED', { detail: 'connect ECONNREFUSED' })
  },
  'system.disk': async () => DISK,
  'operations.cancel': async () => ({}),
  'operations.clear': async () => ({}),
  ...moreMethods(scenario),
}

const streams: Partial<StreamHandlers> = {
  'engines.watch': (_arg, { signal }) => once(scenario.engines, signal),
  'state.watch': (_arg, { signal }) => (scenario.sync === null ? never(signal) : once(snapshot, signal)),
  'operations.watch': (_arg, { signal }) => once({ upsert: scenario.operations, remove: [] }, signal),
  'settings.watch': watchSettings,
  'releases.watch': (_arg, { signal }) => once({
    host: 'naru.example.invalid', lookedAt: NOW - 3 * 3600_000, failed: scenario.releases === 'failed' ? 'unreachable' as const : null,
    newer: scenario.releases === 'newer' ? { version: '0.2.0', notes: 'https://naru.example.invalid/notes/0.2.0' } : null,
  }, signal),
  ...moreStreams(scenario, NOW),
}

async function* never(signal: AbortSignal): AsyncGenerator<never> {
  await silence(signal)
}

async function* watchSettings(_arg: object, { signal }: { signal: AbortSignal }): AsyncGenerator<Settings> {
  while (!signal.aborted) {
    yield settings
    await new Promise<void>((resolve) => {
      settingsReaders.add(resolve)
      signal.addEventListener('abort', () => resolve(), { once: true })
    })
    settingsReaders.clear()
  }
}

Object.defineProperty(window, 'naru', {
  value: Object.freeze({
    shell: 'electron',
    platform: 'linux',
    connect() {
      if (lost) return
      const { port1, port2 } = new MessageChannel()
      serveLink(portTransport(port2), { methods: stubMethods(methods), streams: stubStreams(streams), peerId: 'screens' })
      window.postMessage({ type: PORT_MESSAGE }, window.location.origin, [port1])
    },
    openWindow: () => undefined,
    pathOfFile: () => '',
  }),
})
