/** What a log pane asks of what shows its lines: the painted list, or the one for screen readers. */
import type { LogLine } from './window-cache.ts'

export interface LogListHandle {
  /** Picks a line; one that is on its way when it is here. */
  pick(number: number): void
  keepInSight(number: number): void
  /** To the end, and on with it. */
  follow(): void
  pause(): void
  /** Brings a line into sight. */
  reveal(number: number): void
  focus(): void
  /** First line in sight. */
  top(): number
  line(number: number): LogLine | undefined
  /** Names of the fields of the lines in sight, the most frequent first. */
  fields(): readonly string[]
}
