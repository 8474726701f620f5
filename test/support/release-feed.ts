/** The feed of new versions on loopback, for Naru's NARU_RELEASE_FEED. */
import { createServer } from 'node:http'
import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface FeedStandIn {
  readonly url: string
  /** Of every question so far. */
  readonly asked: readonly { readonly method: string; readonly url: string; readonly headers: IncomingHttpHeaders }[]
  /** The next answers; `hang` gives none. */
  answer: ((response: ServerResponse) => void) | 'hang'
  /** The next answers tell of this version. */
  readonly tell: (version: string) => void
  readonly close: () => Promise<void>
}

/** Begins with `0.1.0`. */
export async function startFeed(): Promise<FeedStandIn> {
  const asked: { method: string; url: string; headers: IncomingHttpHeaders }[] = []
  const server = createServer(({ method = '', url = '', headers }, response) => {
    asked.push({ method, url, headers })
    if (feed.answer !== 'hang') feed.answer(response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const feed = {
    url: `${origin}/releases.json`,
    asked,
    answer: 'hang' as FeedStandIn['answer'],
    tell(version: string) {
      feed.answer = (response) => void response.end(JSON.stringify({ version, notes: `${origin}/notes/${version}` }))
    },
    close: () => new Promise<void>((resolve) => {
      server.closeAllConnections()
      server.close(() => resolve())
    }),
  }
  feed.tell('0.1.0')
  return feed
}
