/** Notices that the socket of a lost engine changed, through the whole outage and not only between two attempts. */
import { unixPath } from './socket/discover.ts'
import { watchPath } from './socket/watch-path.ts'

export class ReturnWatch {
  readonly #onChange: () => void
  #unwatch: (() => void) | null = null
  #changed = false

  constructor(onChange: () => void) {
    this.#onChange = onChange
  }

  /** Something happened since the last attempt began: the next one should not wait. */
  get changed(): boolean {
    return this.#changed
  }

  /** Begins to watch unless it does already. What happened just before is not known, so that counts as a change. */
  begin(dockerHost: string): void {
    if (this.#unwatch) return
    const path = unixPath(dockerHost)
    if (path === null) return
    this.#changed = true
    this.#unwatch = watchPath(path, () => {
      this.#changed = true
      this.#onChange()
    })
  }

  /** An attempt begins: what it will find is newer than what was told so far. */
  forget(): void {
    this.#changed = false
  }

  end(): void {
    this.#unwatch?.()
    this.#unwatch = null
    this.#changed = false
  }
}
