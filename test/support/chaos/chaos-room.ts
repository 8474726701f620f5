/** The engine room as a process of its own (the web shell without a browser), and one page's view of it over the link. */
import { WebSocket } from 'ws'
import { LINK_PATH } from '../../../engine/contract/shell.ts'
import type { Operations } from '../../../engine/contract/contract.ts'
import { NaruError } from '../../../engine/contract/errors.ts'
import type { EnginesSnapshot, OperationName, OperationRow } from '../../../engine/contract/models.ts'
import { connectLink, LINK_CLOSED_HINT } from '../../../engine/link/client.ts'
import type { Link } from '../../../engine/link/client.ts'
import { websocketTransport } from '../../../engine/link/websocket.ts'
import type { World } from '../../e2e/support/environment.ts'
import { startWebProcess } from '../../e2e/support/web-process.ts'
import type { WebProcess } from '../../e2e/support/web-process.ts'
import { Page } from '../engine-room.ts'

/** Where the link is, and the cookie that opens it. */
interface Door {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

async function enter({ address, origin }: WebProcess): Promise<Door> {
  const token = new URL(address).searchParams.get('t') ?? ''
  const answer = await fetch(`${origin}/boot`, { method: 'POST', body: new URLSearchParams({ t: token }), headers: { origin }, signal: AbortSignal.timeout(20_000) })
  const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? ''
  return { url: `${origin.replace('http', 'ws')}${answer.headers.get('content-location') ?? ''}${LINK_PATH}`, headers: { cookie, origin } }
}

/** A room whose page may go and come back; what it started goes on without it. */
export class ChaosRoom {
  readonly #web: WebProcess
  readonly #door: Door
  readonly #gone: Promise<void>
  readonly #waiting = new Map<string, (row: OperationRow | null) => void>()
  readonly #ended = new Map<string, OperationRow>()
  #socket!: WebSocket
  #link!: Link
  #page!: Page
  #engines: EnginesSnapshot | undefined
  #dead = false

  private constructor(web: WebProcess, door: Door) {
    this.#web = web
    this.#door = door
    this.#gone = new Promise((resolve) => web.child.once('exit', () => resolve()))
    void this.#gone.then(() => {
      this.#dead = true
      for (const resolve of this.#waiting.values()) resolve(null)
    })
    this.#connect()
  }

  static async start(world: World): Promise<ChaosRoom> {
    const web = await startWebProcess(world)
    return new ChaosRoom(web, await enter(web))
  }

  get pid(): number {
    return this.#web.child.pid ?? 0
  }
  get link(): Link {
    return this.#link
  }
  get page(): Page {
    return this.#page
  }
  get engines(): EnginesSnapshot | undefined {
    return this.#engines
  }
  /** It was ended, by whomever. */
  get dead(): boolean {
    return this.#dead
  }
  /** What it printed. */
  said(): string {
    return this.#web.printed()
  }

  /** The page is gone without a word, and a new one comes. */
  async tear(): Promise<void> {
    this.#socket.terminate()
    await this.#page.close()
    if (!this.#dead) this.#connect()
  }

  async kill(): Promise<void> {
    this.#web.child.kill('SIGKILL')
    await this.#gone
    await this.#page.close()
  }

  async stop(): Promise<void> {
    await this.#page.close()
    await this.#web.stop()
  }

  async start<N extends OperationName>(name: N, arg: Operations[N]['arg']): Promise<string> {
    const request = { name, arg } as Parameters<Link['call']>[1]
    return ((await this.#link.call('operations.start', request as never)) as { operationId: string }).operationId
  }

  /** The row once it has ended; null when the room went first. */
  settled(id: string): Promise<OperationRow | null> {
    const row = this.#ended.get(id)
    if (row || this.#dead) return Promise.resolve(row ?? null)
    return new Promise((resolve) => this.#waiting.set(id, resolve))
  }

  #connect(): void {
    this.#socket = new WebSocket(this.#door.url, { headers: this.#door.headers })
    this.#link = connectLink(websocketTransport(this.#socket))
    this.#page = new Page(this.#link)
    void this.#follow(this.#link).catch(() => undefined)
    void this.#watch(this.#link).catch(() => undefined)
  }

  async #follow(link: Link): Promise<void> {
    for await (const { upsert } of link.stream('operations.watch', {})) {
      for (const row of upsert) {
        if (row.status === 'running') continue
        this.#ended.set(row.id, row)
        this.#waiting.get(row.id)?.(row)
        this.#waiting.delete(row.id)
      }
    }
  }

  async #watch(link: Link): Promise<void> {
    for await (const snapshot of link.stream('engines.watch', {})) this.#engines = snapshot
  }
}

/** True for what a call ends with when the page or the room went. */
export const isLinkGone = (error: unknown): boolean => error instanceof NaruError && error.hint === LINK_CLOSED_HINT
