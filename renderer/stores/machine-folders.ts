/** One more folder for the virtual machine: the dialog that asks (screens/Engines/machine/ShareFolderDialog.vue) and what it needs. */
import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import { useConnection } from './connection.ts'

export interface ShareDialog {
  /** What a container was refused, absolute. */
  readonly path: string
  /** What goes on once the machine sees it. */
  readonly then: () => void
}

export const useMachineFolders = defineStore('machine-folders', () => {
  const connection = useConnection()
  const dialog = shallowRef<ShareDialog | null>(null)

  return {
    dialog,
    ask(path: string, then: () => void): void {
      dialog.value = { path, then }
    },
    close(): void {
      dialog.value = null
    },
    offer: (path: string, signal: AbortSignal) => connection.call('machine.folder-offer', { path }, { signal }),
    /** The machine's next start has it. Rejects with a NaruError. */
    share: (path: string, readonly: boolean) => connection.call('machine.share-folder', { path, readonly }),
  }
})
