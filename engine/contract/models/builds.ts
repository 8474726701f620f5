import type { ErrorEnvelope } from '../errors.ts'

/** What to build, as `docker build` takes it. */
export interface BuildSpec {
  /** Absolute path of the context folder on the machine the engine room runs on. */
  readonly folder: string
  /** Path of the Dockerfile: relative to `folder`, or absolute (may lie outside). Absent = `Dockerfile`. */
  readonly dockerfile?: string
  /** Name or number of the stage to stop at; absent = the last one. */
  readonly target?: string
  /** Those with a value; fields left empty are not listed. */
  readonly buildArgs: readonly { readonly name: string; readonly value: string }[]
  /** Zero or more; without a tag the image is known by its id only. */
  readonly tags: readonly string[]
  /** `os/arch[/variant]`; absent = the engine's own. */
  readonly platform?: string
  readonly noCache: boolean
  /** Asks the registries for newer base images. */
  readonly pull: boolean
  readonly labels: readonly { readonly name: string; readonly value: string }[]
}

/** `lost` = Naru or the machine went away while it ran. */
export type BuildStatus = 'running' | 'succeeded' | 'failed' | 'cancelled' | 'lost'

/** A build of this or an earlier session. Its id is the id of the operation that made it. */
export interface BuildRow {
  readonly id: string
  readonly engineId: string
  /** First tag, else the folder's name. */
  readonly name: string
  /** Values that look like secrets are replaced by a mark (`engine/redact`). */
  readonly spec: BuildSpec
  /** The docker command line that does the same; `shown` and `needs` as in an OperationRow. */
  readonly command: string
  readonly shown?: string
  readonly needs?: readonly string[]
  readonly status: BuildStatus
  /** While it runs: `sending` = the context is read and sent (a builder may work beside it), `building` = all was sent. */
  readonly phase?: 'sending' | 'building'
  readonly startedAt: number
  readonly endedAt?: number
  /** `classic` knows no parallel steps; absent until known. */
  readonly builder?: 'buildkit' | 'classic'
  /** Instructions of the Dockerfile seen so far, of all stages; the builder's own steps are not counted. */
  readonly steps: { readonly total: number; readonly done: number; readonly cached: number; readonly failed: number }
  /** Name of the step at work now. */
  readonly current?: string
  /** Bytes of files of the context sent so far, and in all once the folder was read. */
  readonly contextBytes: number
  readonly contextTotalBytes?: number
  readonly contextFiles: number
  /** `sha256:…` of the image that was made. */
  readonly imageId?: string
  readonly warnings: number
  /** Code `build-failed` with the place, or what stood in the way; see BuildFailure. */
  readonly error?: ErrorEnvelope
}

export type BuildStepState = 'waiting' | 'running' | 'done' | 'cached' | 'failed' | 'cancelled'

export interface BuildStep {
  readonly id: string
  /** Sort by it: the builder's own steps, then the Dockerfile from top to bottom, then the export. Not without gaps. */
  readonly index: number
  /** The instruction as written (`RUN npm ci`), or the builder's own words (`load build context`). */
  readonly name: string
  /**
   * `instruction` = from the Dockerfile; `internal` = the builder's own (loading definition, context, metadata);
   * `export` = writing the image.
   */
  readonly kind: 'instruction' | 'internal' | 'export'
  /** Name of its stage, else the stage's number as text; absent for internal steps and Dockerfiles of one stage. */
  readonly stage?: string
  /** `3` of `[stage 3/7]`, within its stage (classic builder: of all). */
  readonly number?: number
  readonly of?: number
  /** Lines of the Dockerfile, 1-based, when the instruction was found there. */
  readonly line?: number
  readonly endLine?: number
  readonly state: BuildStepState
  readonly startedAt?: number
  readonly endedAt?: number
  /** What it moves (context, layers), when told. */
  readonly currentBytes?: number
  readonly totalBytes?: number
  /** Lines of its log so far: `builds.log` with its id gives them. */
  readonly logLines: number
  /** The builder's words when it failed. */
  readonly error?: string
}

/** A builder's warning or lint finding. */
export interface BuildWarning {
  readonly text: string
  readonly detail?: string
  /** Lines of the Dockerfile, 1-based. */
  readonly line?: number
  readonly url?: string
  readonly stepId?: string
}

/** Where and why a build failed. */
export interface BuildFailure {
  /** The instruction, in one line. */
  readonly instruction?: string
  readonly stepId?: string
  /** Lines of the Dockerfile, 1-based. */
  readonly line?: number
  readonly endLine?: number
  readonly exitCode?: number
  /** Lines of the Dockerfile around it. `failing` = belongs to the instruction. */
  readonly excerpt: readonly { readonly line: number; readonly text: string; readonly failing: boolean }[]
  /** The builder's words, unchanged. */
  readonly words: string
}

/**
 * Item of `builds.steps`. The first has `reset: true` and every step; later ones the steps that changed. `build`,
 * `warnings` and `failure` are always whole.
 */
export interface BuildPatch {
  readonly reset: boolean
  readonly build: BuildRow
  readonly steps: readonly BuildStep[]
  /** At most 200. */
  readonly warnings: readonly BuildWarning[]
  readonly failure?: BuildFailure
  /** Lines of the whole log, all steps in the order they came. */
  readonly logLines: number
}

export interface BuildLogLine {
  /** Without its newline; may hold ANSI colour codes. At most 8 kB, longer ones are cut. */
  readonly text: string
  readonly stderr: boolean
  readonly at: number
  /** Step it belongs to; absent for words of the builder itself. */
  readonly stepId?: string
}

/** Lines `[from, from + lines.length)`. */
export interface BuildLogWindow {
  readonly from: number
  readonly lines: readonly BuildLogLine[]
  /** Lines there are now. */
  readonly total: number
  /** Lines at the end that were not kept, because the log passed its cap. */
  readonly dropped: number
}

/** One stage of a Dockerfile. */
export interface DockerfileStage {
  readonly name?: string
  /** As written, variables not filled in. */
  readonly base: string
  readonly line: number
  readonly platform?: string
}

export interface DockerfileArg {
  readonly name: string
  /** As written, quotes removed. */
  readonly default?: string
  readonly line: number
  /** Index of its stage; -1 = before the first FROM. */
  readonly stage: number
}

/** What a form needs of a Dockerfile. */
export interface DockerfileFacts {
  readonly stages: readonly DockerfileStage[]
  /** Every ARG, in order; a name may come several times. */
  readonly args: readonly DockerfileArg[]
  /** `80/tcp` as written in EXPOSE of the last stage. */
  readonly exposes: readonly string[]
  readonly directives: { readonly syntax?: string; readonly escape?: string }
  /** What would stop the build, as far as reading tells. */
  readonly problems: readonly { readonly line: number; readonly text: string }[]
}

/** Answer of `builds.open`. */
export interface BuildForm {
  /** Absolute, links resolved. */
  readonly folder: string
  /** Dockerfiles and Containerfiles at the top of the folder and one level below, paths relative to it; at most 50. */
  readonly dockerfiles: readonly { readonly path: string; readonly bytes: number }[]
  /** The chosen one as given, else the first found; null when there is none. */
  readonly dockerfile: string | null
  readonly facts: DockerfileFacts | null
  /** Its text, at most 256 kB. */
  readonly text?: string
  readonly ignore: {
    /** Path of the file in effect, relative to the folder; null when there is none. */
    readonly file: string | null
    readonly patterns: number
  }
  readonly context: {
    readonly files: number
    readonly bytes: number
    /** Entries (files or whole folders) left out. */
    readonly ignored: number
    /** False when the folder is too large to read within the time: the numbers are then "at least". */
    readonly complete: boolean
    /** Top-level entries that weigh most, largest first; at most 8. */
    readonly largest: readonly { readonly path: string; readonly bytes: number }[]
    /** Would stop the build: not readable by this user; at most 20. */
    readonly unreadable: readonly string[]
  }
  /** From the folder's name, or from an earlier build of this folder. */
  readonly suggestedTag: string
  /** Of the last build of this folder, when there was one. */
  readonly last?: BuildSpec
}

export interface BuildCacheEntry {
  readonly id: string
  /** `regular`, `source.local`, `exec.cachemount`, `frontend`, `internal`… */
  readonly type: string
  readonly description: string
  readonly bytes: number
  readonly inUse: boolean
  /** Its bytes are also an image's: not counted in the sums. */
  readonly shared: boolean
  readonly createdAt?: number
  readonly lastUsedAt?: number
  readonly usageCount: number
  readonly parents: readonly string[]
}

export interface BuildCache {
  /** Largest first. */
  readonly entries: readonly BuildCacheEntry[]
  readonly totalBytes: number
  /** Of entries neither in use nor shared. */
  readonly reclaimableBytes: number
  /** False when the engine keeps no build cache of its own (Podman: its cache are images). */
  readonly supported: boolean
}

/** Answer of `files.list-folders`. */
export interface FolderList {
  /** Absolute. */
  readonly path: string
  /** null at the root. */
  readonly parent: string | null
  readonly home: string
  /** By name; folders behind links count as folders. At most 1 000. */
  readonly folders: readonly { readonly name: string; readonly hidden: boolean; readonly hasDockerfile: boolean }[]
  /** There are more than are listed. */
  readonly truncated: boolean
  /** This folder itself holds a Dockerfile or Containerfile. */
  readonly hasDockerfile: boolean
}
