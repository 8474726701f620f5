/** What the engine room holds, asked through the inspector: heaps after a collection, buffers, listeners, what keeps it alive. */
import { readFile } from 'node:fs/promises'
import type { Inspector, Send } from './inspector.ts'

export interface RoomFigures {
  /** Heap in use after a collection, KiB. */
  readonly heap: number
  /** The same of its worker threads together, KiB. */
  readonly workerHeap: number
  /** Buffers outside of the heap, KiB. */
  readonly buffers: number
  /** Resident, KiB. */
  readonly resident: number
  /** JavaScript objects that still live. */
  readonly objects: number
  /** On every event emitter and abort signal that still lives. */
  readonly listeners: number
}

interface Usage {
  readonly usedSize: number
}
interface Evaluated {
  readonly result: { readonly value?: unknown; readonly objectId?: string }
  readonly exceptionDetails?: { readonly text: string; readonly exception?: { readonly description?: string } }
}

const KIB = 1024
const GROUP = 'soak'

/** Used heap in bytes; collected more than once, since what is freed by finalizers is seen only by the next collection. */
async function heapOf(send: Send): Promise<number> {
  for (let round = 0; round < 3; round++) await send('HeapProfiler.collectGarbage')
  return (await send<Usage>('Runtime.getHeapUsage')).usedSize
}

async function evaluate(send: Send, expression: string, returnByValue: boolean): Promise<Evaluated['result']> {
  const { result, exceptionDetails } = await send<Evaluated>('Runtime.evaluate', { expression, returnByValue, objectGroup: GROUP })
  if (exceptionDetails) throw new Error(`${expression}: ${exceptionDetails.exception?.description ?? exceptionDetails.text}`)
  return result
}

/** Value of an expression in the engine room. */
export async function ask<Value>(send: Send, expression: string): Promise<Value> {
  return (await evaluate(send, expression, true)).value as Value
}

/** Calls `body` with an array of every living object of a class as `all`. */
export async function overAll<Value>(send: Send, prototype: string, body: string): Promise<Value> {
  try {
    const { objectId } = await evaluate(send, prototype, false)
    const { objects } = await send<{ objects: { objectId: string } }>('Runtime.queryObjects', { prototypeObjectId: objectId, objectGroup: GROUP })
    const call = { objectId: objects.objectId, functionDeclaration: `function () { const all = this; ${body} }`, returnByValue: true }
    const { result, exceptionDetails } = await send<Evaluated>('Runtime.callFunctionOn', call)
    if (exceptionDetails) throw new Error(`${body}: ${exceptionDetails.exception?.description ?? exceptionDetails.text}`)
    return result.value as Value
  } finally {
    await send('Runtime.releaseObjectGroup', { objectGroup: GROUP })
  }
}

const EVENTS = `process.getBuiltinModule('events')`

async function listenersOf(send: Send): Promise<number> {
  const emitters = await overAll<number>(
    send,
    `${EVENTS}.EventEmitter.prototype`,
    `let count = 0; for (const each of all) for (const name of each._events ? Reflect.ownKeys(each._events) : []) count += typeof each._events[name] === 'function' ? 1 : each._events[name]?.length ?? 0; return count`,
  )
  const signals = await overAll<number>(
    send,
    'AbortSignal.prototype',
    `const { getEventListeners } = ${EVENTS}; let count = 0; for (const each of all) count += each === AbortSignal.prototype ? 0 : getEventListeners(each, 'abort').length; return count`,
  )
  return emitters + signals
}

/** Timers, sockets and the like that keep the process alive, by kind. */
export const resourcesOf = (send: Send): Promise<Record<string, number>> =>
  ask(send, `process.getActiveResourcesInfo().reduce((counts, kind) => ({ ...counts, [kind]: (counts[kind] ?? 0) + 1 }), {})`)

/**
 * Objects that still live after a collection. Unlike the bytes of the heap they say nothing of compiled code, which V8
 * makes and throws away for minutes.
 */
export const objectsOf = (send: Send): Promise<number> => overAll(send, 'Object.prototype', 'return all.length')

/** Writes a heap snapshot for who looks for what grew: developer tools read it, and compare two. */
export const writeHeap = (send: Send, path: string): Promise<string> => ask(send, `process.getBuiltinModule('v8').writeHeapSnapshot(${JSON.stringify(path)})`)

export async function measureRoom({ send, workers }: Inspector, pid: number): Promise<RoomFigures> {
  await heapOf(send)
  const objects = await objectsOf(send)
  const listeners = await listenersOf(send)
  const threads: number[] = []
  for (const worker of workers()) threads.push(await heapOf(worker).catch(() => 0))
  const heap = await heapOf(send)
  const buffers = await ask<number>(send, 'process.memoryUsage().arrayBuffers')
  const status = await readFile(`/proc/${pid}/status`, 'latin1')
  return {
    heap: heap / KIB,
    workerHeap: threads.reduce((sum, one) => sum + one, 0) / KIB,
    buffers: buffers / KIB,
    resident: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]),
    objects,
    listeners,
  }
}
