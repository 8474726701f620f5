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

/** Milliseconds after which a port that is taken is asked about again: its holder may be stopped elsewhere. */
const AGAIN_MS = 3_000

interface Asked {
  readonly hostPort: number
  readonly lastPort?: number
  readonly anyOne?: boolean
}

/** What a row asks for; null when that is no port. A range over one container port needs one free port of it. */
export function askedOf(row: Pick<PortRow, 'hostPort' | 'containerPort'>): Asked | null {
  const [, from = '', to = from] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(row.hostPort.trim()) ?? []
  const [hostPort, lastPort] = [Number(from), Number(to)]
  if (hostPort < 1 || lastPort < hostPort || lastPort > 65_535) return null
  if (lastPort === hostPort) return { hostPort }
  return { hostPort, lastPort, ...(!row.containerPort.includes('-') && { anyOne: true }) }
}
const questionOf = (row: PortRow): string => `${row.hostIp.trim()} ${JSON.stringify(askedOf(row))} ${row.protocol}`

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
    const asked = askedOf(row)
    if (signal.aborted || !engineId || !asked) return
    try {
      const hostIp = row.hostIp.trim().replace(/^\[(.*)\]$/, '$1')
      const result = await connection.call('ports.check', { engineId, hostIp, ...asked, protocol: row.protocol }, { signal })
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
      if (!askedOf(row)) {
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
  const timer = setInterval(() => {
    if (!document.hidden && inputs.active() && [...byRow.values()].some(({ result }) => result?.free === false)) update(true)
  }, AGAIN_MS)
  onScopeDispose(() => {
    clearInterval(timer)
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
