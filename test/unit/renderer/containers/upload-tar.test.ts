/** The tar an upload is sent as: read by the library, refused by nothing, as long as it said it would be. */
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { finished } from 'node:stream/promises'
import { extract } from 'tar-stream'
import { describe, expect, it } from 'vitest'
import { UploadGate } from '../../../../engine/container-files/upload-gate.ts'
import { PIECE_BYTES } from '../../../../engine/contract/parts/transfers.ts'
import { badItem, itemsOfFiles, topNames } from '../../../../renderer/screens/Containers/detail/files/dropped.ts'
import { tarPieces, tarSize } from '../../../../renderer/stores/upload-tar.ts'
import type { UploadItem } from '../../../../renderer/stores/upload-tar.ts'

const file = (content: string | Uint8Array<ArrayBuffer>, name = 'x') => new File([content], name, { lastModified: 1_700_000_000_000 })

async function unpack(items: readonly UploadItem[]) {
  const gate = new UploadGate('/')
  const bytes = await buffer(Readable.from(gate.pass(tarPieces(items), new AbortController().signal, () => undefined)))
  const found: [string, string, number, string][] = []
  const tar = extract()
  tar.on('entry', (header, stream, next) => void buffer(stream).then((content) => (found.push([header.name, header.type ?? '', header.mode ?? 0, content.toString()]), next())))
  tar.end(bytes)
  await finished(tar)
  return { found, bytes }
}

describe('the tar of an upload', () => {
  const items: UploadItem[] = [
    { path: 'folder', file: null },
    { path: 'folder/안녕 ☃', file: file('hello') },
    { path: `${'deep/'.repeat(40)}end`, file: file('') },
    { path: `${'n'.repeat(98)}é`, file: file('long') },
    { path: 'script', file: file('#!/bin/sh\n') },
    { path: 'program', file: file(Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2)) },
    { path: 'kept', file: file('#!no'), mode: 0o600 },
    { path: 'back\\slash', file: file('b') },
  ]
  it('holds names, modes and bytes, and is as long as it said', async () => {
    const { found, bytes } = await unpack(items)
    expect(bytes).toHaveLength(tarSize(items))
    expect(found).toEqual([
      ['folder/', 'directory', 0o755, ''],
      ['folder/안녕 ☃', 'file', 0o644, 'hello'],
      [`${'deep/'.repeat(40)}end`, 'file', 0o644, ''],
      [`${'n'.repeat(98)}é`, 'file', 0o644, 'long'],
      ['script', 'file', 0o755, '#!/bin/sh\n'],
      ['program', 'file', 0o755, '\x7fELF\x02'],
      ['kept', 'file', 0o600, '#!no'],
      ['back\\slash', 'file', 0o644, 'b'],
    ])
  })
  it('says record lengths that count themselves, whatever the length', async () => {
    for (let length = 80; length < 240; length++) {
      const path = `${'d/'.repeat(3)}${'x'.repeat(length)}`
      expect((await unpack([{ path, file: file('1') }])).found[0]?.[0]).toBe(path)
    }
  })
  it('comes in pieces no larger than the link takes', async () => {
    const large = file(new Uint8Array(3 * PIECE_BYTES + 7))
    const sizes: number[] = []
    for await (const piece of tarPieces([{ path: 'large', file: large }, { path: 'b', file: file('b') }])) sizes.push(piece.length)
    expect(sizes.slice(0, -1)).toEqual([PIECE_BYTES, PIECE_BYTES, PIECE_BYTES])
    expect(sizes.at(-1)).toBeLessThanOrEqual(PIECE_BYTES)
  })
})

describe('what was chosen', () => {
  it('keeps its way in a folder, and is known by what it becomes there', () => {
    const inFolder = Object.defineProperty(file('x', 'a.txt'), 'webkitRelativePath', { value: 'tree/a.txt' })
    const items = itemsOfFiles([inFolder, file('y', 'b\\c')])
    expect(items.map(({ path }) => path)).toEqual(['tree/a.txt', 'b\\c'])
    expect(topNames(items)).toEqual(['tree', 'b\\\\c'])
    expect(badItem(items)).toBeNull()
    expect(badItem([{ path: 'a/../b', file: null }])).toBe('a/../b')
    expect(badItem([{ path: `a/${'x'.repeat(256)}`, file: null }])).not.toBeNull()
  })
})
