/** A request whose answer is the connection itself. */
import { request as httpRequest } from 'node:http'
import type { Agent, IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { NaruError } from '../contract/errors.ts'
import { errorFromStatus, errorFromTransport } from './errors.ts'
import type { HttpCall } from './http.ts'

/** Milliseconds until the engine must have switched, unless the call says otherwise. */
const UPGRADE_MS = 30_000

/** @throws NaruError for any answer but a switch, for a broken connection, a time limit and an abort */
export function upgrade(agent: Agent, path: string, call: HttpCall): Promise<Duplex> {
  const { signal, subject } = call
  return new Promise((resolve, reject) => {
    const request = httpRequest({ agent, host: 'engine', method: call.method, path, headers: { ...call.headers, connection: 'Upgrade', upgrade: 'h2c' } })
    const limit = call.timeoutMs ?? UPGRADE_MS
    const timer = setTimeout(() => request.destroy(new NaruError('timeout', `the engine did not answer within ${limit} ms`, { params: { milliseconds: limit } })), limit)
    const onAbort = (): void => void request.destroy(new NaruError('cancelled', 'cancelled', { cause: signal?.reason }))
    const settle = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    }
    const refuse = (response: IncomingMessage): void => {
      response.destroy()
      reject(errorFromStatus(response.statusCode ?? 0, '', subject))
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
    else request.end()
  })
}
