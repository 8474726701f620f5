/** Builds: a form read from a folder, the build as an operation, its steps and logs while and after it runs. */
import type { BuildCache, BuildForm, BuildLogWindow, BuildPatch, BuildRow, BuildSpec, FolderList, RowPatch } from '../models.ts'
import type { MethodRule, Nothing, OfEngine, StreamRule } from './rules.ts'

export interface BuildMethods {
  /**
   * Reads a folder and its Dockerfile (`dockerfile`: relative to the folder or absolute). Codes `not-found` and `denied`
   * {path}.
   */
  'builds.open': { arg: { readonly folder: string; readonly dockerfile?: string }; result: BuildForm }
  /** At most 1 000 lines and about 1 MiB (ask again for the rest). `stepId` null = the whole log. */
  'builds.log': {
    arg: { readonly buildId: string; readonly stepId: string | null; readonly from: number; readonly count: number }
    result: BuildLogWindow
  }
  /** Takes ended builds off the history, with their logs. Code `running` when one still runs (none is removed then). */
  'builds.remove': { arg: { readonly buildIds: readonly string[] }; result: Nothing }
  'builds.cache': { arg: OfEngine; result: BuildCache }
  /** Folders below a path of this machine; an empty path means the home folder. Codes `not-found`, `denied` {path}. */
  'files.list-folders': { arg: { readonly path: string }; result: FolderList }
}

export interface BuildStreams {
  /** First item = the whole history of every engine, newest first; conflated per row. */
  'builds.watch': { arg: Nothing; item: RowPatch<BuildRow> }
  /** Steps of one build, running or ended; ends with the build. Conflated. Code `not-found` {name}. */
  'builds.steps': { arg: { readonly buildId: string }; item: BuildPatch }
}

export interface BuildOperations {
  /**
   * The build's id is the operation's. Fails with `build-failed` {line, instruction, exitCode, as far as known},
   * `not-found`/`denied` {path} (hint `build.context`) for a file of the context, and what pulling a base image throws.
   */
  'builds.start': {
    arg: OfEngine & { readonly spec: BuildSpec }
    result: { readonly buildId: string; readonly imageId: string; readonly tags: readonly string[]; readonly warnings: number }
  }
}

export const BUILD_METHOD_RULES = {
  'builds.open': { mutates: false, limitMs: 20_000 },
  'builds.log': { mutates: false, limitMs: 5_000 },
  'builds.remove': { mutates: true, limitMs: 10_000 },
  'builds.cache': { mutates: false, limitMs: 120_000 },
  'files.list-folders': { mutates: false, limitMs: 10_000 },
} as const satisfies { readonly [M in keyof BuildMethods]: MethodRule }

export const BUILD_STREAM_RULES = {
  'builds.watch': { noCredit: 'conflate', window: 8, unit: 'items' },
  'builds.steps': { noCredit: 'conflate', window: 4, unit: 'items' },
} as const satisfies { readonly [S in keyof BuildStreams]: StreamRule }
