import { describe, expect, it } from 'vitest'
import { pathOfText, readDrop } from '../../../../renderer/screens/Builds/form/dropped.ts'

/** What a drop carries: texts by type, and files by name. */
function drop(texts: Readonly<Record<string, string>>, files: readonly string[] = []): DataTransfer {
  return { getData: (type: string) => texts[type] ?? '', items: [], files: files.map((name) => new File([], name)) } as unknown as DataTransfer
}
const nowhere = (): string => ''

describe('a folder dropped onto the form of a build', () => {
  it('is found where the shell says it lies', () => {
    expect(readDrop(drop({}, ['shop']), (file) => `/home/ada/${file.name}`)).toEqual({ path: '/home/ada/shop' })
    expect(readDrop(drop({ 'text/plain': '/elsewhere' }, ['shop']), (file) => `/home/ada/${file.name}`)).toEqual({ path: '/home/ada/shop' })
  })
  it('is found in the text that file managers give along', () => {
    expect(readDrop(drop({ 'text/uri-list': '# two\r\nfile:///srv/my%20shop\r\nfile:///b' }), nowhere)).toEqual({ path: '/srv/my shop' })
    expect(readDrop(drop({ 'text/plain': '/srv/shop\n' }), nowhere)).toEqual({ path: '/srv/shop' })
  })
  it('has but a name in a browser that keeps its place to itself', () => {
    expect(readDrop(drop({}, ['shop']), nowhere)).toEqual({ name: 'shop' })
  })
  it('is nothing when nothing of use was dropped', () => {
    expect(readDrop(null, nowhere)).toBeNull()
    expect(readDrop(drop({ 'text/plain': 'hello' }), nowhere)).toBeNull()
    expect(pathOfText('https://example.com/a')).toBeNull()
    expect(pathOfText('file:///%E0%A4%A')).toBeNull()
  })
})
