/** Settings as one small JSON file in the state folder: written whole and atomically, checked field by field when read. */
import { readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { NaruError } from '../contract/errors.ts'
import type { Settings } from '../contract/models.ts'
import { METHOD_ARGS, problemOf } from '../contract/validate.ts'
import { createBroadcast } from '../host/broadcast.ts'
import { writeFileAtomic } from '../system/files.ts'
import { DEFAULT_SETTINGS } from './defaults.ts'

export interface SettingsStore {
  readonly get: () => Settings
  /** Resolves when the change is on disk. @throws NaruError `invalid-request`, `denied`, `no-space`, `internal` */
  readonly update: (patch: Partial<Settings>) => Promise<Settings>
  /** Begins with the present settings. */
  readonly watch: (signal: AbortSignal) => AsyncIterable<Settings>
  /** Calls `listener` after every change; returns the way to stop that. */
  readonly onChange: (listener: (now: Settings, before: Settings) => void) => () => void
  readonly close: () => void
}

export interface SettingsOptions {
  readonly folder: string
  /** Told what was wrong with the file and where it was put. */
  readonly notice?: (text: string) => void
}

const FILE = 'settings.json'
const KEYS = Object.keys(DEFAULT_SETTINGS) as (keyof Settings)[]

export async function openSettings(options: SettingsOptions): Promise<SettingsStore> {
  const path = join(options.folder, FILE)
  let current = await readSettings(path, options.notice ?? (() => undefined))
  const changes = createBroadcast<Settings>()
  const listeners = new Set<(now: Settings, before: Settings) => void>()
  let writing: Promise<unknown> = Promise.resolve()

  async function apply(patch: Partial<Settings>): Promise<Settings> {
    const next = { ...current, ...withoutAbsent(patch) }
    await write(path, `${JSON.stringify(changedOnly(next), null, 2)}\n`)
    const before = current
    current = next
    changes.publish(next)
    for (const listener of listeners) listener(next, before)
    return next
  }

  return {
    get: () => current,
    update(patch) {
      const problem = problemOf(METHOD_ARGS['settings.update'], { patch })
      if (problem) return Promise.reject(new NaruError('invalid-request', problem))
      // One write after the other: two patches at once must both survive.
      const done = writing.then(() => apply(patch))
      writing = done.catch(() => undefined)
      return done
    },
    watch: (signal) => changes.subscribe(signal, () => current),
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: () => changes.close(),
  }
}

async function readSettings(path: string, notice: (text: string) => void): Promise<Settings> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') notice(`settings cannot be read: ${String(error)}`)
    return DEFAULT_SETTINGS
  }
  const parsed = parseObject(text)
  if (parsed) return pickValid(parsed, notice)
  const aside = `${path}.broken-${Date.now()}`
  await rename(path, aside).catch(() => undefined)
  notice(`settings were not readable and start from the defaults; the old file is ${aside}`)
  return DEFAULT_SETTINGS
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null
  } catch {
    return null
  }
}

/** Good fields survive a bad neighbour; unknown ones are left out. */
function pickValid(found: Record<string, unknown>, notice: (text: string) => void): Settings {
  const kept: Record<string, unknown> = {}
  for (const key of KEYS) {
    if (found[key] === undefined) continue
    const problem = problemOf(METHOD_ARGS['settings.update'], { patch: { [key]: found[key] } })
    if (problem) notice(`setting ${key} is not valid and keeps its default: ${problem}`)
    else kept[key] = found[key]
  }
  return { ...DEFAULT_SETTINGS, ...kept }
}

/** Only what differs from a default is written, so that a better default reaches everyone who never chose. */
function changedOnly(settings: Settings): Partial<Settings> {
  return Object.fromEntries(
    KEYS.filter((key) => JSON.stringify(settings[key]) !== JSON.stringify(DEFAULT_SETTINGS[key])).map((key) => [key, settings[key]]),
  )
}

function withoutAbsent(patch: Partial<Settings>): Partial<Settings> {
  return Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined))
}

async function write(path: string, text: string): Promise<void> {
  try {
    await writeFileAtomic(path, text)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const known = code === 'ENOSPC' ? 'no-space' : code === 'EACCES' || code === 'EROFS' ? 'denied' : 'internal'
    throw new NaruError(known, `settings cannot be saved: ${message}`, { params: { path }, detail: message, cause: error })
  }
}
