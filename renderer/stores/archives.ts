/** Images and containers out into files and back in: every archive streams, each is an operation of its own. */
import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import { NaruError, isCancelled } from '../../engine/contract/errors.ts'
import type { ArchiveSource, ArchiveTarget, OperationName, OperationRow } from '../../engine/contract/models.ts'
import { PIECE_BYTES } from '../../engine/contract/parts/transfers.ts'
import { openSaver } from '../screens/Images/archive/save-file.ts'
import { useConnection } from './connection.ts'
import { useOperations } from './operations.ts'
import { useState } from './state.ts'
import { receiveInto, sendPieces } from './transfer-pipes.ts'
import { useUi } from './ui.ts'

/** Where a person wants an archive. */
export type TargetChoice = { readonly where: 'page'; readonly name: string } | { readonly where: 'path'; readonly path: string; readonly overwrite: boolean }
/** What a person wants to read. */
export type SourceChoice = { readonly file: File } | { readonly path: string }

export interface ImportForm {
  readonly reference: string
  readonly message: string
  readonly changes: readonly string[]
}

const NAMES: ReadonlySet<OperationName> = new Set<OperationName>(['images.save', 'images.load', 'images.import', 'containers.export'])
/** Milliseconds an ended one stays in sight. */
const RECENT_MS = 15 * 60_000

export const useArchives = defineStore('archives', () => {
  const connection = useConnection()
  const operations = useOperations()
  const state = useState()
  const ui = useUi()
  const pipes = { connection, operations, ui }
  const dismissed = shallowRef<ReadonlySet<string>>(new Set())
  /** Files that wait for the one before. */
  const waiting = shallowRef<readonly string[]>([])

  const recent = computed<readonly OperationRow[]>(() =>
    operations.list.filter(
      (row) =>
        NAMES.has(row.name) &&
        row.engineId === state.engineId &&
        (row.status === 'running' || (!dismissed.value.has(row.id) && Date.now() - (row.endedAt ?? 0) < RECENT_MS)),
    ),
  )

  /** False: nothing was begun, the person cancelled or was told why. */
  async function write(choice: TargetChoice, begin: (target: ArchiveTarget) => Promise<string>): Promise<boolean> {
    try {
      if (choice.where === 'path') {
        await begin({ kind: 'path', path: choice.path, overwrite: choice.overwrite })
        return true
      }
      const saver = await openSaver(choice.name)
      if (!saver) return false
      const { transferId } = await connection.call('transfers.open', { direction: 'download' })
      const operationId = await begin({ kind: 'transfer', transferId, name: choice.name })
      void receiveInto(pipes, transferId, operationId, saver)
      return true
    } catch (reason) {
      ui.fail(reason)
      return false
    }
  }

  async function read(choice: SourceChoice, begin: (source: ArchiveSource) => Promise<string>): Promise<void> {
    if ('path' in choice) {
      await operations.finished(await begin({ kind: 'path', path: choice.path }))
      return
    }
    const { file } = choice
    const { transferId } = await connection.call('transfers.open', { direction: 'upload' })
    const operationId = await begin({ kind: 'transfer', transferId, name: file.name || 'archive.tar', sizeBytes: file.size })
    const ended = operations.finished(operationId)
    const over = new AbortController()
    const stop = (): void => over.abort()
    ended.then(stop, stop)
    await sendPieces(pipes, piecesOf(file), transferId, over.signal)
    await ended
  }

  async function* piecesOf(file: File): AsyncGenerator<Uint8Array, void, undefined> {
    for (let at = 0; at < file.size; at += PIECE_BYTES) yield new Uint8Array(await file.slice(at, at + PIECE_BYTES).arrayBuffer())
  }

  /** What an operation failed with stands at the operation; anything else is told here. */
  function tell(reason: unknown): void {
    if (!isCancelled(reason) && !(reason instanceof NaruError && reason.operationId)) ui.fail(reason)
  }

  const engineId = (): string => state.engineId ?? ''

  /** One after the other; a failure stands at its operation, the next one is tried all the same. */
  async function load(choices: readonly SourceChoice[]): Promise<void> {
    const nameOf = (choice: SourceChoice): string => ('path' in choice ? choice.path : choice.file.name)
    waiting.value = [...waiting.value, ...choices.map(nameOf)]
    for (const choice of choices) {
      waiting.value = waiting.value.filter((name) => name !== nameOf(choice))
      try {
        await read(choice, (source) => operations.begin('images.load', { engineId: engineId(), source }))
      } catch (reason) {
        tell(reason)
      }
    }
  }

  return {
    recent,
    waiting,
    load,
    saveImages: (references: readonly string[], choice: TargetChoice) =>
      write(choice, (target) => operations.begin('images.save', { engineId: engineId(), references, target })),
    exportContainer: (id: string, choice: TargetChoice) =>
      write(choice, (target) => operations.begin('containers.export', { engineId: engineId(), id, target })),
    /** True when the image is there; what went wrong was told. */
    async importImage(choice: SourceChoice, form: ImportForm): Promise<boolean> {
      try {
        await read(choice, (source) => operations.begin('images.import', { engineId: engineId(), source, ...form }))
        return true
      } catch (reason) {
        tell(reason)
        return false
      }
    },
    cancel: (row: OperationRow) => void operations.cancel(row.id).catch((reason: unknown) => ui.fail(reason)),
    dismiss(id: string): void {
      dismissed.value = new Set([...dismissed.value, id])
    },
  }
})
