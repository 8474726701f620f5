/** Looks for new versions of Naru once a day while the person has that switched on, and remembers what was found. */
import { join } from 'node:path'
import { NaruError } from '../contract/errors.ts'
import type { ReleaseLook, Settings } from '../contract/models.ts'
import { createBroadcast } from '../host/broadcast.ts'
import type { SettingsStore } from '../settings/store.ts'
import { readJson, writeFileAtomic } from '../system/files.ts'
import { askFeed, feedAddress, FeedError } from './feed.ts'
import type { Release } from './feed.ts'
import { isNewer, isVersion } from './versions.ts'

export interface ReleaseService {
  /** Begins with what is known. */
  readonly watch: (signal: AbortSignal) => AsyncIterable<ReleaseLook>
  /** This version is not spoken of again; a later one is. @throws NaruError `invalid-request`, `internal` */
  readonly skip: (version: string) => Promise<void>
  readonly close: () => void
}

export interface ReleaseOptions {
  readonly stateFolder: string
  /** Naru's own. */
  readonly version: string
  readonly settings: Pick<SettingsStore, 'get' | 'onChange'>
  readonly env: Readonly<Record<string, string | undefined>>
  readonly log: (line: string) => void
  /** Milliseconds since 1970. */
  readonly now?: () => number
  /** Runs something later; returns the way to stop that. */
  readonly later?: (ms: number, run: () => void) => () => void
}

/** What is kept in releases.json. */
interface Known {
  readonly lookedAt: number | null
  readonly failed: 'unreachable' | 'unusable' | null
  readonly found: Release | null
  readonly skipped: string | null
}

const FILE = 'releases.json'
const DAY_MS = 24 * 3600_000
/** A machine that slept has timers that are late: the time is looked at this often. */
const HOUR_MS = 3600_000
const NOTHING: Known = { lookedAt: null, failed: null, found: null, skipped: null }

const unrefTimer = (ms: number, run: () => void): (() => void) => {
  const timer = setTimeout(run, ms)
  timer.unref()
  return () => clearTimeout(timer)
}

/** Opens the memory and begins; what cannot be read is as if nothing was known. */
export async function createReleases(options: ReleaseOptions): Promise<ReleaseService> {
  const { stateFolder, version, settings, env, log, now = Date.now, later = unrefTimer } = options
  const path = join(stateFolder, FILE)
  const feed = feedAddress(env)
  const end = new AbortController()
  const changes = createBroadcast<ReleaseLook>()
  let known = (await readJson(path, (value) => readKnown(value, feed))) ?? NOTHING
  let stopTimer = (): void => undefined
  let looking = false
  let writing: Promise<void> = Promise.resolve()

  const shown = (): ReleaseLook => {
    const { lookedAt, failed, found, skipped } = known
    const newer = settings.get().lookForReleases && found && found.version !== skipped && isNewer(found.version, version) ? found : null
    return { host: feed.host, lookedAt, failed, newer }
  }
  /** One write after the other, each of what is known by then. */
  const keep = (next: Known): Promise<void> => {
    known = next
    changes.publish(shown())
    const written = writing.then(() => writeFileAtomic(path, `${JSON.stringify(known)}\n`))
    writing = written.catch(() => undefined)
    return written
  }
  /** How long until the next look, ms. A time that lies ahead is a clock that was wrong. */
  const due = (): number => {
    const since = now() - (known.lookedAt ?? -DAY_MS)
    return since < 0 ? 0 : Math.max(0, DAY_MS - since)
  }

  async function look(): Promise<void> {
    // The question counts, not the answer: whoever does not answer is not asked more often.
    await keep({ ...known, lookedAt: now() })
    try {
      const found = await askFeed(feed, version, end.signal)
      await keep({ ...known, found, failed: null })
    } catch (error) {
      if (end.signal.aborted) return
      log(`looking for a new version: ${error instanceof Error ? error.message : String(error)}`)
      if (error instanceof FeedError) await keep({ ...known, failed: error.kind })
    }
  }

  function plan(): void {
    stopTimer()
    if (end.signal.aborted || looking || !settings.get().lookForReleases) return
    const wait = due()
    if (wait > 0) {
      stopTimer = later(Math.min(wait, HOUR_MS), plan)
      return
    }
    looking = true
    // One that cannot keep what it found looks again in an hour at the earliest, not at once.
    void look()
      .catch((error: unknown) => log(`what is known of new versions cannot be kept: ${String(error)}`))
      .finally(() => {
        looking = false
        plan()
      })
  }

  const forget = settings.onChange((after: Settings, before: Settings) => {
    if (after.lookForReleases === before.lookForReleases) return
    changes.publish(shown())
    plan()
  })
  plan()

  return {
    watch: (signal) => changes.subscribe(signal, shown),
    async skip(skipped) {
      if (!isVersion(skipped)) throw new NaruError('invalid-request', 'version: not a version')
      await keep({ ...known, skipped })
    },
    close() {
      end.abort()
      stopTimer()
      forget()
      changes.close()
    },
  }
}

/** Each field as it must be, or the whole is as if it were not there. */
function readKnown(value: unknown, feed: URL): Known | null {
  if (typeof value !== 'object' || value === null) return null
  const { lookedAt, failed, found, skipped } = value as Record<string, unknown>
  if (lookedAt !== null && !(typeof lookedAt === 'number' && Number.isFinite(lookedAt))) return null
  return {
    lookedAt,
    failed: failed === 'unreachable' || failed === 'unusable' ? failed : null,
    found: readFound(found, feed),
    skipped: isVersion(skipped) ? skipped : null,
  }
}

/** Of a feed that is not the present one nothing counts. */
function readFound(value: unknown, feed: URL): Release | null {
  const { version, notes } = (value ?? {}) as Record<string, unknown>
  if (!isVersion(version) || typeof notes !== 'string' || !URL.canParse(notes)) return null
  return new URL(notes).origin === feed.origin ? { version, notes } : null
}
