/** What a drop onto the form tells of a folder. Pure but for the event. */

/** A path, the bare name of a folder whose place the browser keeps to itself, or nothing usable. */
export type Dropped = { readonly path: string } | { readonly name: string } | null

/** First local path of a `text/uri-list` or of plain text; null when there is none. */
export function pathOfText(text: string): string | null {
  for (const line of text.split(/\r?\n/)) {
    const word = line.trim()
    if (word === '' || word.startsWith('#')) continue
    if (word.startsWith('file://')) {
      try {
        return decodeURIComponent(new URL(word).pathname)
      } catch {
        return null
      }
    }
    return word.startsWith('/') ? word : null
  }
  return null
}

/** @param pathOf where the shell says a file lies; empty when it does not say */
export function readDrop(data: DataTransfer | null, pathOf: (file: File) => string): Dropped {
  if (!data) return null
  const [file] = data.files
  const told = file ? pathOf(file) : ''
  if (told !== '') return { path: told }
  const path = pathOfText(data.getData('text/uri-list')) ?? pathOfText(data.getData('text/plain'))
  if (path !== null) return { path }
  const name = data.items[0]?.webkitGetAsEntry()?.name ?? file?.name
  return name ? { name } : null
}
