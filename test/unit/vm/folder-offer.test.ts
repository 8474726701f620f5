/** One more shared folder: which one a refused path asks for, and what forbids it. */
import { chmod, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { VmFolder } from '../../../engine/contract/models.ts'
import { listFor, listWith, offerFolder } from '../../../engine/providers/vm/folder-offer.ts'

let home = ''
const at = (...names: string[]): string => join(home, ...names)
const shared = (path: string, readonly = false): VmFolder => ({ path, readonly })
beforeAll(async () => {
  home = await realpath(await mkdtemp(join(tmpdir(), 'naru-offer-')))
  await chmod(home, 0o755)
  await mkdir(at('shop/src'), { recursive: true })
  await mkdir(at('other'))
  await mkdir(at('shut'), { mode: 0o700 })
  await writeFile(at('other/nginx.conf'), '')
  await symlink(at('other'), at('shop/link'))
})
afterAll(() => rm(home, { recursive: true, force: true }))

/** Nobody in this test owns anything here. */
const stranger = { uid: 4_000_001, gid: 4_000_001 }
const given = (listed: readonly VmFolder[] = [], more: { seen?: readonly VmFolder[]; user?: typeof stranger } = {}) => ({ listed, seen: more.seen ?? listed, user: more.user ?? null })

describe('the folder that is offered', () => {
  it('is the path itself, however it is written', async () => {
    expect(await offerFolder(`${at('shop')}/../shop/src//`, given())).toEqual({ folder: at('shop/src'), ofFile: false, listed: false, inside: [] })
  })

  it('is the one a file lies in', async () => {
    expect(await offerFolder(at('other/nginx.conf'), given())).toMatchObject({ folder: at('other'), ofFile: true, listed: false })
  })

  it('is where a link in a shared folder leads to', async () => {
    expect(await offerFolder(at('shop/link'), given([shared(at('shop'))]))).toMatchObject({ folder: at('other'), listed: false })
  })

  it('is there already when it waits for a restart, by itself or in another', async () => {
    expect(await offerFolder(at('shop/src'), given([shared(at('shop'))], { seen: [] }))).toMatchObject({ folder: at('shop/src'), listed: true })
    expect(await listFor(at('shop/src'), false, given([shared(at('shop'))], { seen: [] }))).toEqual([shared(at('shop'))])
  })

  it('tells which of the list lie in it', async () => {
    const listed = [shared(at('shop/src')), shared(at('shop/link'), true), shared(at('shopping'))]
    expect((await offerFolder(at('shop'), given(listed))).inside).toEqual(listed.slice(0, 2))
  })
})

describe('what cannot be shared', () => {
  it.each(['/', '/etc', '/usr/share'])('is %s', async (path) => {
    expect((await offerFolder(path, given())).problem).toMatchObject({ code: 'invalid-request', hint: 'vm-share', params: { path } })
    await expect(listFor(path, false, given())).rejects.toMatchObject({ hint: 'vm-share' })
  })

  it('is a folder that is not there', async () => {
    expect((await offerFolder(at('gone'), given())).problem).toMatchObject({ hint: 'vm-offer-missing', params: { path: at('gone') } })
    await expect(listFor(at('gone'), false, given())).rejects.toMatchObject({ hint: 'vm-offer-missing' })
  })

  it('is one that QEMU’s user may not enter', async () => {
    expect((await offerFolder(at('shut'), given([], { user: stranger }))).problem).toMatchObject({ hint: 'vm-share-denied' })
  })

  it('is one more than the machine has room for', async () => {
    const full = Array.from({ length: 16 }, (_, n) => shared(`/srv/${n}`))
    expect((await offerFolder(at('shop'), given(full))).problem).toMatchObject({ hint: 'vm-share-many', params: { most: 16 } })
  })
})

describe('the list with one more', () => {
  it('has it at the end, as it was asked for', async () => {
    expect(await listFor(at('other/nginx.conf'), true, given([shared(at('shop'))]))).toEqual([shared(at('shop')), shared(at('other'), true)])
  })

  it('loses what the new one shows in the same way, and keeps what is shown otherwise', () => {
    const listed = [shared('/srv/a/in'), shared('/srv/a/read', true), shared('/srv/b')]
    expect(listWith(listed, shared('/srv/a'))).toEqual([shared('/srv/a/read', true), shared('/srv/b'), shared('/srv/a')])
    expect(listWith([shared('/srv/a', true)], shared('/srv/a'))).toEqual([shared('/srv/a')])
  })
})
