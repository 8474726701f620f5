/**
 * The inspector of a Node process that was started with `--inspect`: the same protocol the developer tools speak. The
 * process needs to know nothing of the test, so there is no door for tests in the product.
 */
import { WebSocket } from 'ws'

const CALL_LIMIT_MS = 60_000

export type Send = <Result>(method: string, params?: object) => Promise<Result>

export interface Inspector {
  readonly send: Send
  /** One for each worker thread that runs now. */
  readonly workers: () => readonly Send[]
  readonly close: () => void
}

interface Message {
  readonly id?: number
  readonly method?: string
  readonly params?: { readonly sessionId: string; readonly message: string }
  readonly result?: unknown
  readonly error?: { readonly message: string }
}

/** Calls with their answers over something that carries texts. */
function createSession(write: (text: string) => void): { send: Send; take: (message: Message) => void; end: () => void } {
  const waiting = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>()
  let last = 0
  return {
    send: <Result>(method: string, params: object = {}) =>
      new Promise<Result>((resolve, reject) => {
        const id = (last += 1)
        const limit = setTimeout(() => waiting.get(id)?.reject(new Error(`${method}: no answer from the inspector`)), CALL_LIMIT_MS)
        const settle = (act: () => void): void => {
          clearTimeout(limit)
          waiting.delete(id)
          act()
        }
        waiting.set(id, {
          resolve: (result) => settle(() => resolve(result as Result)),
          reject: (error) => settle(() => reject(error)),
        })
        write(JSON.stringify({ id, method, params }))
      }),
    take: ({ id, result, error }) => {
      if (id === undefined) return
      if (error) waiting.get(id)?.reject(new Error(error.message))
      else waiting.get(id)?.resolve(result)
    },
    end: () => {
      for (const { reject } of waiting.values()) reject(new Error('the inspector is gone'))
    },
  }
}

/** Address of the inspector in what the process printed; undefined while it is not there. */
export const inspectorAddress = (printed: string): string | undefined => /ws:\/\/127\.0\.0\.1:\d+\/[\w-]+/.exec(printed)?.[0]

/** Rejects when nobody answers there. */
export async function connectInspector(address: string): Promise<Inspector> {
  const socket = new WebSocket(address, { perMessageDeflate: false })
  await new Promise<void>((resolve, reject) => {
    socket.once('open', () => resolve())
    socket.once('error', reject)
  })
  const main = createSession((text) => socket.send(text))
  const workers = new Map<string, ReturnType<typeof createSession>>()
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString()) as Message
    const sessionId = message.params?.sessionId ?? ''
    if (message.method === 'NodeWorker.attachedToWorker') {
      workers.set(sessionId, createSession((text) => void main.send('NodeWorker.sendMessageToWorker', { sessionId, message: text }).catch(() => undefined)))
    } else if (message.method === 'NodeWorker.detachedFromWorker') {
      workers.get(sessionId)?.end()
      workers.delete(sessionId)
    } else if (message.method === 'NodeWorker.receivedMessageFromWorker') {
      workers.get(sessionId)?.take(JSON.parse(message.params?.message ?? '{}') as Message)
    } else main.take(message)
  })
  socket.on('close', () => {
    main.end()
    for (const worker of workers.values()) worker.end()
  })
  await main.send('NodeWorker.enable', { waitForDebuggerOnStart: false })
  return { send: main.send, workers: () => [...workers.values()].map(({ send }) => send), close: () => socket.terminate() }
}
