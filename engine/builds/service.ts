/** Every build known: those that run now, and the history below the state folder. */
import { join } from 'node:path'
import { NaruError, toEnvelope } from '../contract/errors.ts'
import type { BuildLogWindow, BuildPatch, BuildRow, BuildSpec, RowPatch } from '../contract/models.ts'
import { createBroadcast } from '../host/broadcast.ts'
import { mergeRowPatches } from '../host/row-patch.ts'
import type { Dockerfile } from './dockerfile.ts'
import { createBuildHistory } from './history.ts'
import { createLiveBuild } from './live-build.ts'
import type { LiveBuild } from './live-build.ts'
import { openBuildLog } from './log-file.ts'
import type { BuildLogFile } from './log-file.ts'

export interface NewBuild {
  readonly id: string
  readonly engineId: string
  readonly name: string
  readonly spec: BuildSpec
  readonly command: string
  readonly file: Dockerfile
}

export interface BuildService {
  readonly begin: (build: NewBuild) => Promise<LiveBuild>
  /** Ends a live build and keeps it. */
  readonly end: (live: LiveBuild, ...how: Parameters<LiveBuild['end']>) => Promise<void>
  /** First item = the whole history, newest first. */
  readonly watch: (signal: AbortSignal) => AsyncIterable<RowPatch<BuildRow>>
  /** @throws NaruError `not-found` */
  readonly steps: (buildId: string, signal: AbortSignal) => AsyncIterable<BuildPatch>
  /** @throws NaruError `not-found` */
  readonly log: (arg: { readonly buildId: string; readonly stepId: string | null; readonly from: number; readonly count: number }) => Promise<BuildLogWindow>
  /** @throws NaruError `running`; then none is removed */
  readonly remove: (ids: readonly string[]) => Promise<void>
  /** What was built last in a folder. */
  readonly lastOf: (folder: string) => Promise<BuildSpec | undefined>
  readonly close: () => Promise<void>
}

export interface BuildServiceOptions {
  readonly stateFolder: string
  readonly notice: (line: string) => void
  readonly now?: () => number
}

/** Logs of ended builds that stay open for reading. */
const OPEN_LOGS = 2

class Builds implements BuildService {
  readonly #options: BuildServiceOptions
  readonly #history
  readonly #rows = new Map<string, BuildRow>()
  readonly #live = new Map<string, LiveBuild>()
  readonly #changes = createBroadcast<RowPatch<BuildRow>>(mergeRowPatches)
  /** Logs of ended builds, the one read last at the end. */
  readonly #logs = new Map<string, Promise<BuildLogFile>>()
  readonly #loaded: Promise<void>

  constructor(options: BuildServiceOptions) {
    this.#options = options
    this.#history = createBuildHistory(join(options.stateFolder, 'builds'))
    this.#loaded = this.#load()
  }

  async #load(): Promise<void> {
    try {
      for (const row of await this.#history.load()) if (!this.#rows.has(row.id)) this.#rows.set(row.id, row)
    } catch (error) {
      this.#options.notice(`the history of builds could not be read: ${toEnvelope(error).message}`)
    }
  }

  #newestFirst(): BuildRow[] {
    return [...this.#rows.values()].sort((a, b) => b.startedAt - a.startedAt)
  }

  #put(row: BuildRow): void {
    this.#rows.set(row.id, row)
    this.#changes.publish({ upsert: [row], remove: [] })
  }

  async begin(build: NewBuild): Promise<LiveBuild> {
    await this.#loaded
    const log = await openBuildLog(this.#history.logPath(build.id))
    const live = createLiveBuild({ ...build, log, now: this.#options.now ?? Date.now, onRow: (row) => this.#put(row) })
    this.#live.set(build.id, live)
    this.#put(live.row())
    // On disk from the start: a crash leaves a build that is known to be lost.
    await this.#write(() => this.#history.write({ row: live.row(), steps: [], warnings: [] }))
    return live
  }

  async end(live: LiveBuild, ...how: Parameters<LiveBuild['end']>): Promise<void> {
    const record = await live.end(...how)
    await this.#write(async () => {
      await this.#history.write(record)
      await this.#forget(await this.#history.beyondCaps(this.#newestFirst().map(({ id }) => id)))
    })
    this.#live.delete(record.row.id)
  }

  /** A history that cannot be written fails no build. */
  async #write(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      this.#options.notice(`the history of builds could not be written: ${toEnvelope(error).message}`)
    }
  }

  async *watch(signal: AbortSignal): AsyncGenerator<RowPatch<BuildRow>, void, undefined> {
    await this.#loaded
    yield* this.#changes.subscribe(signal, () => ({ upsert: this.#newestFirst(), remove: [] }))
  }

  async *steps(buildId: string, signal: AbortSignal): AsyncGenerator<BuildPatch, void, undefined> {
    await this.#loaded
    const live = this.#live.get(buildId)
    if (live) {
      yield* live.watch(signal)
      return
    }
    const record = await this.#history.read(buildId)
    if (!record) throw unknownBuild(buildId)
    const { row, steps, warnings, failure } = record
    const logLines = (await this.#logOf(buildId)).total()
    yield { reset: true, build: row, steps, warnings, ...(failure && { failure }), logLines }
  }

  async log({ buildId, stepId, from, count }: Parameters<BuildService['log']>[0]): Promise<BuildLogWindow> {
    await this.#loaded
    if (!this.#rows.has(buildId)) throw unknownBuild(buildId)
    return (await this.#logOf(buildId)).window(stepId, from, count)
  }

  async #logOf(id: string): Promise<BuildLogFile> {
    const live = this.#live.get(id)
    if (live) return live.log
    const log = this.#logs.get(id) ?? openBuildLog(this.#history.logPath(id), { load: true })
    this.#logs.delete(id)
    this.#logs.set(id, log)
    for (const oldest of [...this.#logs.keys()].slice(0, -OPEN_LOGS)) await this.#closeLog(oldest)
    return log
  }

  async #closeLog(id: string): Promise<void> {
    const log = this.#logs.get(id)
    this.#logs.delete(id)
    await (await log)?.close()
  }

  async remove(ids: readonly string[]): Promise<void> {
    await this.#loaded
    const running = ids.find((id) => this.#live.has(id))
    if (running !== undefined) {
      const { name } = this.#rows.get(running) ?? { name: running }
      throw new NaruError('running', `the build of ${name} still runs`, { params: { name }, hint: 'build.still-running' })
    }
    await this.#forget(ids)
  }

  async #forget(ids: readonly string[]): Promise<void> {
    const gone = ids.filter((id) => this.#rows.has(id) && !this.#live.has(id))
    for (const id of gone) {
      await this.#closeLog(id)
      await this.#history.remove(id)
      this.#rows.delete(id)
    }
    if (gone.length > 0) this.#changes.publish({ upsert: [], remove: gone })
  }

  async lastOf(folder: string): Promise<BuildSpec | undefined> {
    await this.#loaded
    return this.#newestFirst().find(({ spec }) => spec.folder === folder)?.spec
  }

  async close(): Promise<void> {
    await this.#loaded
    this.#changes.close()
    for (const id of [...this.#logs.keys()]) await this.#closeLog(id)
  }
}

export function createBuildService(options: BuildServiceOptions): BuildService {
  return new Builds(options)
}

function unknownBuild(id: string): NaruError {
  return new NaruError('not-found', `no build ${id}`, { params: { name: id } })
}
