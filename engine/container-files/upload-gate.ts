/**
 * What a page sends as an archive is looked at before the engine gets it: files and folders only, and no name that leads
 * out of the folder. Knows which file is on its way, so that one that was cut off can be named.
 */
import { NaruError } from '../contract/errors.ts'
import { isFileName, joinPath, pathText } from '../contract/file-path.ts'
import { TarScanner } from '../layers/tar-scanner.ts'
import type { TarEntry } from '../layers/tar-header.ts'

export class UploadGate {
  readonly #folder: string
  readonly #scanner: TarScanner
  /** Path in the container of the file whose bytes are on their way. */
  #current: string | null = null
  files = 0
  bytes = 0

  constructor(folder: string) {
    this.#folder = folder
    this.#scanner = new TarScanner(
      {
        entry: (entry) => this.#begin(entry),
        data: (piece) => void (this.bytes += piece.length),
        end: () => this.#end(),
      },
      { strictEnd: true },
    )
  }

  /** The file that was begun and is not whole. */
  get incomplete(): string | null {
    return this.#current
  }

  /**
   * Passes an archive on, each piece once it was looked at. Ends early, without an error, when `stop` aborts or the source
   * fails: the engine then says itself that the archive is cut, when it has dealt with what came before.
   * @throws NaruError `invalid-request` (`upload-refused`, `archive-broken`)
   */
  async *pass(source: AsyncIterable<Uint8Array>, stop: AbortSignal, onCut: (reason: unknown) => void): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for await (const chunk of source) {
        if (stop.aborted) return onCut(stop.reason)
        const wait = this.#scanner.write(chunk)
        if (wait) await wait
        yield chunk
      }
    } catch (error) {
      if (error instanceof NaruError && error.hint === REFUSED) throw error
      return onCut(stop.aborted ? stop.reason : error)
    }
    this.#scanner.close()
  }

  #begin(entry: TarEntry): boolean {
    const folder = entry.kind === 'directory'
    const text = pathText(entry.name)
    const name = folder && text.endsWith('/') ? text.slice(0, -1) : text
    const fits = (folder || (entry.kind === 'file' && !entry.sparse)) && name.split('/').every(isFileName)
    if (!fits) throw new NaruError('invalid-request', `refusing ${text} of an upload`, { params: { name: text }, hint: REFUSED })
    if (folder) return false
    this.#current = joinPath(this.#folder, name)
    return true
  }

  #end(): void {
    this.#current = null
    this.files += 1
  }
}

const REFUSED = 'upload-refused'
