/** What can be done with names of a folder, why not, and where keys lead. */
import { describe, expect, it } from 'vitest'
import type { FileEntry } from '../../../../engine/contract/models.ts'
import { canOpen, refusalOf } from '../../../../renderer/screens/Containers/detail/files/acts.ts'
import { fileMenu } from '../../../../renderer/screens/Containers/detail/files/file-menu.ts'
import { moveOf } from '../../../../renderer/screens/Containers/detail/files/list-keys.ts'
import { pictureType, readPicture } from '../../../../renderer/screens/Images/contents/picture.ts'

const entry = (more: Partial<FileEntry> = {}): FileEntry => ({ name: 'a', type: 'file', sizeBytes: 1, mode: 0o644, uid: 0, gid: 0, modifiedAt: 0, mark: 'unmodified', ...more })

describe('acts', () => {
  it('are refused with the nearest reason', () => {
    expect(refusalOf('rename', [entry()], undefined)).toBeNull()
    expect(refusalOf('rename', [entry(), entry({ name: 'b' })], undefined)).toBe('many')
    expect(refusalOf('remove', [entry(), entry({ name: 'b' })], undefined)).toBeNull()
    expect(refusalOf('remove', [entry()], 'no-tools')).toBe('no-tools')
    expect(refusalOf('remove', [entry({ mark: 'removed' })], 'stopped')).toBe('gone')
  })
  it('are for what has bytes', () => {
    expect([entry(), entry({ type: 'directory' }), entry({ type: 'symlink' }), entry({ type: 'fifo' }), entry({ type: 'unknown', mark: 'removed' })].map(canOpen)).toEqual([true, true, true, false, false])
  })
  it('stand in the menu, greyed with the reason when they cannot be done', () => {
    const menu = (entries: FileEntry[], refusal?: 'stopped') => fileMenu(entries, refusal, (key) => key, () => undefined).map((item) => [item.id, 'disabled' in item && item.disabled === true])
    expect(menu([entry()])).toEqual([['open', false], ['download', false], ['s', false], ['rename', false], ['remove', false]])
    expect(menu([entry()], 'stopped')).toEqual([['open', false], ['download', false], ['s', false], ['rename', true], ['remove', true], ['why', false]])
    expect(menu([entry({ type: 'fifo' }), entry()])).toEqual([['download', true], ['s', false], ['rename', true], ['remove', false], ['why', false]])
  })
})

describe('keys', () => {
  it('move within the rows', () => {
    expect([moveOf('ArrowDown', 0, 3), moveOf('ArrowDown', 2, 3), moveOf('ArrowUp', 0, 3), moveOf('End', 0, 3), moveOf('PageDown', 0, 100), moveOf('Home', 9, 10), moveOf('x', 0, 3)]).toEqual([1, 2, 0, 2, 15, 0, null])
  })
})

describe('pictures', () => {
  const head = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'))
  it('are told by their bytes', () => {
    expect(pictureType(head('\x89PNG\r\n'), 'a.txt')).toBe('image/png')
    expect(pictureType(head('\xff\xd8\xff\xe0'), 'a')).toBe('image/jpeg')
    expect(pictureType(head('GIF89a'), 'a')).toBe('image/gif')
    expect(pictureType(head('RIFF1234WEBP'), 'a')).toBe('image/webp')
    expect(pictureType(head('\0\0\0\x1cftypavif'), 'a')).toBe('image/avif')
    expect(pictureType(head('<?xml version="1.0"?><svg xmlns="x">'), 'a.svg')).toBe('image/svg+xml')
    expect([pictureType(head('<svg>'), 'a.html'), pictureType(head('BMW'), 'a.txt'), pictureType(head(''), 'a.png')]).toEqual([null, null, null])
  })
  it('are read piece by piece to their end', async () => {
    const whole = new Uint8Array(600_000).fill(7)
    const asked: number[] = []
    const read = async (offset: number, length: number) => {
      asked.push(length)
      return { offset, bytes: whole.slice(offset, offset + length), totalBytes: whole.length }
    }
    const blob = await readPicture(read, whole.length, 'image/png', new AbortController().signal)
    expect([blob.size, blob.type]).toEqual([600_000, 'image/png'])
    expect(Math.max(...asked)).toBeLessThanOrEqual(256 * 1024)
  })
})
