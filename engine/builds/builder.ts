/** What both builders' answers are read into. */
import type { Dockerfile } from './dockerfile.ts'
import type { RawBuildMessage } from '../docker/api-types.ts'
import type { StepList } from './step-list.ts'

export interface BuildSink {
  readonly steps: StepList
  readonly file: Dockerfile
  /** A line of output; `stepId` undefined for words of the builder itself. */
  readonly log: (line: { readonly stepId?: string; readonly text: string; readonly stderr: boolean; readonly at: number }) => void
  readonly now: () => number
}

export interface BuildReader {
  /** One message of the stream. @throws NaruError `engine.not-an-engine` for one that cannot be read */
  readonly add: (message: RawBuildMessage) => void
  /** After the last message: what is held is told. @param whole false when the stream broke off or was cancelled */
  readonly end: (whole: boolean) => void
  /** `sha256:…` once the builder told it. */
  readonly imageId: () => string | undefined
  /** The builder's words for a failure. */
  readonly error: () => { readonly words: string; readonly exitCode?: number } | undefined
}
