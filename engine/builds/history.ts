/** Builds of earlier sessions: one small JSON file each beside its log, the oldest removed at the cap. */
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { BuildFailure, BuildRow, BuildStep, BuildWarning } from '../contract/models.ts'
import { readJson, writeFileAtomic } from '../system/files.ts'
import { hiddenRecord } from './hidden.ts'

export interface BuildRecord {
  readonly row: BuildRow
  readonly steps: readonly BuildStep[]
  readonly warnings: readonly BuildWarning[]
  readonly failure?: BuildFailure
}

export interface BuildHistory {
  /** Newest first. Builds that were running when the last session ended are `lost`. */
  readonly load: () => Promise<readonly BuildRow[]>
  readonly read: (id: string) => Promise<BuildRecord | null>
  readonly write: (record: BuildRecord) => Promise<void>
  readonly remove: (id: string) => Promise<void>
  readonly logPath: (id: string) => string
  /** Ids to remove so that the caps hold; `ids` newest first. */
  readonly beyondCaps: (ids: readonly string[]) => Promise<readonly string[]>
}

/** Builds kept, and bytes of their logs. */
export const MAX_BUILDS = 200
const MAX_LOGS_BYTES = 256 * 1024 * 1024
const VERSION = 1
const ID = /^[\w-]{1,100}$/

/** @param folder made when first needed */
export function createBuildHistory(folder: string): BuildHistory {
  const pathOf = (id: string): string => join(folder, `${id}.json`)
  const logPath = (id: string): string => join(folder, `${id}.log`)
  const read = (id: string): Promise<BuildRecord | null> => readJson(pathOf(id), accept)

  const write = (record: BuildRecord): Promise<void> => writeFileAtomic(pathOf(record.row.id), JSON.stringify({ version: VERSION, ...record }))

  return {
    logPath,
    async load() {
      const names = await readdir(folder).catch(() => [])
      const ids = names.flatMap((name) => (name.endsWith('.json') ? [name.slice(0, -5)] : [])).filter((id) => ID.test(id))
      const records: BuildRecord[] = []
      // One after the other: a few hundred small files.
      for (const id of ids) {
        const record = await read(id)
        if (record?.row.id !== id) continue
        const hidden = hiddenRecord(record)
        // Earlier versions kept build arguments as they were given.
        if (hidden !== record) await write(hidden)
        records.push(hidden)
      }
      for (const name of names) if (name.endsWith('.log') && !ids.includes(name.slice(0, -4))) await rm(join(folder, name), { force: true })
      return records.map(({ row }) => (row.status === 'running' ? lost(row) : row)).sort((a, b) => b.startedAt - a.startedAt)
    },
    async read(id) {
      const record = ID.test(id) ? await read(id) : null
      return record?.row.status === 'running' ? { ...record, row: lost(record.row), steps: record.steps.map(stopped) } : record
    },
    write,
    async remove(id) {
      await Promise.all([rm(pathOf(id), { force: true }), rm(logPath(id), { force: true })])
    },
    async beyondCaps(ids) {
      let bytes = 0
      const gone: string[] = []
      for (const [index, id] of ids.entries()) {
        bytes += (await stat(logPath(id)).catch(() => null))?.size ?? 0
        if (index >= MAX_BUILDS || (bytes > MAX_LOGS_BYTES && index > 0)) gone.push(id)
      }
      return gone
    },
  }
}

function accept(value: unknown): BuildRecord | null {
  if (typeof value !== 'object' || value === null || !('version' in value) || value.version !== VERSION) return null
  const record = value as unknown as Partial<BuildRecord>
  const { row, steps, warnings } = record
  if (!row || typeof row.id !== 'string' || typeof row.startedAt !== 'number' || typeof row.spec?.folder !== 'string') return null
  return Array.isArray(steps) && Array.isArray(warnings) ? { row, steps, warnings, ...(record.failure && { failure: record.failure }) } : null
}

function lost(row: BuildRow): BuildRow {
  const { phase: _phase, current: _current, ...rest } = row
  return { ...rest, status: 'lost' }
}

const stopped = (step: BuildStep): BuildStep => (step.state === 'running' || step.state === 'waiting' ? { ...step, state: 'cancelled' } : step)
