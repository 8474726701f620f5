/** Everything that takes time: started here, followed here, listed on the Activity screen. */
import { defineStore } from 'pinia'
import { computed } from 'vue'
import type { Operations } from '../../engine/contract/contract.ts'
import { fromEnvelope } from '../../engine/contract/errors.ts'
import { NaruError } from '../../engine/contract/errors.ts'
import type { OperationName, OperationRow, RowPatch } from '../../engine/contract/models.ts'
import { useConnection } from './connection.ts'
import { liveRows, perFrame } from './rows.ts'

type ResultOf<N extends OperationName> = Operations[N]['result']
type StartArg = Parameters<ReturnType<typeof useConnection>['call']>[1]

interface Waiter {
  readonly resolve: (result: unknown) => void
  readonly reject: (error: Error) => void
}

export const useOperations = defineStore('operations', () => {
  const connection = useConnection()
  const rows = liveRows<OperationRow>((row) => row.id)
  const waiters = new Map<string, Waiter>()
  const waiting: RowPatch<OperationRow>[] = []

  const flush = perFrame(() => {
    for (const patch of waiting.splice(0)) {
      rows.apply(patch)
      for (const row of patch.upsert) settle(row)
    }
  })

  function start(): void {
    let first = true
    connection.subscribe('operations.watch', {}, {
      item(patch) {
        if (first) waiting.push({ upsert: [], remove: [...rows.ids.value] })
        first = false
        waiting.push(patch)
        flush()
      },
      broken() {
        first = true
      },
    })
  }

  function settle(row: OperationRow): void {
    const waiter = waiters.get(row.id)
    if (!waiter || row.status === 'running') return
    waiters.delete(row.id)
    if (row.status === 'succeeded') waiter.resolve(row.result ?? {})
    else if (row.error) waiter.reject(fromEnvelope({ ...row.error, operationId: row.id }))
    else waiter.reject(new NaruError('cancelled', 'cancelled', { operationId: row.id }))
  }

  /** Starts an operation; resolves with its id as soon as the engine room took it. */
  async function begin<N extends OperationName>(name: N, arg: Operations[N]['arg']): Promise<string> {
    const request = { name, arg } as StartArg & Parameters<typeof connection.call<'operations.start'>>[1]
    return (await connection.call('operations.start', request)).operationId
  }

  /** Resolves with the operation's result; rejects with the NaruError that ended it. */
  function finished<N extends OperationName>(operationId: string): Promise<ResultOf<N>> {
    return new Promise((resolve, reject) => {
      waiters.set(operationId, { resolve: resolve as (result: unknown) => void, reject })
      const known = rows.get(operationId)
      if (known) settle(known)
    })
  }

  /** Starts an operation and waits for its end. */
  async function run<N extends OperationName>(name: N, arg: Operations[N]['arg']): Promise<ResultOf<N>> {
    return finished<N>(await begin(name, arg))
  }

  const list = computed(() => [...rows.list.value].sort((a, b) => b.startedAt - a.startedAt))
  const running = computed(() => list.value.filter((row) => row.status === 'running'))
  /** Object id → the running operation that acts on it. */
  const pendingByTarget = computed(() => {
    const pending = new Map<string, OperationRow>()
    for (const row of running.value) for (const id of row.targets) pending.set(id, row)
    return pending
  })

  return {
    list,
    running,
    last: computed<OperationRow | null>(() => list.value[0] ?? null),
    get: rows.get,
    /** The running operation that acts on this container or image, if any. */
    pendingOf: (id: string): OperationRow | undefined => pendingByTarget.value.get(id),
    pendingByTarget,
    start,
    begin,
    finished,
    run,
    cancel: (operationId: string) => connection.call('operations.cancel', { operationId }),
    retry: (operationId: string) => connection.call('operations.retry', { operationId }),
    /** The docker line with its secrets, for who asks for it. */
    command: (operationId: string) => connection.call('operations.command', { operationId }),
    clear: () => connection.call('operations.clear', {}),
  }
})
