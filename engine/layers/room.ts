/** The worker's side: reads exports into analyses, keeps the newest of them, and answers from them. */
import { NaruError, toEnvelope } from '../contract/errors.ts'
import { Analyser } from './analyse.ts'
import { AnalysisCache } from './cache.ts'
import { describeCompared, describeEntry, findPaths, pageOf, shownPath, totalsOf } from './list.ts'
import { planExtract, planFile } from './plan.ts'
import type { FromRoom, RoomCallName, RoomCalls, ToRoom } from './protocol.ts'
import { summaryOf } from './summary.ts'

export interface RoomOptions {
  readonly post: (message: FromRoom, transfer?: readonly ArrayBuffer[]) => void
  /** Bytes that analyses and views may take; the newest analysis stays whatever it takes. */
  readonly memoryBytes?: number
}

/** An image of a million files takes about 150 MB. */
const MEMORY_BYTES = 192 * 1024 * 1024

interface Session {
  readonly analyser: Analyser
  /** Reading goes on in turn. */
  last: Promise<void>
  failed: unknown
}

type Handlers = { readonly [N in RoomCallName]: (arg: RoomCalls[N]['arg']) => RoomCalls[N]['result'] | Promise<RoomCalls[N]['result']> }

export class LayerRoom {
  readonly #post: RoomOptions['post']
  readonly #cache: AnalysisCache
  readonly #sessions = new Map<number, Session>()

  constructor({ post, memoryBytes = MEMORY_BYTES }: RoomOptions) {
    this.#post = post
    this.#cache = new AnalysisCache(memoryBytes)
  }

  /** Takes one message; never throws. */
  handle(message: ToRoom): void {
    if (message.type === 'data') this.#data(message)
    else void this.#answer(message.id, message.name, message.arg)
  }

  async #answer<N extends RoomCallName>(id: number, name: N, arg: RoomCalls[N]['arg']): Promise<void> {
    try {
      const handler = this.#handlers[name] as Handlers[N]
      this.#post({ type: 'reply', id, value: await handler(arg) })
    } catch (error) {
      this.#post({ type: 'refused', id, error: toEnvelope(error) })
    }
  }

  #data({ session: number, bytes, length }: Extract<ToRoom, { type: 'data' }>): void {
    const session = this.#sessions.get(number)
    if (!session) return
    session.last = session.last.then(async () => {
      if (session.failed !== undefined || !this.#sessions.has(number)) return
      try {
        await session.analyser.write(bytes.subarray(0, length))
        this.#post({ type: 'took', session: number, spare: bytes }, [bytes.buffer])
      } catch (error) {
        session.failed = error
        this.#post({ type: 'fault', session: number, error: toEnvelope(error) })
      }
    })
  }

  readonly #handlers: Handlers = {
    begin: ({ session }) => {
      this.#sessions.set(session, { analyser: new Analyser(), last: Promise.resolve(), failed: undefined })
      return null
    },
    finish: async ({ session: number, key, imageId, milliseconds }) => {
      const session = this.#sessions.get(number)
      if (!session) throw new NaruError('cancelled', 'the analysis was cancelled')
      try {
        await session.last
        if (session.failed !== undefined) throw session.failed
        const tree = await session.analyser.finish(imageId)
        this.#cache.keep(key, { tree, imageId, milliseconds })
        return null
      } finally {
        this.#end(number)
      }
    },
    abort: ({ session }) => {
      this.#end(session)
      return null
    },
    summary: ({ key }) => {
      const found = this.#cache.find(key)
      return found ? summaryOf(found) : null
    },
    list: ({ key, view, ...query }) => {
      const shown = this.#cache.view(key, view)
      const { ids, total } = pageOf(shown, query, this.#cache.matches(shown, query.text))
      return { path: query.path, entries: ids.map((id) => describeEntry(shown, id)), total }
    },
    stat: ({ key, view, path }) => {
      const shown = this.#cache.view(key, view)
      return describeEntry(shown, shownPath(shown, path))
    },
    find: ({ key, view, text, marks, limit }) => {
      const shown = this.#cache.view(key, view)
      const { ids, total } = findPaths(shown, text, marks, limit)
      return { entries: ids.map((id) => describeEntry(shown, id)), total }
    },
    compare: ({ key, other, ...query }) => {
      const shown = this.#cache.comparison(key, other)
      const { ids, total } = pageOf(shown, query, this.#cache.matches(shown, query.text))
      return { path: query.path, entries: ids.map((id) => describeCompared(shown, id)), total, totals: totalsOf(shown) }
    },
    planFile: ({ key, view, path }) => planFile(this.#cache.tree(key), this.#cache.view(key, view), path),
    planExtract: ({ key, view, path }) => planExtract(this.#cache.tree(key), this.#cache.view(key, view), path),
    memory: () => ({ bytes: this.#cache.bytes }),
  }

  #end(number: number): void {
    this.#sessions.get(number)?.analyser.destroy()
    this.#sessions.delete(number)
  }
}
