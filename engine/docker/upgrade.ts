/** A request whose answer is the connection itself. */
import { request as httpRequest } from 'node:http'
import type { Agent, IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { NaruError } from '../contract/errors.ts'
import { errorFromStatus, errorFromTransport } from './errors.ts'
import type { HttpCall } from './http.ts'

/** Milliseconds until the engine must have switched, unless the call says otherwise. */
const UPGRADE_MS = 30_000

/** What the connection is switched to. */
export type UpgradeProtocol = 'h2c' | 'tcp'
/** Of a refusal only this much is read, bytes. */
const MAX_REFUSAL = 64 * 1024

/** @throws NaruError for any answer but a switch, for a broken connection, a time limit and an abort */
export function upgrade(agent: Agent, path: string, call: HttpCall, protocol: UpgradeProtocol): Promise<Duplex> {
  const { signal, subject } = call
  const body = call.body === undefined ? undefined : JSON.stringify(call.body)
  return new Promise((resolve, reject) => {
    const request = httpRequest({ agent, host: 'engine', method: call.method, path, headers: { ...(body !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }), ...call.headers, connection: 'Upgrade', upgrade: protocol } })
    const limit = call.timeoutMs ?? UPGRADE_MS
    const timer = setTimeout(() => request.destroy(new NaruError('timeout', `the engine did not answer within ${limit} ms`, { params: { milliseconds: limit } })), limit)
    const onAbort = (): void => void request.destroy(new NaruError('cancelled', 'cancelled', { cause: signal?.reason }))
    const settle = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    }
    const refuse = (response: IncomingMessage): void => {
      readRefusal(response).then(
        (text) => reject(errorFromStatus(response.statusCode ?? 0, text, subject)),
        (error: unknown) => reject(errorFromTransport(error, subject)),
      )
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    request.once('upgrade', (_response, socket: Duplex, head: Buffer) => {
      settle()
      if (head.length > 0) socket.unshift(head)
      resolve(socket)
    })
    request.once('response', refuse)
    request.once('error', (error) => reject(errorFromTransport(error, subject)))
    request.once('close', settle)
    if (signal?.aborted) onAbort()
    else request.end(body)
  })
}

async function readRefusal(response: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of response as AsyncIterable<Buffer>) {
    text += chunk.toString('utf8')
    if (text.length > MAX_REFUSAL) break
  }
  return text
}
