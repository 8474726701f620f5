/** The panel that starts a build: whether it is open, what it begins with, and what is known of the chosen folder. */
import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import { isCancelled, toEnvelope } from '../../engine/contract/errors.ts'
import type { ErrorEnvelope } from '../../engine/contract/errors.ts'
import type { BuildForm, BuildSpec, FolderList } from '../../engine/contract/models.ts'
import { useConnection } from './connection.ts'

export interface BuildPrefill {
  /** Absolute path. */
  readonly folder?: string
  /** An earlier build that is to be changed. */
  readonly spec?: BuildSpec
}

export const useBuildForm = defineStore('build-form', () => {
  const connection = useConnection()
  const isOpen = ref(false)
  const prefill = shallowRef<BuildPrefill>({})
  /** Grows with every `open`. */
  const asked = ref(0)
  /** The folder as it was read last; null while none is known. */
  const form = shallowRef<BuildForm | null>(null)
  const reading = ref(false)
  const error = shallowRef<ErrorEnvelope | null>(null)
  let asking = new AbortController()

  /** Reads a folder and its Dockerfile (relative to it, or absolute; absent = the first found). Gives null when it could not. */
  async function read(folder: string, dockerfile?: string): Promise<BuildForm | null> {
    asking.abort()
    const mine = new AbortController()
    asking = mine
    reading.value = true
    try {
      const answer = await connection.call('builds.open', { folder, ...(dockerfile !== undefined && { dockerfile }) }, { signal: mine.signal })
      if (mine.signal.aborted) return null
      form.value = answer
      error.value = null
      reading.value = false
      return answer
    } catch (reason) {
      if (mine.signal.aborted) return null
      reading.value = false
      if (!isCancelled(reason)) error.value = toEnvelope(reason)
      return null
    }
  }

  function forget(): void {
    asking.abort()
    form.value = null
    error.value = null
    reading.value = false
  }

  return {
    isOpen,
    prefill,
    asked,
    form,
    reading,
    error,
    read,
    forget,
    /** Folders below a path of this machine; an empty path means the home folder. Throws NaruError. */
    folders: (path: string): Promise<FolderList> => connection.call('files.list-folders', { path }),
    /** Opens the panel; without a folder what was chosen last is still there. */
    open(next: BuildPrefill = {}): void {
      prefill.value = next
      asked.value += 1
      isOpen.value = true
    },
    close(): void {
      isOpen.value = false
    },
  }
})
