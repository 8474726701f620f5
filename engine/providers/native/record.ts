/** What the running engine was started with; read again when it is adopted. */
import { readJson, writeFileAtomic } from '../../system/files.ts'
import type { NativePaths } from './paths.ts'

export interface EngineRecord {
  /** The machine's start it belongs to. */
  readonly boot: string
  /** Address slot; see addresses.ts. */
  readonly slot: number
  /** Stamp of the bundle the daemons run from. */
  readonly bundle: string
}

export async function readRecord(paths: NativePaths): Promise<EngineRecord | null> {
  return readJson(paths.record, (value) => {
    if (typeof value !== 'object' || value === null) return null
    if (!('boot' in value) || !('slot' in value) || !('bundle' in value)) return null
    const { boot, slot, bundle } = value
    return typeof boot === 'string' && typeof slot === 'number' && typeof bundle === 'string' ? { boot, slot, bundle } : null
  })
}

export const writeRecord = (paths: NativePaths, record: EngineRecord): Promise<void> =>
  writeFileAtomic(paths.record, `${JSON.stringify(record)}\n`)
