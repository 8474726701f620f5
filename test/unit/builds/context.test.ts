import { spawnSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { extract } from 'tar-stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { contextArchive } from '../../../engine/builds/context-archive.ts'
import { contextError } from '../../../engine/builds/context-walk.ts'
import { createIgnore } from '../../../engine/builds/dockerignore.ts'
import { isDockerfileName, readForm } from '../../../engine/builds/form.ts'
import { locate, suggestTag } from '../../../engine/builds/locate.ts'
import { listFolders } from '../../../engine/files/list-folders.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'naru-context-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const soon = () => AbortSignal.timeout(20_000)
async function files(all: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, content] of Object.entries(all)) {
    await mkdir(join(folder, path, '..'), { recursive: true })
    await writeFile(join(folder, path), content)
  }
}
async function archive(ignore = '', more: Partial<Parameters<typeof contextArchive>[0]> = {}) {
  const tar = extract()
  const entries: { name: string; type: string; mode: number; uid: number; content: string; linkname?: string | null }[] = []
  const bytes = await buffer(contextArchive({ folder, ignore: createIgnore(ignore), keep: new Set(), signal: soon(), ...more }))
  tar.end(bytes)
  for await (const entry of tar) {
    const { name, type, mode = 0, uid = -1, linkname } = entry.header
    entries.push({ name, type: type ?? '', mode, uid, content: (await buffer(entry)).toString(), ...(linkname && { linkname }) })
  }
  return entries
}

describe('a context', () => {
  it('is sent in order, with modes, as root, links as links, special files left out', async () => {
    await files({ 'b/c': 'cc', a: 'aa', 'b.txt': 'x' })
    await chmod(join(folder, 'a'), 0o4751)
    await symlink('/etc/passwd', join(folder, 'out'))
    spawnSync('mkfifo', [join(folder, 'pipe')])
    const entries = await archive()
    expect(entries.map(({ name, type, content }) => [name, type, content])).toEqual([
      ['a', 'file', 'aa'],
      ['b/', 'directory', ''],
      ['b/c', 'file', 'cc'],
      ['b.txt', 'file', 'x'],
      ['out', 'symlink', ''],
      ['pipe', 'fifo', ''],
    ])
    expect(entries[0]).toMatchObject({ mode: 0o4751, uid: 0 })
    expect(entries[4]).toMatchObject({ linkname: '/etc/passwd' })
  })

  it('what is wanted of an ignored folder comes with its folders; what is kept comes anyway', async () => {
    await files({ 'src/lib/a.ts': '1', 'src/b.js': '2', 'docker/Dockerfile': '3', 'docker/x': '4', z: '5' })
    const entries = await archive('*\n!src/**/*.ts', { keep: new Set(['docker/Dockerfile']) })
    expect(entries.map(({ name }) => name)).toEqual(['docker/', 'docker/Dockerfile', 'src/', 'src/lib/', 'src/lib/a.ts'])
  })

  it('counts bytes and files, and is read only as far as it is taken', async () => {
    await writeFile(join(folder, 'big'), '')
    await truncate(join(folder, 'big'), 64 * 1024 * 1024)
    let sent = 0
    const stream = contextArchive({ folder, ignore: createIgnore(''), keep: new Set(), signal: soon(), onProgress: (bytes) => (sent = bytes) })
    await stream.next()
    await new Promise((resolve) => setImmediate(resolve))
    expect(sent).toBeLessThan(8 * 1024 * 1024)
    await stream.return()
  })

  it('a file that becomes shorter, and one that vanishes, are named', async () => {
    await writeFile(join(folder, 'big'), '')
    await truncate(join(folder, 'big'), 32 * 1024 * 1024)
    const stream = contextArchive({ folder, ignore: createIgnore(''), keep: new Set(), signal: soon() })
    await stream.next()
    await truncate(join(folder, 'big'), 10)
    const reading = async () => {
      while (!(await stream.next()).done);
    }
    await expect(reading()).rejects.toMatchObject({ code: 'conflict', hint: 'build.context-changed', params: { path: join(folder, 'big') } })
  })

  it('can be cancelled', async () => {
    await files({ a: '1', b: '2' })
    const stop = new AbortController()
    stop.abort(new Error('enough'))
    await expect(buffer(contextArchive({ folder, ignore: createIgnore(''), keep: new Set(), signal: stop.signal }))).rejects.toThrow('enough')
  })

  it('errors of the system name the file', () => {
    const failed = (code: string) => contextError(Object.assign(new Error(code), { code }), '/a/b')
    expect(failed('EACCES')).toMatchObject({ code: 'denied', hint: 'build.context', params: { path: '/a/b' } })
    expect(failed('ENOENT')).toMatchObject({ code: 'not-found', params: { path: '/a/b' } })
    expect(failed('EIO')).toMatchObject({ code: 'invalid-request', params: { path: '/a/b' } })
  })

  it.runIf(process.getuid?.() === 0)('a folder or file that this user may not read stops the build and is named', async () => {
    await files({ 'open/a': '1', 'open/secret': '2', 'closed/b': '3' })
    await chmod(folder, 0o755)
    await chmod(join(folder, 'closed'), 0o700)
    await chmod(join(folder, 'open/secret'), 0o600)
    process.seteuid?.(65_534)
    try {
      await expect(archive()).rejects.toMatchObject({ code: 'denied', hint: 'build.context', params: { path: join(folder, 'closed') } })
      await expect(archive('closed')).rejects.toMatchObject({ code: 'denied', params: { path: join(folder, 'open/secret') } })
      expect((await archive('closed\n**/secret')).map(({ name }) => name)).toEqual(['open/', 'open/a'])
      const { context } = await readForm({ folder }, async () => undefined, soon())
      expect(context.unreadable).toEqual(['closed'])
    } finally {
      process.seteuid?.(0)
    }
  })
})

describe('where a build’s files are', () => {
  it('the Dockerfile inside, below, outside, and behind a link that leads out', async () => {
    await files({ 'ctx/Dockerfile': 'FROM a', 'ctx/docker/Prod': 'FROM b', Outside: 'FROM c' })
    await symlink('../Outside', join(folder, 'ctx/linked'))
    const ctx = join(folder, 'ctx')
    expect((await locate({ folder: ctx })).dockerfile).toMatchObject({ path: 'Dockerfile', text: 'FROM a' })
    expect((await locate({ folder: ctx, dockerfile: 'docker/Prod' })).dockerfile.path).toBe('docker/Prod')
    expect((await locate({ folder: ctx, dockerfile: '../Outside' })).dockerfile).toEqual({ absolute: join(folder, 'Outside'), text: 'FROM c' })
    expect((await locate({ folder: ctx, dockerfile: 'linked' })).dockerfile.path).toBeUndefined()
    await expect(locate({ folder: ctx, dockerfile: 'none' })).rejects.toMatchObject({ code: 'not-found', hint: 'build.no-dockerfile' })
    const nowhere = join(folder, 'nowhere')
    await expect(readForm({ folder: nowhere }, async () => undefined, soon())).rejects.toMatchObject({ code: 'not-found', hint: 'build.no-folder', params: { path: nowhere } })
    await expect(locate({ folder: join(folder, 'Outside') })).rejects.toMatchObject({ code: 'invalid-request', hint: 'build.no-folder' })
  })

  it('no pipe, device or folder is read as a Dockerfile or an ignore file', async () => {
    await files({ Dockerfile: 'FROM a', 'sub/x': 'y' })
    spawnSync('mkfifo', [join(folder, 'pipe'), join(folder, '.dockerignore')])
    for (const dockerfile of ['pipe', '/dev/zero', 'sub']) {
      await expect(locate({ folder, dockerfile })).rejects.toMatchObject({ code: 'invalid-request', hint: 'path-not-file' })
    }
    await expect(locate({ folder })).rejects.toMatchObject({ code: 'invalid-request', params: { path: join(folder, '.dockerignore') } })
  })

  it("a Dockerfile's own ignore file wins", async () => {
    await files({ Dockerfile: 'FROM a', '.dockerignore': 'x', 'Dockerfile.dockerignore': 'y' })
    const found = await locate({ folder })
    expect([found.ignoreFile, found.ignore.ignores('x'), found.ignore.ignores('y')]).toEqual(['Dockerfile.dockerignore', false, true])
    await rm(join(folder, 'Dockerfile.dockerignore'))
    expect((await locate({ folder })).ignoreFile).toBe('.dockerignore')
  })

  it.each([['/srv/My App', 'my-app:latest'], ['/', 'image:latest'], ['/x/__a..b--c__', 'a.b-c:latest'], ['/x/café', 'cafe:latest'], ['/x/한글', 'image:latest']])('%s suggests %s', (path, tag) => {
    expect(suggestTag(path)).toBe(tag)
  })

  it.each([['Dockerfile', true], ['dockerfile', true], ['Containerfile', true], ['Dockerfile.prod', true], ['api.Dockerfile', true], ['Dockerfile.dockerignore', false], ['Dockerfiles', false], ['mydockerfile', false]])('%s is a Dockerfile: %s', (name, is) => {
    expect(isDockerfileName(name)).toBe(is)
  })

  it('the form of a folder', async () => {
    await files({ Dockerfile: 'FROM a AS one\nARG X=1\nFROM one\nEXPOSE 80\n', '.dockerignore': 'big\n# c\n', big: 'x'.repeat(1_000), small: 'yy', 'api/Dockerfile': 'FROM b', 'node_modules/Dockerfile': 'FROM c' })
    const form = await readForm({ folder }, async () => undefined, soon())
    expect(form).toMatchObject({
      folder,
      dockerfile: 'Dockerfile',
      dockerfiles: [{ path: 'Dockerfile' }, { path: 'api/Dockerfile' }],
      facts: { stages: [{ name: 'one' }, { base: 'one' }], args: [{ name: 'X', default: '1', stage: 0 }], exposes: ['80'], problems: [] },
      ignore: { file: '.dockerignore', patterns: 1 },
      context: { ignored: 1, complete: true, unreadable: [] },
    })
    expect(form.context.files).toBe(5)
    expect(form.suggestedTag).toMatch(/^naru-context-.*:latest$/)
    const last = { folder, dockerfile: 'api/Dockerfile', buildArgs: [], tags: ['me/api:3'], noCache: false, pull: false, labels: [] }
    expect(await readForm({ folder }, async () => last, soon())).toMatchObject({ dockerfile: 'api/Dockerfile', suggestedTag: 'me/api:3', last })
  })

  it('folders to choose from', async () => {
    await files({ 'b/Dockerfile': 'x', 'a/x': 'y', '.hidden/x': 'z', Containerfile: 'f' })
    await symlink('b', join(folder, 'c-link'))
    expect(await listFolders(folder, '/home', soon())).toMatchObject({
      path: folder,
      parent: join(folder, '..'),
      home: '/home',
      hasDockerfile: true,
      truncated: false,
      folders: [
        { name: '.hidden', hidden: true, hasDockerfile: false },
        { name: 'a', hidden: false, hasDockerfile: false },
        { name: 'b', hidden: false, hasDockerfile: true },
        { name: 'c-link', hidden: false, hasDockerfile: true },
      ],
    })
    expect((await listFolders('/', folder, soon())).parent).toBeNull()
    expect((await listFolders('', folder, soon())).path).toBe(folder)
    await expect(listFolders(join(folder, 'none'), '/', soon())).rejects.toMatchObject({ code: 'not-found', hint: 'build.no-folder', params: { path: join(folder, 'none') } })
    await expect(listFolders('relative', '/', soon())).rejects.toMatchObject({ code: 'invalid-request' })
  })
})
