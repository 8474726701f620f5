/** What a Naru that was killed left of files in a person's folders. */
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openParts, partOf, sweepParts } from '../../../engine/transfers/parts.ts'

let folder = ''
let notes = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'naru-parts-'))
  notes = join(folder, 'notes')
})
afterEach(() => rm(folder, { recursive: true }))

it('a half file goes with the next start, one that was finished does not', async () => {
  const parts = openParts(notes)
  const [left, done] = [partOf(join(folder, 'left.tar')), partOf(join(folder, 'done.tar'))]
  await parts.begin(left)
  const forget = await parts.begin(done)
  for (const path of [left, done]) await writeFile(path, 'half')
  await forget()
  expect(await sweepParts(notes)).toEqual([left])
  expect((await readdir(folder)).sort()).toEqual([done.slice(folder.length + 1), 'notes'].sort())
  expect(await readdir(notes)).toEqual([])
})

it('nothing but such a file is ever deleted, whatever a note says', async () => {
  const kept = join(folder, 'letter.txt')
  const link = join(folder, 'link.0123abcd.part')
  const inside = join(folder, 'folder.0123abcd.part')
  await writeFile(kept, 'dear')
  await symlink(kept, link)
  await mkdir(inside)
  const parts = openParts(notes)
  for (const path of [kept, link, inside, 'relative.0123abcd.part', '']) await parts.begin(path)
  expect(await sweepParts(notes)).toEqual([])
  expect((await readdir(folder)).sort()).toEqual(['folder.0123abcd.part', 'letter.txt', 'link.0123abcd.part', 'notes'])
  expect(await sweepParts(join(folder, 'none'))).toEqual([])
})
