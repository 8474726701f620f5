/** Folders out of what programs print and out of archives; pages and marks of them. */
import { describe, expect, it } from 'vitest'
import { RecordReader } from '../../../engine/container-files/ask-folder.ts'
import { fileContainer, mountOf, mountsIn } from '../../../engine/container-files/container.ts'
import { bitsOfGoMode, kindOfBits, kindOfGoMode } from '../../../engine/container-files/entries.ts'
import { readIndex } from '../../../engine/container-files/file-index.ts'
import type { FileIndex } from '../../../engine/container-files/file-index.ts'
import { FrameReader } from '../../../engine/container-files/frames.ts'
import { Listing } from '../../../engine/container-files/listing.ts'
import { lossyName, marksOf } from '../../../engine/container-files/marks.ts'
import { invocation, pathWord } from '../../../engine/container-files/program.ts'
import { Shelf } from '../../../engine/container-files/shelf.ts'
import { tarOf } from '../../support/image-archive.ts'
import { rawTar } from '../../support/raw-tar.ts'

const WORD = '0123456789abcdef'
const record = (mode: string, name: string, more = '', size = 0) => `${WORD} ${mode} ${size} 1700000000 7 8 /d/./${name}${WORD}${WORD}${more || `/d/./${name}`}\n`

function readRecords(output: Buffer, cut: number): RecordReader | null {
  const reader = new RecordReader(WORD, Buffer.from('/d'))
  for (let at = 0; at < output.length; at += cut) if (!reader.write(output.subarray(at, at + cut))) return null
  return reader.end() ? reader : null
}

describe('what stat prints', () => {
  const output = Buffer.concat([
    Buffer.from(record('81a4', 'plain', '', 12)),
    Buffer.from(record('41ed', 'new\nline')),
    Buffer.from(record('a1ff', "gnu -> it's", "/d/./gnu -> it's -> to/\nthere")),
    Buffer.from(record('a1ff', 'busy', "'/d/./busy' -> 'to'")),
    Buffer.from(record('a1ff', 'odd', '"/d/./odd" ---> "to"')),
    Buffer.from(record('89ed', 'bytes\xff', '', 3), 'latin1'),
    Buffer.from(record('c1ed', 'socket')),
  ])
  it.each([1, 7, 100, 10_000])('becomes entries, cut every %i bytes', (cut) => {
    expect(readRecords(output, cut)?.entries).toEqual([
      { name: 'plain', type: 'file', sizeBytes: 12, mode: 0o644, uid: 7, gid: 8, modifiedAt: 1_700_000_000_000 },
      { name: 'new\nline', type: 'directory', sizeBytes: 0, mode: 0o755, uid: 7, gid: 8, modifiedAt: 1_700_000_000_000 },
      expect.objectContaining({ name: "gnu -> it's", type: 'symlink', linkTarget: 'to/\nthere' }),
      expect.objectContaining({ name: 'busy', linkTarget: 'to' }),
      expect.not.objectContaining({ linkTarget: expect.anything() as unknown }),
      expect.objectContaining({ name: 'bytes\\xff', mode: 0o4755, sizeBytes: 3 }),
      expect.objectContaining({ name: 'socket', type: 'socket' }),
    ])
  })
  it.each(['find: no such\n', record('81a4', 'a/b'), record('81a4', ''), record('zz', 'a'), `${WORD} 81a4 1\n`, `${WORD} 81a4 0 0 0 0 /etc/./a${WORD}${WORD}x\n`, 'x'.repeat(70_000)])(
    'is refused when it is something else',
    (text) => expect(readRecords(Buffer.from(text), 100_000)).toBeNull(),
  )
  it('comes in frames', () => {
    const frame = (stream: number, text: string) => Buffer.concat([Buffer.from([stream, 0, 0, 0, 0, 0, 0, text.length]), Buffer.from(text)])
    for (const cut of [1, 3, 8, 100]) {
      let out = ''
      let error = ''
      const reader = new FrameReader({ out: (bytes) => void (out += Buffer.from(bytes).toString()), error: (bytes) => void (error += Buffer.from(bytes).toString()) })
      const all = Buffer.concat([frame(1, 'one'), frame(2, 'bad'), frame(1, ''), frame(1, 'two')])
      for (let at = 0; at < all.length; at += cut) reader.write(all.subarray(at, at + cut))
      expect([out, error]).toEqual(['onetwo', 'bad'])
    }
    expect(() => new FrameReader({ out: () => undefined, error: () => undefined }).write(Buffer.from('no frame at all'))).toThrow()
  })
  it('is asked for without a shell, names that are no UTF-8 over xargs', () => {
    expect(invocation(['rm', '--'], ['/a b', '/-x'])).toEqual({ argv: ['rm', '--', '/a b', '/-x'], input: null })
    expect(invocation(['rm', '--'], ['/a', pathWord('/\\xff')])).toEqual({ argv: ['xargs', '-0', 'rm', '--'], input: Buffer.from('/a\0/\xff\0', 'latin1') })
  })
})

async function indexOf(archive: Buffer, drop: 0 | 1, cut = 1_000): Promise<FileIndex> {
  async function* pieces() {
    for (let at = 0; at < archive.length; at += cut) yield archive.subarray(at, at + cut)
  }
  const reading = readIndex(pieces(), drop)
  let next = await reading.next()
  while (!next.done) next = await reading.next()
  return next.value
}
const parts = (path: string) => path.split('/').filter(Boolean).map((part) => new Uint8Array(Buffer.from(part, 'latin1')))

describe('an archive', () => {
  it('is listed folder by folder', async () => {
    const archive = await tarOf([
      { name: 'top/', type: 'directory' },
      { name: 'top/a/b/c', content: 'deep' },
      { name: 'top/twin', type: 'link', linkname: 'top/a/b/c' },
      { name: 'top/link', type: 'symlink', linkname: 'a/b' },
    ])
    const index = await indexOf(archive, 1, 77)
    expect(index.list([])?.map(({ name, type, sizeBytes, linkTarget }) => [name, type, sizeBytes, linkTarget]).sort()).toEqual([
      ['a', 'directory', 0, undefined],
      ['link', 'symlink', 0, 'a/b'],
      ['twin', 'file', 4, undefined],
    ])
    expect(index.list(parts('a/b'))).toMatchObject([{ name: 'c', sizeBytes: 4 }])
    expect([index.list(parts('twin')), index.list(parts('nowhere'))]).toEqual([null, null])
  })
  it('that ends early is none', async () => {
    const archive = await tarOf([{ name: 'a', content: 'x'.repeat(5_000) }])
    await expect(indexOf(archive.subarray(0, 4_000), 0)).rejects.toMatchObject({ code: 'archive-broken' })
  })
  it('takes a file whose short name ends with a slash for the file its record says it is', async () => {
    // As Go writes a name that is no ASCII: the rest of it is left out of the header.
    const path = Buffer.from('14 path=odd/\xc3\n', 'latin1')
    const pax = Buffer.from(rawTar([{ name: Buffer.from('odd/PaxHeaders.0'), content: path }]))
    pax.write('x', 156)
    pax.write('        ', 148)
    pax.write(`${pax.subarray(0, 512).reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, '0')}\0 `, 148)
    const archive = Buffer.concat([pax.subarray(0, 1024), rawTar([{ name: Buffer.from('odd/'), content: Buffer.from('x') }, { name: Buffer.from('odd/z'), content: Buffer.from('zz') }])])
    expect((await indexOf(archive, 0)).list(parts('odd'))).toMatchObject([{ name: 'z', sizeBytes: 2 }, { name: '\\xc3', type: 'file', sizeBytes: 1 }])
  })
  it('keeps names that are no UTF-8', async () => {
    const index = await indexOf(rawTar([{ name: Buffer.from('d/\xff\xfe', 'latin1'), content: Buffer.from('x') }]), 0)
    expect(index.list(parts('d'))).toMatchObject([{ name: '\\xff\\xfe' }])
  })
})

describe('a listing', () => {
  const plain = (name: string, more: object = {}) => ({ name, type: 'file' as const, sizeBytes: 1, mode: 0o644, uid: 0, gid: 0, modifiedAt: 1, ...more })
  const query = { sort: 'name' as const, descending: false, offset: 0, limit: 100 }
  const names = (listing: Listing, more: object = {}) => listing.page({ ...query, ...more }).entries.map(({ name }) => name)
  const listing = new Listing([plain('b', { sizeBytes: 5, modifiedAt: 9 }), plain('A', { sizeBytes: 9 }), plain('z', { type: 'directory' }), plain('bytes\\xff')], new Map([['z', 'volume']]))

  it('has folders first, any order, filters and pages', () => {
    expect(names(listing)).toEqual(['z', 'A', 'b', 'bytes\\xff'])
    expect(names(listing, { descending: true })).toEqual(['z', 'bytes\\xff', 'b', 'A'])
    expect(names(listing, { sort: 'size', descending: true })).toEqual(['z', 'A', 'b', 'bytes\\xff'])
    expect(names(listing, { sort: 'modified', descending: true })).toEqual(['z', 'b', 'A', 'bytes\\xff'])
    expect(names(listing, { text: 'B' })).toEqual(['b', 'bytes\\xff'])
    expect(listing.page({ ...query, offset: 1, limit: 2 })).toMatchObject({ total: 4, entries: [{ name: 'A' }, { name: 'b' }] })
  })
  it('is marked, and shows what is gone', () => {
    const changes = [
      { Path: '/d', Kind: 0 },
      { Path: '/d/A', Kind: 0 },
      { Path: '/d/bytes\ufffd\ufffd', Kind: 1 },
      { Path: '/d/z', Kind: 1 },
      { Path: '/d/gone', Kind: 2 },
      { Path: '/d/b/below', Kind: 1 },
      { Path: '/dd', Kind: 1 },
    ]
    listing.mark(marksOf(changes, '/d'))
    expect(listing.page(query).entries.map(({ name, mark, mount }) => [name, mark, mount])).toEqual([
      ['z', 'unmodified', 'volume'],
      ['A', 'changed', undefined],
      ['b', 'unmodified', undefined],
      ['bytes\\xff', 'added', undefined],
      ['gone', 'removed', undefined],
    ])
    expect(listing.total).toBe(4)
    expect(names(listing, { marks: ['removed', 'added'] })).toEqual(['bytes\\xff', 'gone'])
    expect(lossyName('a\\xff\\xfeb')).toBe('a\ufffdb')
  })
})

describe('a container', () => {
  const inspected = {
    Id: 'a',
    State: { Status: 'running', ExitCode: 0 },
    Config: { Env: ['A=1'] },
    Mounts: [{ Type: 'volume', Name: 'v', Source: '/x', Destination: '/data/', RW: false }, { Type: 'bind', Source: '/h', Destination: '/data/in' }],
    HostConfig: { Tmpfs: { '/run': '' } },
  }
  it('tells its mounts, the innermost first, and whether names can be changed', () => {
    const facts = fileContainer(inspected)
    expect(facts).toMatchObject({ running: true, refusal: null, env: [expect.stringMatching(/^PATH=/)] })
    expect(mountOf(facts.mounts, '/data/in/x')).toMatchObject({ type: 'bind', source: '/h' })
    expect(mountOf(facts.mounts, '/data/x')).toMatchObject({ type: 'volume', source: 'v', readOnly: true })
    expect(mountOf(facts.mounts, '/database')).toBeUndefined()
    expect(mountsIn(facts.mounts, '/data').map(({ destination }) => destination)).toEqual(['/data', '/data/in'])
    expect(fileContainer({ ...inspected, State: { Status: 'paused', ExitCode: 0 } }).refusal).toBe('paused')
    expect(fileContainer({ ...inspected, State: { Status: 'exited', ExitCode: 0 } }).stamp).not.toBe(facts.stamp)
  })
  it('says modes as Go and as Linux do', () => {
    expect([kindOfGoMode(2 ** 31 + 0o755), kindOfGoMode(2 ** 27), kindOfGoMode(2 ** 26), kindOfGoMode(2 ** 26 + 2 ** 21), kindOfGoMode(2 ** 25), kindOfGoMode(2 ** 24), kindOfGoMode(0o644)]).toEqual(
      ['directory', 'symlink', 'block-device', 'char-device', 'fifo', 'socket', 'file'],
    )
    expect(bitsOfGoMode(2 ** 31 + 2 ** 20 + 0o777).toString(8)).toBe('1777')
    expect(bitsOfGoMode(2 ** 23 + 2 ** 22 + 0o755).toString(8)).toBe('6755')
    expect([kindOfBits(0o100644), kindOfBits(0o120777), kindOfBits(0)]).toEqual(['file', 'symlink', 'unknown'])
  })
})

describe('a shelf', () => {
  it('keeps what was used last within its weight, and always the newest', () => {
    const shelf = new Shelf<number>(3, 10)
    shelf.put('a', 1, 4)
    shelf.put('b', 2, 4)
    shelf.get('a')
    shelf.put('c', 3, 4)
    expect([shelf.get('a'), shelf.get('b'), shelf.get('c')]).toEqual([1, undefined, 3])
    shelf.put('d', 4, 99)
    expect([shelf.get('a'), shelf.get('d')]).toEqual([undefined, 4])
  })
})
