/** A log somebody looks at all the time, whatever happens: it must go on by itself. */
import { waitUntil } from '../../../engine/system/clock.ts'
import type { Link } from '../../../engine/link/client.ts'
import type { LogViewState } from '../../../engine/contract/models.ts'
import { ENGINE } from './ground.ts'

export class LogWatch {
  #link: Link | undefined
  #last: LogViewState | undefined

  /** Opens it on this link unless it is open there. */
  async on(link: Link, containerId: string): Promise<void> {
    if (this.#link === link) return
    this.#link = link
    this.#last = undefined
    const { viewId } = await link.call('logs.open', { engineId: ENGINE, containerIds: [containerId], tail: 10 })
    const read = async (): Promise<void> => {
      for await (const state of link.stream('logs.watch', { viewId })) if (this.#link === link) this.#last = state
    }
    void read().catch(() => undefined)
  }

  /** Null when new lines come within `limitMs`, else where it stands. Ask it of a container that runs. */
  async problem(limitMs: number): Promise<string | null> {
    const before = this.#last?.endLine ?? 0
    const grew = await waitUntil(() => (this.#last?.endLine ?? 0) > before, { withinMs: limitMs, everyMs: 10 })
    return grew ? null : `the log stands still: ${JSON.stringify(this.#last)}`
  }
}
