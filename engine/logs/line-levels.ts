/** Levels of the lines of a chunk, those that go on with a line before included (a stack trace has its error's level). */
import type { LogLevel } from '../contract/models.ts'
import { LOG_STDERR } from '../contract/models.ts'
import { LOG_LEVELS, detectLevel, isContinuation } from './level.ts'
import type { Scannable } from './match.ts'

const PLACE: ReadonlyMap<LogLevel, number> = new Map(LOG_LEVELS.map((level, place) => [level, place]))

export class LineLevels {
  /** Level of the newest line that had one, of each container and stream apart. */
  readonly #last = new Map<number, LogLevel>()

  /** Place in LOG_LEVELS of each line of a readable part of a chunk. Call it for all lines in order. */
  read({ text, ends }: Scannable, flags: Uint8Array, sources: Uint8Array): Uint8Array {
    const levels = new Uint8Array(ends.length)
    const lines = Buffer.from(text.buffer, text.byteOffset, text.byteLength).toString('utf8').split('\n')
    for (let index = 0; index < ends.length; index++) {
      const line = lines[index] as string
      const stream = (sources[index] as number) * 2 + ((flags[index] as number) & LOG_STDERR)
      let level = detectLevel(line)
      if (level === 'unknown' && isContinuation(line)) level = this.#last.get(stream) ?? level
      else this.#last.set(stream, level)
      levels[index] = PLACE.get(level) as number
    }
    return levels
  }
}
