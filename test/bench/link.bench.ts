/** The link against the bare pipe it runs on: items of a stream and calls per second. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { MessageChannel } from 'node:worker_threads'
import { WebSocket, WebSocketServer } from 'ws'
import { connectLink } from '../../engine/link/client.ts'
import { serveLink } from '../../engine/link/server.ts'
import type { ContainerStats, Settings } from '../../engine/contract/models.ts'
import { DEFAULT_SETTINGS } from '../../engine/settings/defaults.ts'
import { PIPES } from '../contract/transports.ts'
import type { Pipe } from '../contract/transports.ts'
import { stubMethods, stubStreams } from '../support/stub-handlers.ts'
import { inTurns } from './support/figure.ts'
import type { BenchContext, BenchFigure, BenchResult } from './support/figure.ts'

/** A small item, as the busiest stream of small items has them. */
const itemOf = (at: number): ContainerStats => ({
  id: 'c'.repeat(64),
  at,
  cpuPercent: 12.5,
  cores: 2,
  memoryBytes: 50_000_000,
  memoryLimitBytes: 1_000_000_000,
  network: null,
  disk: null,
  pids: at,
  pidsLimit: 0,
  unknown: {},
})

/** Sends one value; told of every value that arrived at the other end. */
interface Bare {
  readonly send: (value: unknown) => void
  readonly reply: (value: unknown) => void
  onArrived: (value: unknown) => void
  onReply: (value: unknown) => void
  readonly close: () => void
}

function barePort(): Bare {
  const { port1, port2 } = new MessageChannel()
  const bare: Bare = {
    send: (value) => port1.postMessage(value),
    reply: (value) => port2.postMessage(value),
    onArrived: () => undefined,
    onReply: () => undefined,
    close: () => port1.close(),
  }
  port2.on('message', (value) => bare.onArrived(value))
  port1.on('message', (value) => bare.onReply(value))
  return bare
}

async function bareSocket(): Promise<Bare> {
  const listener = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  await once(listener, 'listening')
  const accepted = once(listener, 'connection') as Promise<[WebSocket]>
  const client = new WebSocket(`ws://127.0.0.1:${(listener.address() as AddressInfo).port}`)
  await once(client, 'open')
  const [peer] = await accepted
  const bare: Bare = {
    send: (value) => client.send(JSON.stringify(value)),
    reply: (value) => peer.send(JSON.stringify(value)),
    onArrived: () => undefined,
    onReply: () => undefined,
    close: () => {
      client.terminate()
      listener.close()
    },
  }
  peer.on('message', (data: Buffer) => bare.onArrived(JSON.parse(data.toString())))
  client.on('message', (data: Buffer) => bare.onReply(JSON.parse(data.toString())))
  return bare
}

/** Items per second through a pipe without a link, as fast as it takes them: nothing holds the sender back. */
function bareItems(bare: Bare, count: number): Promise<number> {
  const began = performance.now()
  return new Promise((resolve) => {
    let seen = 0
    bare.onArrived = () => {
      if (++seen === count) resolve((count / (performance.now() - began)) * 1000)
    }
    for (let at = 0; at < count; at++) bare.send(itemOf(at))
  })
}

/** Questions and answers per second, `width` under way at a time. */
function bareCalls(bare: Bare, count: number, width: number): Promise<number> {
  const began = performance.now()
  return new Promise((resolve) => {
    let asked = 0
    let answered = 0
    const ask = (): void => {
      if (asked < count) bare.send({ id: asked++, name: 'settings.get', arg: {} })
    }
    bare.onArrived = (value) => bare.reply({ id: (value as { id: number }).id, result: DEFAULT_SETTINGS })
    bare.onReply = () => {
      if (++answered === count) resolve((count / (performance.now() - began)) * 1000)
      else ask()
    }
    for (let at = 0; at < width; at++) ask()
  })
}

function serve(pipe: Pipe, count: number) {
  const settings = async (): Promise<Settings> => DEFAULT_SETTINGS
  const peer = serveLink(pipe.server, {
    peerId: 'bench',
    methods: stubMethods({ 'settings.get': settings }),
    streams: stubStreams({
      async *'stats.watch'() {
        for (let at = 0; at < count; at++) yield itemOf(at)
      },
    }),
  })
  return { link: connectLink(pipe.client), peer }
}

type Link = ReturnType<typeof connectLink>

async function linkItems(link: Link, count: number): Promise<number> {
  const began = performance.now()
  const stop = new AbortController()
  let seen = 0
  for await (const item of link.stream('stats.watch', { engineId: 'e', ids: ['c'.repeat(64)] }, { signal: stop.signal })) {
    if (item.pids !== seen++) throw new Error(`item ${item.pids} came as number ${seen}`)
    if (seen === count) break
  }
  return (count / (performance.now() - began)) * 1000
}

async function linkCalls(link: Link, count: number, width: number): Promise<number> {
  const began = performance.now()
  let left = count
  const worker = async (): Promise<void> => {
    while (left-- > 0) await link.call('settings.get', {})
  }
  await Promise.all(Array.from({ length: width }, worker))
  return (count / (performance.now() - began)) * 1000
}

export async function bench({ quick }: BenchContext): Promise<BenchResult> {
  const items = quick ? 20_000 : 200_000
  const calls = quick ? 2_000 : 20_000
  const rounds = quick ? 1 : 5
  const figures: BenchFigure[] = []
  for (const { name, open } of PIPES.filter((pipe) => pipe.name !== 'memory')) {
    const bare = name === 'WebSocket' ? await bareSocket() : barePort()
    const pipe = await open()
    const { link, peer } = serve(pipe, items)
    const streamed = await inTurns(rounds, () => linkItems(link, items), () => bareItems(bare, items))
    const called = await inTurns(rounds, () => linkCalls(link, calls, 32), () => bareCalls(bare, calls, 32))
    const what = name === 'WebSocket' ? 'bare JSON' : 'bare postMessage'
    figures.push(
      { name: `link: stream over ${name}`, figure: streamed.ours, unit: 'items/s', yardstick: { what, figure: streamed.theirs } },
      { name: `link: calls over ${name}, 32 at a time`, figure: called.ours, unit: 'calls/s', yardstick: { what, figure: called.theirs } },
    )
    peer.close()
    bare.close()
    await pipe.dispose()
  }
  return { figures }
}
