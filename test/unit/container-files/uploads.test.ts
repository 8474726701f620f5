/** What an upload may hold, which file of it was cut off, and the commands that do the same. */
import { describe, expect, it } from 'vitest'
import { downloadCommand, downloadTarCommand, makeFolderCommand, pathInCommand, removeCommand, renameCommand, uploadCommand } from '../../../engine/container-files/file-words.ts'
import { fileBytes, windowOf } from '../../../engine/container-files/bytes.ts'
import { uploadArchive } from '../../../engine/container-files/upload.ts'
import { UploadGate } from '../../../engine/container-files/upload-gate.ts'
import { writeError } from '../../../engine/container-files/change.ts'
import { NaruError } from '../../../engine/contract/errors.ts'
import { createTransferService } from '../../../engine/transfers/service.ts'
import { engineClient } from '../../support/engine-client.ts'
import { tarOf } from '../../support/image-archive.ts'
import { rawTar } from '../../support/raw-tar.ts'

async function* cut(bytes: Buffer, size: number, until = bytes.length): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < until; at += size) yield bytes.subarray(at, Math.min(until, at + size))
}
const never = new AbortController().signal

describe('an upload', () => {
  it('whose engine goes says so, not what its socket did', async () => {
    const transfers = createTransferService()
    const { transferId } = await transfers.open({ direction: 'upload' }, { peerId: 'p', signal: never })
    const client = engineClient({
      statPath: async () => ({ name: 'to', size: 0, mode: 2 ** 31 + 0o755 }),
      inspectContainer: async () => Promise.reject(new NaruError('engine.unreachable', 'gone')),
      // As Node's streams do: what broke is thrown into what is sent.
      writeArchive: async (_id, _path, archive) => {
        const pieces = archive[Symbol.asyncIterator]()
        await pieces.next()
        await pieces.throw?.(new Error('read ECONNRESET'))
        throw new NaruError('engine.unreachable', 'read ECONNRESET')
      },
    } as Parameters<typeof engineClient>[0])
    const source = { kind: 'transfer', transferId, name: 'a.tar', sizeBytes: 10_000 } as const
    const outcome = expect(uploadArchive({ client, transfers, home: '/' }, { id: 'c', path: '/to', source }, { signal: never, report: () => undefined })).rejects.toMatchObject({ code: 'engine.unreachable' })
    await transfers.write({ transferId, bytes: (await tarOf([{ name: 'a', content: 'x'.repeat(5_000) }])).subarray(0, 2_048) }, { peerId: 'p', signal: never })
    await outcome
  })
})

describe('the gate of uploads', () => {
  it('passes files and folders on as they are, and counts', async () => {
    const archive = await tarOf([{ name: 'd/', type: 'directory' }, { name: 'd/a', content: 'abc' }, { name: 'long/'.repeat(40) + 'b', content: 'x' }])
    const gate = new UploadGate('/to')
    const out: Uint8Array[] = []
    for await (const piece of gate.pass(cut(archive, 100), never, () => undefined)) out.push(piece)
    expect(Buffer.concat(out).equals(archive)).toBe(true)
    expect(gate).toMatchObject({ files: 2, bytes: 4, incomplete: null })
  })
  it.each([
    ['../a', 'file'],
    ['/a', 'file'],
    ['a/../../b', 'file'],
    ['a//b', 'file'],
    ['./a', 'file'],
    ['..', 'directory'],
    ['a', 'symlink'],
    ['a', 'link'],
    ['a', 'fifo'],
    ['a', 'character-device'],
  ] as const)('refuses %s as a %s before the engine sees it', async (name, type) => {
    const archive = await tarOf([{ name, type, ...(type === 'file' ? { content: 'x' } : {}), ...(/link/.test(type) ? { linkname: 'x' } : {}) }])
    const seen: Uint8Array[] = []
    const passing = async () => {
      for await (const piece of new UploadGate('/to').pass(cut(archive, 512), never, () => undefined)) seen.push(piece)
    }
    await expect(passing()).rejects.toMatchObject({ hint: 'upload-refused' })
    expect(seen).toEqual([])
  })
  it('names the file that was on its way when it was stopped', async () => {
    const archive = rawTar([{ name: Buffer.from('one'), content: Buffer.alloc(10) }, { name: Buffer.from('t\xff', 'latin1'), content: Buffer.alloc(5_000) }])
    const gate = new UploadGate('/')
    const stop = new AbortController()
    const reasons: unknown[] = []
    let count = 0
    for await (const piece of gate.pass(cut(archive, 512), stop.signal, (reason) => reasons.push(reason))) {
      void piece
      if (++count === 5) stop.abort('enough')
    }
    expect(gate).toMatchObject({ files: 1, incomplete: '/t\\xff' })
    expect(reasons).toEqual(['enough'])
  })
  it('ends early when its source fails', async () => {
    const gate = new UploadGate('/')
    const reasons: unknown[] = []
    const failing = async function* () {
      yield* cut(rawTar([{ name: Buffer.from('one'), content: Buffer.alloc(10) }]), 512, 512)
      throw new Error('gone')
    }
    for await (const piece of gate.pass(failing(), never, (reason) => reasons.push(reason))) void piece
    expect(reasons).toEqual([new Error('gone')])
    expect(gate.incomplete).toBe('/one')
  })
})

describe('bytes of a file', () => {
  const archive = rawTar([{ name: Buffer.from('f'), content: Buffer.from('0123456789') }])
  it('come out of its archive, whole or a window of it', async () => {
    const pieces: Uint8Array[] = []
    for await (const piece of fileBytes(cut(archive, 3), '/f')) pieces.push(piece)
    expect(Buffer.concat(pieces).toString()).toBe('0123456789')
    expect(Buffer.from(await windowOf(fileBytes(cut(archive, 3), '/f'), 4, 3)).toString()).toBe('456')
    expect(Buffer.from(await windowOf(fileBytes(cut(archive, 3), '/f'), 8, 30)).toString()).toBe('89')
  })
  it('are none of a link, and an archive that is cut is told', async () => {
    const link = await tarOf([{ name: 'l', type: 'symlink', linkname: 'x' }])
    await expect(windowOf(fileBytes(cut(link, 512), '/l'), 0, 1)).rejects.toMatchObject({ hint: 'not-a-file' })
    await expect(windowOf(fileBytes(cut(archive, 100, 515), '/f'), 0, 100)).rejects.toMatchObject({ code: 'archive-broken' })
  })
})

describe('commands', () => {
  it('are what docker would be told', () => {
    expect(downloadCommand('web', '/etc/a b', 'a b')).toBe("docker cp 'web:/etc/a b' 'a b'")
    expect(downloadTarCommand('web', '/etc', 'etc.tar')).toBe('docker cp web:/etc - > etc.tar')
    expect(uploadCommand('web', '/', ['a', "b'c"])).toBe(`docker cp a web:/ && docker cp 'b'"'"'c' web:/`.replace(`'b'"'"'c'`, pathInCommand("b'c")))
    expect(makeFolderCommand('web', '/srv', 'new')).toBe('mkdir new && docker cp new web:/srv/')
    expect(renameCommand('web', '/a', '/b')).toBe('docker exec -u 0 web mv -- /a /b')
    expect(removeCommand('web', ['/a', '/\\xff'])).toBe("docker exec -u 0 web rm -rf -- /a $'/\\xff'")
    expect(removeCommand('web', Array.from({ length: 25 }, (_, n) => `/${n}`))).toMatch(/\/19 # \+ 5$/)
    expect(pathInCommand("a\n'\\\\")).toBe("$'a\\n\\'\\\\'")
  })
})

describe('what cannot be written', () => {
  it.each([
    ['container rootfs is marked read-only', 'denied', 'files-read-only'],
    ['cannot overwrite non-directory "/a" with directory "/a"', 'conflict', 'path-kind'],
    ["rm: can't remove '/etc/hosts': Resource busy", 'in-use', 'path-busy'],
    ['mv: cannot move: Operation not permitted', 'denied', 'files-denied'],
    ['write /x: no space left on device', 'no-space', undefined],
  ])('%s', (message, code, hint) => {
    expect(writeError(new NaruError('internal', message), '/a')).toMatchObject({ code, hint, params: { path: '/a' } })
  })
})
