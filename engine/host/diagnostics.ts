/** Gives every check the facts it asks about: of the engine in use and of Naru's own engines. */
import { realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { NaruError } from '../contract/errors.ts'
import type { CheckResult, EngineSummary, MachineState } from '../contract/models.ts'
import type { Check } from '../diagnostics/check.ts'
import { accessCheck } from '../diagnostics/checks/access.ts'
import { cgroupCheck } from '../diagnostics/checks/cgroup.ts'
import { clockCheck } from '../diagnostics/checks/clock.ts'
import { diskCheck } from '../diagnostics/checks/disk.ts'
import { engineCheck } from '../diagnostics/checks/engine.ts'
import { firewallCheck } from '../diagnostics/checks/firewall.ts'
import { leftoversCheck } from '../diagnostics/checks/leftovers.ts'
import { namesCheck } from '../diagnostics/checks/names.ts'
import { portsCheck } from '../diagnostics/checks/ports.ts'
import { registryCheck } from '../diagnostics/checks/registry.ts'
import { versionsCheck } from '../diagnostics/checks/versions.ts'
import { virtualisationCheck } from '../diagnostics/checks/virtualisation.ts'
import { withoutHome } from '../diagnostics/home.ts'
import { runChecks } from '../diagnostics/runner.ts'
import { readManifest } from '../providers/native/manifest.ts'
import { nativePaths } from '../providers/native/paths.ts'
import { readRecord } from '../providers/native/record.ts'
import { networkTools } from '../providers/native/tools.ts'
import { accelerationDevice } from '../providers/vm/launch.ts'
import { vmPaths } from '../providers/vm/paths.ts'
import { withAny } from '../system/signals.ts'
import type { Core } from './services.ts'

/** Shorter than the check's own limit: an engine that is silent shall be told as such. */
const PING_MS = 10_000

/** See `diagnostics.run`. */
export async function* diagnose(core: Core, signal: AbortSignal): AsyncGenerator<CheckResult, void, undefined> {
  for await (const result of runChecks(await checksFor(core), signal)) yield withoutHome(result, core.options.home)
}

async function checksFor(core: Core): Promise<readonly Check[]> {
  const { options, settings, registries } = core
  const { engines, currentId } = core.engines.snapshot()
  const engine = engines.find(({ id }) => id === currentId) ?? null
  const hub = new URL(settings.get().hubUrl)
  const { stateFolder, bundleFolder, version } = options
  const own = await ownEngines(stateFolder, engines)
  const { native } = own
  const up = (status: EngineSummary['status'] | undefined): boolean => status === 'ready' || status === 'degraded'
  return [
    engineCheck({ engine, ping: (signal) => ping(core, signal) }),
    accessCheck({ engines, currentId, stateFolder }),
    diskCheck({ stateFolder, engine }),
    namesCheck({ host: hub.hostname }),
    registryCheck({
      hubUrl: hub.href,
      logins: async (signal) => (await registries.list(signal)).logins.map(({ registry }) => registry),
    }),
    leftoversCheck(own),
    versionsCheck({
      version,
      engine,
      record: async () => (native ? readRecord(native.paths) : null),
      manifest: () => readManifest(bundleFolder),
    }),
    cgroupCheck({ engine }),
    virtualisationCheck({
      state: core.machine && own.vm && own.vm.status !== 'absent' ? (signal) => firstState(core, signal) : null,
      inUse: engine?.kind === 'vm',
      device: accelerationDevice,
    }),
    firewallCheck({
      native: native && native.status !== 'absent' ? { engineId: native.engineId, running: up(native.status), tag: native.paths.tag } : null,
      tools: () => networkTools(bundleFolder),
    }),
    portsCheck({ rows: engine && up(engine.status) && !engine.napping && core.mirrors.isLive(engine.id) ? core.mirrors.containersOf(engine.id) : null }),
    clockCheck({ hubUrl: hub.href, engineId: engine?.id ?? '', engineTime: (signal) => engineTime(core, engine, signal) }),
  ]
}

/** One that naps is not woken. */
async function engineTime({ engines }: Core, engine: EngineSummary | null, signal: AbortSignal): Promise<number | null> {
  const connection = engine?.napping ? null : engines.currentConnection()
  if (!connection) return null
  return withAny([signal, connection.signal], (both) => connection.client.clock({ signal: both, timeoutMs: PING_MS, background: true }))
}

async function firstState({ machine }: Core, signal: AbortSignal): Promise<MachineState | null> {
  for await (const state of machine?.watch(signal) ?? []) return state
  return null
}

async function ping({ engines }: Core, signal: AbortSignal): Promise<void> {
  const connection = engines.currentConnection()
  if (!connection) throw new NaruError('engine.unreachable', 'the engine is not connected')
  await withAny([signal, connection.signal], (both) => connection.client.ping({ signal: both, timeoutMs: PING_MS, background: true }))
}

/** The engines that come with Naru, with the folders they are known by. */
async function ownEngines(stateFolder: string, engines: readonly EngineSummary[]): Promise<Parameters<typeof leftoversCheck>[0]> {
  const of = (kind: EngineSummary['kind']): EngineSummary | undefined => engines.find((each) => each.kind === kind)
  const [native, vm] = [of('native'), of('vm')]
  // As its provider does: one folder has one name.
  const folder = join(stateFolder, 'engine')
  const real = await realpath(folder).catch(() => folder)
  return {
    native: native ? { engineId: native.id, status: native.status, paths: nativePaths(real) } : null,
    vm: vm ? { engineId: vm.id, status: vm.status, paths: vmPaths(join(stateFolder, 'vm')) } : null,
  }
}
