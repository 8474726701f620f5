/** Sockets a person adds by path and takes off again. */
import { NaruError } from '../contract/errors.ts'
import type { EngineManagerOptions } from './engine-manager.ts'
import type { EngineProvider } from './provider.ts'
import { within } from './retry.ts'
import type { Roster } from './roster.ts'
import { unixPath } from './socket/discover.ts'

/** Connects once to find out whether it is an engine. @throws NaruError why it is none */
async function prove(provider: EngineProvider, options: EngineManagerOptions, ms: number, signal: AbortSignal): Promise<void> {
  const engineId = provider.id
  const late = (): NaruError => new NaruError('timeout', `no answer in ${ms} ms`, { engineId, params: { path: engineId } })
  const now = options.now ?? Date.now
  await within(ms, signal, late, async (limited) => {
    const handle = await provider.start({ signal: limited, report: () => undefined, log: () => undefined, now })
    try {
      const client = await options.connect(handle.dial, { signal: limited, engineId })
      client.close()
    } finally {
      handle.release()
    }
  })
}

/** Adds the socket at `path` to list and settings after its engine answered. */
export async function addSocket(
  roster: Roster,
  options: EngineManagerOptions,
  path: string,
  signal: AbortSignal,
): Promise<{ readonly engineId: string }> {
  const provider = await options.registry.socketProvider(path)
  const engineId = provider.id
  if (roster.find(engineId)?.connection) return { engineId }
  await prove(provider, options, roster.timings.addMs, AbortSignal.any([signal, roster.signal]))
  const added = unixPath(provider.dockerHost ?? '') ?? path
  const { sockets } = options.settings.get()
  if (!sockets.includes(added)) await options.settings.update({ sockets: [...sockets, added] })
  const unit = roster.find(engineId) ?? roster.add(provider)
  unit.retry()
  return { engineId }
}

/** Takes a socket added by hand off list and settings. @throws NaruError `not-found`, `invalid-request` */
export async function forgetSocket(roster: Roster, options: EngineManagerOptions, engineId: string): Promise<void> {
  const unit = roster.get(engineId)
  const { origin } = unit.provider
  if (origin !== 'added') {
    throw new NaruError('invalid-request', 'only an engine added by hand can be forgotten', {
      engineId,
      params: { origin },
      hint: 'engine-not-added',
    })
  }
  const { engine, sockets } = options.settings.get()
  const ids = await Promise.all(
    sockets.map((socket) => options.registry.socketProvider(socket).then(({ id }) => id, () => '')),
  )
  const kept = sockets.filter((_socket, at) => ids[at] !== engineId)
  await options.settings.update({ sockets: kept, ...(engine === engineId && { engine: 'auto' }) })
  await roster.remove(unit)
}
