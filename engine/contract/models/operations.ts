import type { ErrorEnvelope } from '../errors.ts'

export type OperationStatus = 'running' | 'succeeded' | 'failed' | 'cancelled'

/** One part of an operation that moves by itself, e.g. a layer of a pull. */
export interface ProgressPart {
  readonly id: string
  /** `waiting` | `downloading` | `verifying` | `downloaded` | `extracting` | `reading` | `done` | `exists` | `retrying` | `copying` (an archive) */
  readonly state: ProgressState
  readonly currentBytes?: number
  readonly totalBytes?: number
}

export type ProgressState =
  | 'waiting'
  | 'downloading'
  | 'verifying'
  | 'downloaded'
  | 'extracting'
  | 'reading'
  | 'pushing'
  | 'done'
  | 'exists'
  /** The registry has it in another repository and uses that one: nothing was sent. */
  | 'mounted'
  | 'retrying'
  | 'copying'

export interface OperationProgress {
  /** Key below `operations.step.` in the catalogues: `pulling`, `creating`, `starting`, `loading`… */
  readonly step: string
  readonly parts: readonly ProgressPart[]
  /** Bytes per second, over the last seconds; absent when nothing moves. */
  readonly bytesPerSecond?: number
}

export interface OperationRow {
  readonly id: string
  readonly name: OperationName
  readonly engineId: string
  readonly status: OperationStatus
  /** What it acts on, as a person would name it: container or image name. */
  readonly subject: string
  /** Ids of containers and images concerned: their rows show *pending* while it runs. */
  readonly targets: readonly string[]
  /** The docker command line that does the same. Values that look like secrets are not in it: it takes them from the variables in `needs`. */
  readonly command: string
  /** The line with a mark for each such value; absent when there is none. */
  readonly shown?: string
  /** Environment variables that `command` takes its secrets from. */
  readonly needs?: readonly string[]
  readonly startedAt: number
  readonly endedAt?: number
  readonly progress?: OperationProgress
  readonly error?: ErrorEnvelope
  readonly cancellable: boolean
  /** JSON-able result of a success, as Operations[name].result says. */
  readonly result?: unknown
}

export type OperationName =
  | 'containers.run'
  | 'containers.create'
  | 'containers.start'
  | 'containers.stop'
  | 'containers.restart'
  | 'containers.pause'
  | 'containers.unpause'
  | 'containers.kill'
  | 'containers.rename'
  | 'containers.remove'
  | 'images.pull'
  | 'images.push'
  | 'images.remove'
  | 'images.tag'
  | 'images.save'
  | 'images.load'
  | 'images.import'
  | 'images.prune'
  | 'builds.prune'
  | 'containers.export'
  | 'containers.commit'
  | 'containers.update'
  | 'files.download'
  | 'files.upload'
  | 'files.make-folder'
  | 'files.rename'
  | 'files.remove'
  | 'builds.start'
  | 'layers.analyse'
  | 'registries.login'
  | 'welcome.run'
  | 'engines.start'
  | 'engines.stop'
  | 'engines.restart'
  | 'engines.reset'
  | 'engines.repair'
  | 'machine.grow-disk'
  | 'engines.create-context'

/** An engine event, as the Activity screen lists it. */
export interface EngineEvent {
  /** Grows by one per event of this session. */
  readonly sequence: number
  readonly at: number
  /** `container`, `image`, `network`, `volume`, `daemon`… */
  readonly type: string
  readonly action: string
  readonly id: string
  readonly name: string
}
