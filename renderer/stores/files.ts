/** Files of containers: the calls of who looks at a folder, and what is on its way in or out. */
import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import { NaruError, isCancelled } from '../../engine/contract/errors.ts'
import { joinPath } from '../../engine/contract/file-path.ts'
import type { Methods } from '../../engine/contract/contract.ts'
import type { FileEntry, FileStat, FileWindow, FolderItem, FolderPage, OperationName, OperationRow } from '../../engine/contract/models.ts'
import { MOST_EXISTING } from '../../engine/contract/parts/files.ts'
import type { PageQuery } from '../../engine/contract/parts/files.ts'
import { openSaver } from '../screens/Images/archive/save-file.ts'
import { useConnection } from './connection.ts'
import { useOperations } from './operations.ts'
import { useState } from './state.ts'
import { receiveInto, sendPieces } from './transfer-pipes.ts'
import { tarPieces, tarSize } from './upload-tar.ts'
import type { UploadItem } from './upload-tar.ts'
import { useUi } from './ui.ts'

export interface FileCalls {
  open(id: string, path: string, fresh: boolean, signal: AbortSignal): AsyncIterable<FolderItem>
  page(listingId: string, query: PageQuery, signal: AbortSignal): Promise<FolderPage>
  stat(id: string, path: string, signal: AbortSignal): Promise<FileStat>
  read(id: string, path: string, offset: number, length: number, signal: AbortSignal): Promise<FileWindow>
  existing(id: string, path: string, names: readonly string[], signal: AbortSignal): Promise<readonly FileEntry[]>
}

/** Calls about containers of the current engine. Call it in `setup`. */
export function useFileCalls(): FileCalls {
  const connection = useConnection()
  const state = useState()
  const on = (id: string): { engineId: string; id: string } => ({ engineId: state.engineId ?? '', id })
  return {
    open: (id, path, fresh, signal) => connection.stream('files.open', { ...on(id), path, fresh }, { signal }),
    page: (listingId, query, signal) => connection.call('files.page', { listingId, ...query } as Methods['files.page']['arg'], { signal }),
    stat: (id, path, signal) => connection.call('files.stat', { ...on(id), path }, { signal }),
    read: (id, path, offset, length, signal) => connection.call('files.read', { ...on(id), path, offset, length }, { signal }),
    async existing(id, path, names, signal) {
      return (await connection.call('files.existing', { ...on(id), path, names: names.slice(0, MOST_EXISTING) }, { signal })).entries
    },
  }
}

const NAMES: ReadonlySet<OperationName> = new Set<OperationName>(['files.download', 'files.upload'])
/** Milliseconds an ended one stays in sight. */
const RECENT_MS = 15 * 60_000
/** Transfers that are remembered: the engine room keeps as many operations that have ended. */
const MOST_REMEMBERED = 500
/** Names an upload is described by. */
const MOST_NAMES = 20

export const useFileTransfers = defineStore('file-transfers', () => {
  const connection = useConnection()
  const operations = useOperations()
  const state = useState()
  const ui = useUi()
  const pipes = { connection, operations, ui }
  /** Container of each transfer this page began. */
  const began = shallowRef<ReadonlyMap<string, string>>(new Map())
  const dismissed = shallowRef<ReadonlySet<string>>(new Set())

  const recent = computed<readonly OperationRow[]>(() =>
    operations.list.filter(
      (row) => NAMES.has(row.name) && began.value.has(row.id) && (row.status === 'running' || (!dismissed.value.has(row.id) && Date.now() - (row.endedAt ?? 0) < RECENT_MS)),
    ),
  )
  const on = (id: string): { engineId: string; id: string } => ({ engineId: state.engineId ?? '', id })
  const remember = (operationId: string, id: string): void => {
    began.value = new Map([...began.value, [operationId, id] as const].slice(-MOST_REMEMBERED))
    // Only what was begun can be in sight.
    dismissed.value = new Set([...dismissed.value].filter((each) => began.value.has(each)))
  }

  /** Saves a file, or a folder as a tar; call it in a click. False: nothing was begun. */
  async function download(id: string, path: string, name: string): Promise<boolean> {
    try {
      const saver = await openSaver(name)
      if (!saver) return false
      const { transferId } = await connection.call('transfers.open', { direction: 'download' })
      const operationId = await operations.begin('files.download', { ...on(id), path, target: { kind: 'transfer', transferId, name } })
      remember(operationId, id)
      void receiveInto(pipes, transferId, operationId, saver)
      return true
    } catch (reason) {
      ui.fail(reason)
      return false
    }
  }

  /** Resolves when it is over, however it ended: that stands at the operation. */
  async function upload(id: string, path: string, items: readonly UploadItem[], names: readonly string[]): Promise<void> {
    try {
      const { transferId } = await connection.call('transfers.open', { direction: 'upload' })
      const source = { kind: 'transfer' as const, transferId, name: (names[0] ?? 'files').slice(0, 200), sizeBytes: tarSize(items) }
      const operationId = await operations.begin('files.upload', { ...on(id), path, source, names: names.slice(0, MOST_NAMES) })
      remember(operationId, id)
      const ended = operations.finished(operationId)
      const over = new AbortController()
      const stop = (): void => over.abort()
      ended.then(stop, stop)
      await sendPieces(pipes, tarPieces(items), transferId, over.signal)
      await ended
    } catch (reason) {
      if (!isCancelled(reason) && !(reason instanceof NaruError && reason.operationId)) ui.fail(reason)
    }
  }

  return {
    recent,
    of: (id: string): readonly OperationRow[] => recent.value.filter((row) => began.value.get(row.id) === id),
    download,
    upload,
    /** @throws NaruError as the contract says */
    makeFolder: (id: string, path: string, name: string) => operations.run('files.make-folder', { ...on(id), path, name }),
    rename: (id: string, path: string, newName: string) => operations.run('files.rename', { ...on(id), path, newName }),
    remove: (id: string, folder: string, names: readonly string[]) => operations.run('files.remove', { ...on(id), paths: names.map((name) => joinPath(folder, name)) }),
    cancel: (row: OperationRow) => void operations.cancel(row.id).catch((reason: unknown) => ui.fail(reason)),
    dismiss: (operationId: string) => void (dismissed.value = new Set([...dismissed.value, operationId])),
  }
})
