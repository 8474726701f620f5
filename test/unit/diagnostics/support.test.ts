import { mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { extract } from 'tar-stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { identityMask } from '../../../engine/redact/identity.ts'
import { redactText } from '../../../engine/redact/text.ts'
import { MOST_CHARS, createSupportBundles } from '../../../engine/support/bundle.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'naru-support-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const source = (name: string, text: string) => ({ name, read: () => Promise.resolve(text) })

async function unpack(path: string): Promise<Record<string, { text: string; mode: number | undefined }>> {
  const files: Record<string, { text: string; mode: number | undefined }> = {}
  const tar = extract()
  tar.end(gunzipSync(await readFile(path)))
  for await (const entry of tar) {
    const pieces: Buffer[] = []
    for await (const piece of entry) pieces.push(piece as Buffer)
    files[entry.header.name] = { text: Buffer.concat(pieces).toString(), mode: entry.header.mode }
  }
  return files
}

describe('a support bundle', () => {
  it('is written as it was shown, for its owner alone, and never over anything', async () => {
    const bundles = createSupportBundles()
    const sources = [source('a.txt', 'DB_PASSWORD=geheim\nü\u001b[31m\u202e\n'), source('b.log', ''), { name: 'c.json', read: () => Promise.reject(new Error('token=geheim')) }]
    const bundle = await bundles.gather(sources, redactText, new Date('2026-01-02T03:04:05Z'))
    expect(bundle.files).toEqual([
      { name: 'a.txt', text: 'DB_PASSWORD=••••••••\nü[31m\n', bytes: 44 }, { name: 'b.log', text: '', bytes: 0 }, { name: 'c.json', text: 'not read: token=••••••••\n', bytes: 41 },
    ])
    const saved = await bundles.save(bundle.id, '~/x.tar.gz', folder)
    expect(saved).toEqual({ path: join(folder, 'x.tar.gz'), bytes: (await stat(join(folder, 'x.tar.gz'))).size })
    expect((await stat(saved.path)).mode & 0o777).toBe(0o600)
    expect(await unpack(saved.path)).toEqual(Object.fromEntries(bundle.files.map(({ name, text }) => [`naru-support-20260102-030405/${name}`, { text, mode: 0o600 }])))

    await writeFile(join(folder, 'mine'), 'mine')
    await symlink(join(folder, 'nowhere'), join(folder, 'link'))
    for (const name of ['mine', 'link', 'x.tar.gz']) await expect(bundles.save(bundle.id, join(folder, name), folder)).rejects.toMatchObject({ code: 'conflict', hint: 'file-exists' })
    expect(await readFile(join(folder, 'mine'), 'utf8')).toBe('mine')
    await expect(bundles.save(bundle.id, 'x', folder)).rejects.toMatchObject({ code: 'invalid-request', hint: 'path-not-absolute' })
    await expect(bundles.save(bundle.id, join(folder, 'no/x'), folder)).rejects.toMatchObject({ code: 'not-found' })
    await expect(bundles.save('unknown', join(folder, 'y'), folder)).rejects.toMatchObject({ code: 'not-found', hint: 'bundle-gone' })
  })

  it('keeps the end of what is long, looked through before it is cut', async () => {
    const text = `${'x'.repeat(50)}\n`.repeat(20_000)
    const { files } = await createSupportBundles().gather([source('a.log', `${text}password=${'y'.repeat(MOST_CHARS)}`)], redactText, new Date())
    expect(files[0]?.text).toMatch(/^… \(the last 128 KiB\)\nx{50}\n/)
    expect(files[0]?.text).toMatch(/password=••••••••$/)
  })
})

describe('whose machine it is', () => {
  const who = { home: '/home/ada', user: 'ada', host: 'workstation' }
  it('is out of every text: home, user, and names and addresses of hosts unless they are to stay', () => {
    const text = 'ada@workstation /home/ada/x /home/adam canada http://registry.corp.example:5000/x https://registry-1.docker.io/v2 10.1.2.3 10.1.2.3 10.9.9.9 127.0.0.1 v1.2.3 fe80::1:2'
    expect(identityMask(who, { addresses: true })(text)).toBe('user@this-host ~/x /home/adam canada http://host-1:5000/x https://registry-1.docker.io/v2 address-1 address-1 address-2 127.0.0.1 v1.2.3 address-3')
    expect(identityMask(who, { addresses: false })(text)).toBe('user@workstation ~/x /home/adam canada http://registry.corp.example:5000/x https://registry-1.docker.io/v2 10.1.2.3 10.1.2.3 10.9.9.9 127.0.0.1 v1.2.3 fe80::1:2')
  })
  it('is out of it after one pass: a second one changes nothing', () => {
    const piece = fc.oneof(fc.string(), fc.constantFrom('ada', '/home/ada', 'workstation', 'http://a.b.c/', '10.0.0.1', '::', 'fe80::1'))
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), fc.boolean(), (pieces, addresses) => {
        const once = identityMask(who, { addresses })(pieces.join(' '))
        expect(identityMask(who, { addresses })(once)).toBe(once)
        expect(once.split(' ')).not.toContain('ada')
      }),
    )
  })
})
