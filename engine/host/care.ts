/** What a reset takes away, and the consent that lets it happen. */
import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { NaruError } from '../contract/errors.ts'
import type { EngineLoss, OperationRow } from '../contract/models.ts'
import { diskUsage } from '../images/disk.ts'
import type { EngineManager, ResetOptions } from '../providers/engine-manager.ts'
import { withAny } from '../system/signals.ts'
import { welcomeMarker } from '../welcome/image.ts'

export interface CareDeps {
  readonly engines: Pick<EngineManager, 'snapshot' | 'connection' | 'dataBytes' | 'resetEngine'>
  /** Operations of this session. */
  readonly operations: () => readonly OperationRow[]
  readonly stateFolder: string
  readonly now?: () => number
}

export interface Care {
  readonly loss: (engineId: string, signal: AbortSignal) => Promise<EngineLoss>
  readonly reset: (engineId: string, consent: string, operationId: string, options: Omit<ResetOptions, 'onWiped'>) => Promise<void>
}

const CONSENT_MS = 600_000
/** Only reads, begins by itself when somebody looks at an image, and says so when its engine goes: no reason to refuse. */
const HARMLESS = 'layers.analyse'
const NOTHING = { containers: 0, running: 0, images: 0, volumes: 0, containersBytes: 0, imagesBytes: 0, volumesBytes: 0, buildCacheBytes: 0 }

export function createCare({ engines, operations, stateFolder, now = () => performance.now() }: CareDeps): Care {
  const consents = new Map<string, { readonly engineId: string; readonly until: number }>()

  const consentTo = (engineId: string): string => {
    for (const [token, { until }] of consents) if (until <= now()) consents.delete(token)
    const token = randomUUID()
    consents.set(token, { engineId, until: now() + CONSENT_MS })
    return token
  }

  /** What the engine says it holds; null while it does not answer. */
  const held = async (engineId: string, signal: AbortSignal): Promise<typeof NOTHING | null> => {
    const status = engines.snapshot().engines.find(({ id }) => id === engineId)?.status
    if (status !== 'ready') return null
    const { client, signal: lost } = engines.connection(engineId)
    const [raw, volumes] = await withAny([signal, lost], (both) => Promise.all([client.diskUsage({ signal: both }), client.volumeNames({ signal: both })]))
    const { containersBytes, imagesBytes, volumesBytes, buildCacheBytes } = diskUsage(raw)
    const containers = raw.Containers ?? []
    return {
      containers: containers.length,
      running: containers.filter(({ State }) => State === 'running' || State === 'paused' || State === 'restarting').length,
      images: raw.Images?.length ?? 0,
      volumes: volumes.length,
      containersBytes, imagesBytes, volumesBytes, buildCacheBytes,
    }
  }

  return {
    async loss(engineId, signal) {
      const bytes = engines.dataBytes(engineId, signal)
      const counts = await held(engineId, signal).catch(() => null)
      return { known: counts !== null, ...(counts ?? NOTHING), dataBytes: await bytes, consent: consentTo(engineId) }
    },
    async reset(engineId, consent, operationId, options) {
      const given = consents.get(consent)
      consents.delete(consent)
      if (given?.engineId !== engineId || given.until <= now()) throw new NaruError('conflict', 'nobody agreed to this reset', { engineId, hint: 'reset-consent' })
      const busy = operations().filter((row) => row.engineId === engineId && row.status === 'running' && row.id !== operationId && row.name !== HARMLESS)
      if (busy.length > 0) {
        throw new NaruError('conflict', 'operations are under way', { engineId, hint: 'reset-busy', params: { operations: busy.map(({ subject }) => subject) } })
      }
      // A fresh embedded engine gets the welcome image.
      await engines.resetEngine(engineId, { ...options, onWiped: () => rm(welcomeMarker(stateFolder), { force: true }) })
    },
  }
}
