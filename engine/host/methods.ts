/** One handler for each method of the contract, grouped by noun. Each is a line or two: the work is in the nouns. */
import { CONTRACT_VERSION } from '../contract/contract.ts'
import { NaruError } from '../contract/errors.ts'
import { containerDetail } from '../containers/inspect.ts'
import { imageDetail } from '../images/inspect.ts'
import type { MethodHandlers } from '../link/handlers.ts'
import type { EngineConnection } from '../providers/manager.ts'
import { fileMethods } from './methods/files.ts'
import { supportMethods } from './methods/support.ts'
import { hostMethods } from './methods/host.ts'
import { housekeepingMethods } from './methods/housekeeping.ts'
import { buildMethods } from './methods/builds.ts'
import { stackMethods } from './methods/stacks.ts'
import { insideMethods } from './methods/inside.ts'
import { machineMethods } from './methods/machine.ts'
import { layerMethods } from './methods/layers.ts'
import { portMethods } from './methods/ports.ts'
import { terminalMethods } from './methods/terminals.ts'
import { whyMethods } from './methods/why.ts'
import { registryMethods } from './methods/registries.ts'
import { withAny } from '../system/signals.ts'
import type { Services } from './services.ts'

type Named<Prefix extends string> = Pick<MethodHandlers, Extract<keyof MethodHandlers, `${Prefix}.${string}`>>

export function createMethods(services: Services): MethodHandlers {
  return {
    ...appMethods(services),
    ...engineMethods(services),
    ...objectMethods(services),
    ...portMethods(services),
    ...hubMethods(services),
    ...operationMethods(services),
    ...hostMethods,
    ...supportMethods(services),
    ...machineMethods(services),
    ...housekeepingMethods(services),
    ...buildMethods(services),
    ...stackMethods(services),
    ...layerMethods(services.layers),
    ...insideMethods(services),
    ...fileMethods(services.files),
    ...terminalMethods(services.terminals),
    ...whyMethods(services),
    ...registryMethods(services),
    'releases.skip': async ({ version }) => nothing(await services.releases.skip(version)),
    'logs.open': services.logs.open,
    'logs.join': services.logs.join,
    'logs.close': services.logs.close,
    'logs.window': services.logs.window,
    'logs.filter': services.logs.filter,
    'logs.place': services.logs.place,
    'logs.fold': services.logs.fold,
    'logs.mark': services.logs.mark,
    'logs.find': services.logs.find,
  }
}

function appMethods({ options, settings }: Services): Named<'app' | 'settings'> {
  return {
    'app.info': async () => ({
      contractVersion: CONTRACT_VERSION,
      version: options.version,
      shell: options.shell,
      platform: process.platform,
      stateFolder: options.stateFolder,
      root: process.getuid?.() === 0,
      loginItem: options.loginItem !== undefined,
    }),
    'settings.get': async () => settings.get(),
    'settings.update': async ({ patch }) => {
      const { startAtLogin } = patch
      // First what can fail: the setting says what is.
      if (startAtLogin !== undefined && startAtLogin !== settings.get().startAtLogin) await setLoginItem(options, startAtLogin)
      return settings.update(patch)
    },
  }
}

async function setLoginItem({ loginItem }: Services['options'], enabled: boolean): Promise<void> {
  if (!loginItem) throw new NaruError('unsupported', 'this window cannot start with the session', { hint: 'login-item' })
  await loginItem.set(enabled)
}

function engineMethods({ engines, care }: Services): Named<'engines'> {
  return {
    'engines.detect': () => engines.detect(),
    'engines.select': async ({ engineId }) => nothing(await engines.select(engineId)),
    'engines.retry': async ({ engineId }) => nothing(await engines.retry(engineId)),
    'engines.add-socket': ({ path }, { signal }) => engines.addSocket(path, signal),
    'engines.loss': ({ engineId }, { signal }) => care.loss(engineId, signal),
    'engines.forget': async ({ engineId }) => nothing(await engines.forget(engineId)),
  }
}

function objectMethods({ engines }: Services): Pick<MethodHandlers, 'containers.inspect' | 'images.inspect'> {
  return {
    'containers.inspect': ({ engineId, id }, { signal }) =>
      withConnection(engines.connection(engineId), signal, async (client, both) => containerDetail(await client.inspectContainer(id, { signal: both }))),
    'images.inspect': ({ engineId, id }, { signal }) =>
      withConnection(engines.connection(engineId), signal, async (client, both) => {
        const [image, history] = await Promise.all([client.inspectImage(id, { signal: both }), client.imageHistory(id, { signal: both })])
        return imageDetail(image, history)
      }),
  }
}

function hubMethods({ hub, engines }: Services): Named<'hub'> {
  return {
    'hub.search': ({ engineId, ...query }, { signal }) => hub.search(query, searcher(engines, engineId), signal),
    'hub.tags': (query, { signal }) => hub.tags(query, signal),
  }
}

/** The engine's own search is a fall-back: an engine that is away is no reason to fail. */
function searcher(engines: Services['engines'], engineId: string | null): EngineConnection['client'] | undefined {
  try {
    return engineId === null ? engines.currentConnection()?.client : engines.connection(engineId).client
  } catch {
    return undefined
  }
}

function operationMethods({ operations }: Services): Named<'operations'> {
  return {
    'operations.start': async ({ name, arg }) => ({ operationId: operations.start(name, arg) }),
    'operations.cancel': async ({ operationId }) => nothing(operations.cancel(operationId)),
    'operations.retry': async ({ operationId }) => ({ operationId: operations.retry(operationId) }),
    'operations.command': async ({ operationId }) => ({ command: operations.command(operationId) }),
    'operations.clear': async () => nothing(operations.clear()),
  }
}

/** Ends the work when the caller goes or the connection is lost, whichever comes first. */
function withConnection<T>(
  { client, signal: lost }: EngineConnection,
  signal: AbortSignal,
  work: (client: EngineConnection['client'], signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return withAny([signal, lost], (both) => work(client, both))
}

function nothing(_done: void): Readonly<Record<string, never>> {
  return {}
}
