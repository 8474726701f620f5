/** Is there room where Naru keeps what it keeps: images, containers and volumes of its own engines, logs, settings. */
import { statfs } from 'node:fs/promises'
import type { EngineSummary } from '../../contract/models.ts'
import { failed, passed, screen, warned } from '../check.ts'
import type { Check } from '../check.ts'

export interface DiskFacts {
  readonly stateFolder: string
  /** The one in use. */
  readonly engine: EngineSummary | null
}

/** Less does not hold an ordinary image while it is unpacked, bytes. */
const TOO_LITTLE_BYTES = 512 * 1024 ** 2
/** A few pulls and builds use this up, bytes. */
const LITTLE_BYTES = 5 * 1024 ** 3
/** Images are very many small files: a file system can be full of those. */
const LEAST_FREE_FILES = 0.01

export const diskCheck = ({ stateFolder, engine }: DiskFacts): Check => ({
  id: 'disk',
  applicable: () => true,
  check: async () => {
    const fixes = [screen('images')]
    if (engine?.error?.code === 'no-space') return failed('engine-full', { engineId: engine.id }, { error: engine.error, fixes })
    const { bavail, bsize, blocks, files, ffree } = await statfs(stateFolder)
    const params = { path: stateFolder, freeBytes: bavail * bsize, totalBytes: blocks * bsize }
    if (params.freeBytes < TOO_LITTLE_BYTES) return failed('full', params, { fixes })
    // File systems that make room for files as they come tell 0 of them.
    if (files > 0 && ffree / files < LEAST_FREE_FILES) return failed('no-files', { ...params, free: ffree }, { fixes })
    return params.freeBytes < LITTLE_BYTES ? warned('little', params, { fixes }) : passed('room', params)
  },
})
