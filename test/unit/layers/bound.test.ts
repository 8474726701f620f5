/** Images that tell of more files than anybody wants to hold: read to the bound, in a stream that is made while it is read. */
import { describe, expect, it } from 'vitest'
import { analyseTree } from '../../../engine/layers/analyse.ts'
import { LAYER_BOUND } from '../../../engine/layers/bound.ts'
import { imageArchive } from '../../support/image-archive.ts'
import type { TestEntry } from '../../support/image-archive.ts'
import { rawTar } from '../../support/raw-tar.ts'

const REFUSED = (most: number): object => ({ code: 'unsupported', hint: 'too-many-entries', params: { most } })

async function read(layers: readonly (readonly TestEntry[])[], entries: number, textBytes = 1_000_000): Promise<number> {
  const { archive } = await imageArchive(layers.map((each) => ({ entries: each })))
  const tree = await analyseTree((async function* () { yield archive })(), { bound: { entries, textBytes } })
  return tree.layers.length
}
const files = (count: number, name = 'f'): TestEntry[] => Array.from({ length: count }, (_, at) => ({ name: `${name}${at}`, content: 'x' }))

/** A file below 46 folders, the first of them its own. */
const NAME = Buffer.from(`00000000/${'a/'.repeat(45)}b`)

/** An archive whose one layer has `count` files, each below 46 folders of its own; made as it is read. */
async function* deep(count: number, taken: { headers: number }): AsyncGenerator<Uint8Array> {
  const archive = rawTar([{ name: Buffer.from('layer.tar'), content: new Uint8Array(0), size: (count + 2) * 512 }])
  yield archive.subarray(0, 512)
  const one = rawTar([{ name: NAME, content: new Uint8Array(0) }]).subarray(0, 512)
  const sum = Number.parseInt(one.toString('latin1', 148, 154), 8)
  const zeros = one.subarray(0, 8).reduce((all, byte) => all + byte, 0)
  for (let at = 0; at < count; at += 1_000) {
    const block = Buffer.alloc(512 * 1_000)
    for (let row = 0; row < 1_000; row++) {
      block.set(one, row * 512)
      const number = String(at + row).padStart(8, '0')
      block.write(number, row * 512)
      const own = [...number].reduce((all, digit) => all + digit.charCodeAt(0), 0)
      block.write(`${(sum - zeros + own).toString(8).padStart(6, '0')}\0 `, row * 512 + 148)
    }
    taken.headers = at + 1_000
    yield block
  }
}

describe('an image', () => {
  it('is read up to the bound, over all its layers', async () => {
    expect(await read([files(40), files(40, 'g')], 100)).toBe(2)
    await expect(read([files(60), files(60, 'g')], 100)).rejects.toMatchObject(REFUSED(100))
  })

  it.each([
    ['the same file again and again', Array.from({ length: 120 }, () => ({ name: 'same', content: 'x' }))],
    ['marks that take the same path away', Array.from({ length: 120 }, () => ({ name: '.wh.gone', content: '' }))],
    ['links to the same file', Array.from({ length: 120 }, () => ({ name: 'link', type: 'link' as const, linkname: 'f' }))],
    ['folders that no header names', Array.from({ length: 30 }, (_, at) => ({ name: `${at}/a/b/c/d`, content: 'x' }))],
  ])('is not read on for %s', async (_what, entries) => {
    await expect(read([entries], 100)).rejects.toMatchObject(REFUSED(100))
  })

  it('may have long names and targets of links, but not without end', async () => {
    const links = Array.from({ length: 20 }, (_, at) => ({ name: `l${at}`, type: 'symlink' as const, linkname: `${at}${'x'.repeat(2_000)}` }))
    expect(await read([links], 1_000)).toBe(1)
    await expect(read([links], 1_000, 20_000)).rejects.toMatchObject(REFUSED(1_000))
    await expect(read([files(20, 'n'.repeat(2_000))], 1_000, 20_000)).rejects.toMatchObject(REFUSED(1_000))
  })

  it('of 150 MB that tells of fourteen million folders ends at the bound, with what was read by then', async () => {
    const taken = { headers: 0 }
    await expect(analyseTree(deep(300_000, taken))).rejects.toMatchObject(REFUSED(LAYER_BOUND.entries))
    // 46 folders and a file each: no more is taken than it needs to see that.
    expect(taken.headers).toBeLessThanOrEqual(Math.ceil(LAYER_BOUND.entries / 47 / 1_000) * 1_000 + 1_000)
    expect(taken.headers).toBeGreaterThan(LAYER_BOUND.entries / 48 - 1_000)
  }, 120_000)
})
