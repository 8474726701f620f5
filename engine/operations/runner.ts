/** What one kind of operation is made of. A runner knows how to name it, say its docker command, and do it. */
import type { Operations } from '../contract/contract.ts'
import type { OperationName, OperationProgress } from '../contract/models.ts'

export type ArgOf<N extends OperationName> = Operations[N]['arg']
export type ResultOf<N extends OperationName> = Operations[N]['result']

/** How an operation is shown. */
export interface Description {
  /** What it acts on, as a person would name it. */
  readonly subject: string
  readonly targets: readonly string[]
  /** Equivalent docker command line; empty when docker has none. */
  readonly command: string
}

export interface RunContext {
  /** Aborted by cancel and when the host closes. */
  readonly signal: AbortSignal
  readonly operationId: string
  /** Newest progress; the registry limits how often it is passed on. */
  readonly report: (progress: OperationProgress) => void
  /** Corrects the description once more is known, e.g. the id of a created container. */
  readonly describe: (more: Partial<Description>) => void
}

export interface Runner<N extends OperationName> {
  /** A person may stop it half-way. */
  readonly cancellable: boolean
  /** Must not throw: bad arguments are told by `run`. */
  readonly describe: (arg: ArgOf<N>) => Description
  readonly run: (arg: ArgOf<N>, context: RunContext) => Promise<ResultOf<N>>
}

/** One runner per operation: forgetting one does not compile. */
export type Runners = { readonly [N in OperationName]: Runner<N> }
