/** Makes the parts of the engine room and puts them together; nothing else. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createBuildService } from '../builds/service.ts'
import { createFileService } from '../container-files/service.ts'
import { toEnvelope } from '../contract/errors.ts'
import { connectEngine } from '../docker/connect.ts'
import { createHubClient } from '../hub/client.ts'
import { createRegistryLooks } from '../images/registry-look.ts'
import { createUpdateChecker } from '../images/updates.ts'
import { LayerService } from '../layers/service.ts'
import { createLogService } from '../logs/service.ts'
import { createOperationRegistry } from '../operations/registry.ts'
import type { OperationRegistry } from '../operations/registry.ts'
import { createNativeProvider } from '../providers/native/native-provider.ts'
import { createPlannedPorts } from '../ports/planned.ts'
import { createEngineManager } from '../providers/manager.ts'
import type { EngineConnection } from '../providers/manager.ts'
import type { EngineProvider } from '../providers/provider.ts'
import { createProviderRegistry } from '../providers/registry.ts'
import { createMachine } from '../providers/vm/machine.ts'
import type { Machine } from '../providers/vm/machine.ts'
import { createReleases } from '../releases/service.ts'
import { createKnownSecrets, secretsIn } from '../redact/known.ts'
import { redactText } from '../redact/text.ts'
import { createRegistryLogins } from '../registries/logins.ts'
import { createRealmGuard } from '../registries/realm-guard.ts'
import { createTickets } from '../registries/tickets.ts'
import { openVault } from '../registries/vault.ts'
import { openSettings } from '../settings/store.ts'
import type { SettingsStore } from '../settings/store.ts'
import { createLogFile } from '../system/log.ts'
import { createTerminalService } from '../terminals/service.ts'
import { openParts, sweepParts } from '../transfers/parts.ts'
import { createTransferService } from '../transfers/service.ts'
import { loadWelcomeOnce } from '../welcome/image.ts'
import { createCare } from './care.ts'
import { endingLimitMs, stopWithNaru } from './ending.ts'
import { createMirrorHub } from './mirror-hub.ts'
import type { EngineHostOptions } from './options.ts'
import { buildRunners } from './runners/builds.ts'
import { containerRunners } from './runners/containers.ts'
import { engineRunners } from './runners/engines.ts'
import { fileRunners } from './runners/files.ts'
import { housekeepingRunners } from './runners/housekeeping.ts'
import { imageRunners } from './runners/images.ts'
import { insideRunners } from './runners/inside.ts'
import { layerRunners } from './runners/layers.ts'
import { machineRunners } from './runners/machine.ts'
import { registryRunners } from './runners/registries.ts'
import { runRunners } from './runners/run.ts'
import type { Core, Services } from './services.ts'

export interface Composed extends Services {
  readonly close: () => Promise<void>
  /** See ending.ts. */
  readonly endingLimitMs: () => number
}

const LOG_ROTATION = { maxBytes: 2 * 1024 * 1024, keep: 2 }

/** Opens everything and begins to look for engines. */
export async function compose(options: EngineHostOptions): Promise<Composed> {
  await mkdir(options.stateFolder, { recursive: true, mode: 0o700 })
  const known = createKnownSecrets()
  const write = options.log ?? createLogFile(join(options.stateFolder, 'logs', 'engine-room.log'), LOG_ROTATION).write
  const log = (line: string): void => write(redactText(known.redact(line)))
  const settings = await openSettings({ folder: options.stateFolder, notice: log })
  const native = () => createNativeProvider({ stateFolder: join(options.stateFolder, 'engine'), bundleFolder: options.bundleFolder, log })
  const machine = openMachine(options, settings, log)
  const providers = options.engines?.providers ?? [native(), ...(machine ? [machine.provider] : [])]
  const engines = createEngineManager({
    providers,
    registry: options.engines?.registry ?? createProviderRegistry({ env: options.env, home: options.home, exclude: ownSockets(providers) }),
    connect: options.engines?.connect ?? connectEngine,
    settings,
    log,
  })
  const mirrors = createMirrorHub({ manager: engines, log })
  const { stateFolder, secrets, env, home } = options
  const vault = await openVault({ stateFolder, log, ...(secrets && { secrets }) })
  const registries = createRegistryLogins({ vault, env, home, log, onSecret: (secret) => known.learn([secret]), guard: createRealmGuard({ allowed: () => settings.get().registryRealms }) })
  const core: Core = { options, settings, engines, machine, mirrors, registries, tickets: createTickets() }
  const builds = createBuildService({ stateFolder: options.stateFolder, notice: log })
  const partsFolder = join(stateFolder, 'parts')
  // What is written from now on waits for this.
  for (const path of await sweepParts(partsFolder)) log(`${path}: half a file of an earlier start was deleted`)
  const transfers = createTransferService(openParts(partsFolder))
  const terminals = createTerminalService({ connection: (engineId) => engines.connection(engineId) })
  const layers = new LayerService({ workerPath: options.layerWorkerPath, connection: (engineId) => engines.connection(engineId) })
  const files = createFileService({ connection: (engineId) => engines.connection(engineId) })
  const care = createCare({ engines, operations: () => operations.rows(), stateFolder })
  const operations: OperationRegistry = createOperationRegistry({
    onArgument: (arg) => known.learn(secretsIn(arg)),
    redact: known.redact,
    onEnded: transfers.release,
    // An engine that breaks off a pull or a build may have made an image that it tells nobody of.
    onUndone: ({ name, engineId }) => /^(?:images|builds)\./.test(name) && mirrors.look(engineId),
    runners: { ...containerRunners(core, terminals), ...runRunners(core, terminals), ...imageRunners(core), ...registryRunners(core), ...engineRunners(core, care), ...machineRunners(core), ...housekeepingRunners({ ...core, transfers }), ...buildRunners(core, builds), ...layerRunners(core, layers), ...insideRunners(core), ...fileRunners({ ...core, transfers, files }) },
  })
  const logs = createLogService({
    stateFolder: options.stateFolder,
    workerPath: options.logWorkerPath,
    connection: (engineId) => engines.connection(engineId),
    events: mirrors.containerEvents,
    settings: settings.get,
  })
  const releases = await createReleases({ stateFolder, version: options.version, settings, env, log })
  const forgetWelcome = welcomeOnFirstStart(core, log)
  void engines.detect().catch((error: unknown) => log(`looking for engines failed: ${toEnvelope(error).message}`))

  return {
    ...core,
    known,
    operations,
    care,
    builds,
    layers,
    files,
    logs,
    terminals,
    transfers,
    updates: createUpdateChecker(),
    releases,
    plannedPorts: createPlannedPorts(),
    looks: createRegistryLooks(),
    hub: createHubClient({ baseUrl: () => settings.get().hubUrl }),
    endingLimitMs: () => endingLimitMs(settings.get()),
    async close() {
      forgetWelcome()
      releases.close()
      // What still works for someone ends before what it works with.
      await operations.close()
      await terminals.shutdown()
      files.shutdown()
      transfers.shutdown()
      await builds.close()
      await layers.close()
      core.tickets.close()
      await logs.shutdown()
      await stopWithNaru(engines, settings.get(), log)
      await mirrors.close()
      await engines.close()
      machine?.close()
      settings.close()
    },
  }
}

/** The virtual machine of this state folder; null when the shell brings none. */
function openMachine({ stateFolder, vmImageFolder, vmQemuFolder, vmSetup, home }: EngineHostOptions, settings: SettingsStore, log: (line: string) => void): Machine | null {
  if (vmImageFolder === undefined) return null
  const machine = createMachine({
    stateFolder: join(stateFolder, 'vm'),
    imageFolder: vmImageFolder,
    ...(vmQemuFolder !== undefined && { qemuFolder: vmQemuFolder }),
    ...(vmSetup && { setup: vmSetup }),
    home,
    settings: () => settings.get().vm,
    log,
  })
  settings.onChange((now, before) => {
    if (now.vm !== before.vm) machine.changed()
  })
  return machine
}

/** Naru's own engines are not found a second time as somebody's sockets. */
function ownSockets(providers: readonly EngineProvider[]): string[] {
  return providers.flatMap(({ dockerHost }) => dockerHost ?? [])
}

/** A fresh embedded engine gets the welcome image, so that the first click needs no network. */
function welcomeOnFirstStart({ engines, options }: Core, log: (line: string) => void): () => void {
  const load = ({ engineId, client, signal }: EngineConnection) => {
    const kind = engines.snapshot().engines.find(({ id }) => id === engineId)?.kind
    if (kind !== 'native' && kind !== 'vm') return
    // Each engine has its own images, and so its own mark that it had this one.
    loadWelcomeOnce(client, options.welcomeImage, kind === 'vm' ? join(options.stateFolder, 'vm') : options.stateFolder, signal).catch((error: unknown) => {
      log(`the welcome image was not loaded: ${toEnvelope(error).message}`)
    })
  }
  return engines.onConnection(load)
}
