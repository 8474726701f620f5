/** Writing a large file out of the page without holding it: straight to the disk where browsers can, else by way of their own storage. */

export interface Saver {
  write(bytes: Uint8Array): Promise<void>
  /** The file is whole: it is where the person wanted it, or its download begins. */
  close(): Promise<void>
  /** Nothing is left of it. */
  abort(): Promise<void>
}

/** Not in TypeScript's DOM yet. Source: wicg.github.io/file-system-access */
type SavePicker = (options: { readonly suggestedName: string }) => Promise<FileSystemFileHandle>

const isAbort = (reason: unknown): boolean => reason instanceof DOMException && reason.name === 'AbortError'

/**
 * Asks where to save when the browser can ask; call it in a click. Null: the person thought better of it.
 * Without a picker the file gathers in the origin's private storage (on disk) and is downloaded from there.
 */
export async function openSaver(name: string): Promise<Saver | null> {
  const pick = (window as { readonly showSaveFilePicker?: SavePicker }).showSaveFilePicker
  if (pick) {
    try {
      return writeTo(await pick({ suggestedName: name }))
    } catch (reason) {
      if (isAbort(reason)) return null
      // A shell that allows no picker still allows downloads.
    }
  }
  return (await openStored(name)) ?? openBlob(name)
}

async function writeTo(handle: FileSystemFileHandle): Promise<Saver> {
  const file = await handle.createWritable()
  return {
    write: (bytes) => file.write(bytes as Uint8Array<ArrayBuffer>),
    close: () => file.close(),
    abort: () => file.abort(),
  }
}

const STORED = 'naru-save-'
/** A download that began longer ago than this has ended, milliseconds. */
const STALE_MS = 60 * 60_000

async function openStored(name: string): Promise<Saver | null> {
  try {
    const folder = await navigator.storage.getDirectory()
    await clearStale(folder)
    const key = `${STORED}${Date.now()}-${Math.random().toString(36).slice(2)}`
    const handle = await folder.getFileHandle(key, { create: true })
    const saver = await writeTo(handle)
    return {
      write: saver.write,
      async close() {
        await saver.close()
        download(await handle.getFile(), name)
      },
      async abort() {
        await saver.abort()
        await folder.removeEntry(key)
      },
    }
  } catch {
    return null
  }
}

async function clearStale(folder: FileSystemDirectoryHandle): Promise<void> {
  const entries = (folder as unknown as { keys(): AsyncIterable<string> }).keys()
  for await (const key of entries) {
    const at = Number(key.slice(STORED.length).split('-')[0])
    if (key.startsWith(STORED) && Date.now() - at > STALE_MS) await folder.removeEntry(key)
  }
}

/** Blobs live outside the page's heap, where browsers put large ones on disk. */
function openBlob(name: string): Saver {
  const parts: BlobPart[] = []
  return {
    write: async (bytes) => void parts.push(new Blob([bytes as Uint8Array<ArrayBuffer>])),
    close: async () => download(new Blob(parts, { type: 'application/x-tar' }), name),
    abort: async () => void parts.splice(0),
  }
}

function download(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(address), STALE_MS)
}

/** File name for an archive of these images: `nginx-1.27.tar`, `4-images.tar`. */
export function archiveFileName(names: readonly string[]): string {
  const [only = 'image'] = names
  const text = names.length > 1 ? `${names.length}-images` : only.replace(/^sha256:/, '').slice(0, 80)
  return `${text.replace(/[^\w.-]+/g, '-').replace(/^[-.]+|-+$/g, '') || 'image'}.tar`
}
