/** Live answer to "is this host port free?" for every row of the form. */
import { onScopeDispose, reactive, watch } from 'vue'
import { isCancelled, toEnvelope } from '../../../engine/contract/errors.ts'
import type { ErrorEnvelope } from '../../../engine/contract/errors.ts'
import type { PortCheck } from '../../../engine/contract/models.ts'
import { useConnection } from '../../stores/connection.ts'
import { useState } from '../../stores/state.ts'
import type { PortRow } from './run-form.ts'

export interface RowCheck {
  /** What was asked: an answer to something else is old. */
  readonly question: string
  readonly status: 'checking' | 'done' | 'failed'
  readonly result?: PortCheck
  readonly error?: ErrorEnvelope
}

export interface PortChecks {
  readonly byRow: ReadonlyMap<number, RowCheck>
  /** The row's port is known to be taken, or refused to this engine. */
  isTaken(row: PortRow): boolean
  /** Asks again about every row. */
  refresh(): void
}

/** Milliseconds of typing pause before a port is asked about. */
const PAUSE_MS = 250

const plainPort = (row: PortRow): number => (/^\d{1,5}$/.test(row.hostPort.trim()) ? Number(row.hostPort) : 0)
const questionOf = (row: PortRow): string => `${row.hostIp.trim()} ${plainPort(row)} ${row.protocol}`

/** Call it in `setup`. `answered` may change the row (an exposed port moves to a free one). */
export function usePortChecks(inputs: {
  readonly rows: () => readonly PortRow[]
  readonly active: () => boolean
  answered(row: PortRow, check: PortCheck): void
}): PortChecks {
  const connection = useConnection()
  const state = useState()
  const byRow = reactive(new Map<number, RowCheck>())
  const asking = new Map<number, AbortController>()

  async function ask(row: PortRow, question: string, signal: AbortSignal): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    const engineId = state.engineId
    if (signal.aborted || !engineId) return
    try {
      const hostIp = row.hostIp.trim().replace(/^\[(.*)\]$/, '$1')
      const result = await connection.call('ports.check', { engineId, hostIp, hostPort: plainPort(row), protocol: row.protocol }, { signal })
      if (signal.aborted) return
      byRow.set(row.id, { question, status: 'done', result })
      inputs.answered(row, result)
    } catch (reason) {
      if (!signal.aborted && !isCancelled(reason)) byRow.set(row.id, { question, status: 'failed', error: toEnvelope(reason) })
    }
  }

  function update(again: boolean): void {
    const rows = inputs.active() ? inputs.rows() : []
    const present = new Set(rows.map((row) => row.id))
    for (const id of [...asking.keys()].filter((known) => !present.has(known))) forget(id)
    for (const row of rows) {
      const question = questionOf(row)
      const port = plainPort(row)
      if (port < 1 || port > 65_535) {
        forget(row.id)
        continue
      }
      if (!again && byRow.get(row.id)?.question === question) continue
      asking.get(row.id)?.abort()
      const mine = new AbortController()
      asking.set(row.id, mine)
      // An answer that is only being confirmed stays in sight meanwhile.
      if (byRow.get(row.id)?.question !== question) byRow.set(row.id, { question, status: 'checking' })
      void ask(row, question, mine.signal)
    }
  }

  function forget(id: number): void {
    asking.get(id)?.abort()
    asking.delete(id)
    byRow.delete(id)
  }

  watch(() => [inputs.active(), ...inputs.rows().map((row) => `${row.id} ${questionOf(row)}`)].join('|'), () => update(false), { immediate: true })
  // A container that came or went may hold or free one of the ports.
  watch(() => state.containers.map((row) => `${row.id}${row.state}`).join('|'), () => update(true))
  onScopeDispose(() => {
    for (const controller of asking.values()) controller.abort()
  })

  return {
    byRow,
    isTaken: (row) => {
      const check = byRow.get(row.id)
      const result = check?.question === questionOf(row) ? check.result : undefined
      return result !== undefined && (!result.free || result.privileged === true)
    },
    refresh: () => update(true),
  }
}
