/** A directory of an image as a tar archive, written while the image's export is read. */
import { pack } from 'tar-stream'
import type { Pack } from 'tar-stream'
import { NaruError } from '../contract/errors.ts'
import { readContents } from './content.ts'
import type { ContentItem } from './content.ts'
import type { TarMember } from './plan.ts'

/**
 * Bytes of the tar. Members without bytes come first, then files in the order of the export, then hard links. Nobody
 * taking the bytes holds the export back. `source` is opened only when a file has bytes.
 */
export async function* tarOfMembers(members: readonly TarMember[], source: () => AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const tar = pack()
  const writing = writeMembers(tar, members, source)
  writing.catch((error: unknown) => tar.destroy(error instanceof Error ? error : new Error(String(error))))
  try {
    yield* tar as AsyncIterable<Uint8Array>
    await writing
  } finally {
    tar.destroy()
    // The export ends with the tar.
    await writing.catch(() => undefined)
  }
}

async function writeMembers(tar: Pack, members: readonly TarMember[], source: () => AsyncIterable<Uint8Array>): Promise<void> {
  const writer = new MemberWriter(tar)
  const files = new Map<string, TarMember>()
  const wanted = new Map<string, Set<number>>()
  const links: TarMember[] = []
  for (const member of members) {
    if (member.type === 'link') links.push(member)
    else if (!member.place || member.size === 0) await writer.put(member)
    else {
      const { file, ordinal } = member.place
      files.set(`${file}\n${ordinal}`, member)
      wanted.set(file, (wanted.get(file) ?? new Set()).add(ordinal))
    }
  }
  if (files.size > 0) await writeFiles(writer, files, readContents(source(), wanted))
  for (const link of links) await writer.put(link)
  tar.finalize()
}

async function writeFiles(writer: MemberWriter, files: ReadonlyMap<string, TarMember>, contents: AsyncIterable<ContentItem>): Promise<void> {
  let sink: OpenMember | null = null
  for await (const item of contents) {
    if (item instanceof Uint8Array) {
      await sink?.write(item)
      continue
    }
    await sink?.end()
    const member = files.get(`${item.file}\n${item.ordinal}`)
    sink = member ? writer.open({ ...member, size: item.size }) : null
  }
  await sink?.end()
}

interface OpenMember {
  readonly write: (bytes: Uint8Array) => Promise<void>
  readonly end: () => Promise<void>
}

/** Writes members in turn, waits for room, and gives up when the tar is closed. */
class MemberWriter {
  readonly #tar: Pack
  #onClose: () => void = () => undefined

  constructor(tar: Pack) {
    this.#tar = tar
    tar.once('close', () => this.#onClose())
  }

  put(member: TarMember): Promise<void> {
    return this.#wait((done) => this.#tar.entry(headerOf(member), '', done))
  }

  open(member: TarMember): OpenMember {
    let finished: Done = () => undefined
    const whole = new Promise<void>((resolve, reject) => {
      finished = (error) => (error ? reject(error) : resolve())
    })
    whole.catch(() => undefined)
    const entry = this.#tar.entry(headerOf(member), (error) => finished(error))
    return {
      write: async (bytes) => {
        if (this.#tar.destroyed) throw ended()
        if (!entry.write(bytes)) await this.#wait((done) => entry.once('drain', () => done()))
      },
      end: () =>
        this.#wait((done) => {
          whole.then(() => done(), done)
          entry.end(null)
        }),
    }
  }

  #wait(begin: (done: Done) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#tar.destroyed) return reject(ended())
      this.#onClose = () => reject(ended())
      begin((error) => (error ? reject(error) : resolve()))
    })
  }
}

type Done = (error?: Error | null) => void

function headerOf({ mtime, place: _place, ...header }: TarMember) {
  return { ...header, mtime: new Date(mtime) }
}

const ended = (): NaruError => new NaruError('cancelled', 'nobody takes the archive any more')
