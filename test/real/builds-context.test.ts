/** What is sent of a folder, held against what the docker CLI sends: patterns, modes, links, owners. */
import { createHash } from 'node:crypto'
import { chmod, chown, mkdir, open, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { walkContext } from '../../engine/builds/context-walk.ts'
import { createIgnore } from '../../engine/builds/dockerignore.ts'
import { BASE, docker, filesOf, openBuildRoom } from '../support/build-room.ts'
import type { BuildRoom } from '../support/build-room.ts'
import { hasBusybox } from '../support/busybox-image.ts'
import { canRunDockerd, startDockerd } from '../support/real-engine.ts'
import type { RealEngine } from '../support/real-engine.ts'

const MINUTE = 60_000
const BUILDX = { DOCKER_BUILDKIT: '1' }
const CLASSIC = { DOCKER_BUILDKIT: '0' }

const TREE = ['README.md', 'README-secret.md', 'NOTES.md', 'main.go', 'a/b/main.go', 'a/b/c/deep.txt', 'a/temp1', 'temp1', 'docs/README.md', 'docs/x/y.md', 'node_modules/m/index.js', 'pkg/node_modules/n.js', 'src/app.ts', 'src/lib/util.ts', 'src/lib/util.js', '#hash', 'with space', 'a+b', 'x[1]', '.env', '.git/config', 'barfoo', 'UPPER.TXT', 'ünï']

const PATTERNS = [
  '*.md\n!README.md',
  '*.md\n!README*.md\nREADME-secret.md',
  '**/*.go\n*/temp*\n',
  'docs\n!docs/README.md',
  'docs/*\n!docs/x/y.md',
  '**/node_modules\n/src/lib/\n./a//b/../b/c',
  '*\n!src',
  '*\n!src/lib/*.ts',
  '*\n!**/*.ts',
  '**\n!src/lib/util.ts',
  ' #hash\r\n# comment\r\nwith space\r\na+b\r\n',
  '\uFEFFtemp?\n[.]e[m-o]v\nx\\[1\\]\n**foo',
  'src\n!src/lib\nsrc',
  '*.txt\nünï\n.git',
  'a/**\n!a/b/**/deep.txt',
]

describe.skipIf(!canRunDockerd || !hasBusybox)('contexts (needs root, dockerd, busybox-static)', () => {
  let engine: RealEngine
  let builds: BuildRoom
  let classic: BuildRoom
  beforeAll(async () => {
    engine = await startDockerd()
    builds = await openBuildRoom(engine)
    classic = await openBuildRoom(engine, { classic: true })
  }, 2 * MINUTE)
  afterAll(async () => {
    await builds?.close()
    await classic?.close()
    await engine?.close()
  }, MINUTE)

  const paths = (lines: readonly string[]): string[] => lines.map((line) => line.replace(/^(\S+) \S+ \S+ \S+ /, '$1 ')).filter((line) => !/^\S+ $/.test(line))

  it.each(PATTERNS)('sends what the docker CLI sends for %j', async (text) => {
    const place = await builds.context({ ...Object.fromEntries(TREE.map((path) => [path, path])), Dockerfile: `FROM scratch\nCOPY . /c/\n`, '.dockerignore': text })
    const tag = `naru-test/ignore:${createHash('sha1').update(text).digest('hex').slice(0, 8)}`
    await docker(engine, ['build', '-q', '-t', tag, place], BUILDX)
    const theirs = await filesOf(engine, tag, 'c/')
    const walked: string[] = []
    const signal = AbortSignal.timeout(MINUTE)
    for await (const { path, kind } of walkContext({ folder: place, ignore: createIgnore(text), keep: new Set(), signal })) {
      walked.push(kind === 'folder' ? `directory ${path}/` : `file ${path}`)
    }
    expect(walked.sort()).toEqual(paths(theirs).sort())
    expect(await builds.build(place, { tags: [`${tag}-ours`] })).toMatchObject({ status: 'succeeded' })
    // Sizes are not compared: for a folder named twice around its exception the docker CLI sends files without content.
    expect(paths(await filesOf(engine, `${tag}-ours`, 'c/')).sort()).toEqual(paths(theirs).sort())
  }, MINUTE)

  it('modes, links, owners, times and odd names are as the docker CLI sends them', async () => {
    const place = await builds.context({ Dockerfile: 'FROM scratch\nCOPY . /c/\n', 'bin/run.sh:755': '#!/bin/sh\n', 'secret:600': 's', 'open:666': 'o', 'setuid:4755': 'x', empty: '' })
    const long = `${'d'.repeat(90)}/${'e'.repeat(90)}`
    await mkdir(join(place, long), { recursive: true })
    await writeFile(join(place, long, 'long name with ü and 한글.txt'), 'long')
    await mkdir(join(place, 'closed'), { mode: 0o700 })
    await chmod(join(place, 'closed'), 0o1770)
    await symlink('/etc/passwd', join(place, 'outside'))
    await symlink('../../..', join(place, 'bin/up'))
    await symlink('nowhere', join(place, 'dangling'))
    await symlink('bin', join(place, 'folder-link'))
    await chown(join(place, 'secret'), 1234, 4321)
    await utimes(join(place, 'open'), 1_000_000_000, 1_000_000_000)
    await docker(engine, ['build', '-q', '-t', 'naru-test/modes:buildx', place], BUILDX)
    await docker(engine, ['build', '-q', '-t', 'naru-test/modes:classic', place], CLASSIC)
    expect(await builds.build(place, { tags: ['naru-test/modes:ours'] })).toMatchObject({ status: 'succeeded' })
    expect(await classic.build(place, { tags: ['naru-test/modes:ours-classic'] })).toMatchObject({ status: 'succeeded' })
    const theirs = await filesOf(engine, 'naru-test/modes:buildx', 'c/')
    expect(theirs.length).toBeGreaterThan(12)
    expect(await filesOf(engine, 'naru-test/modes:ours', 'c/')).toEqual(theirs)
    expect(await filesOf(engine, 'naru-test/modes:ours-classic', 'c/')).toEqual(await filesOf(engine, 'naru-test/modes:classic', 'c/'))
  }, MINUTE)

  it('a Dockerfile below, one outside, and one with an ignore file of its own', async () => {
    const place = await builds.context({ 'docker/Dockerfile.prod': `FROM scratch\nCOPY . /c/\n`, 'docker/Dockerfile.prod.dockerignore': 'b.txt\ndocker\n', '.dockerignore': 'a.txt\n', 'a.txt': 'a', 'b.txt': 'b' })
    expect(await builds.build(place, { dockerfile: 'docker/Dockerfile.prod', tags: ['naru-test/below:1'] })).toMatchObject({ status: 'succeeded' })
    const names = paths(await filesOf(engine, 'naru-test/below:1', 'c/'))
    expect(names).toContain('file a.txt')
    expect(names).not.toContain('file b.txt')
    const elsewhere = await builds.context({ 'Some.Dockerfile': `FROM ${BASE}\nCOPY a.txt /\nRUN cat /a.txt\n` })
    for (const room of [builds, classic]) {
      const row = await room.build(place, { dockerfile: join(elsewhere, 'Some.Dockerfile') })
      expect(row).toMatchObject({ status: 'failed', error: { code: 'build-failed', hint: 'build.copy-missing' } })
      await rm(join(place, '.dockerignore'), { force: true })
      expect(await room.build(place, { dockerfile: join(elsewhere, 'Some.Dockerfile') })).toMatchObject({ status: 'succeeded' })
      await writeFile(join(place, '.dockerignore'), 'a.txt\n')
    }
  }, MINUTE)

  it('300 MB are streamed in flat memory, whole', async () => {
    const place = await builds.context({ Dockerfile: `FROM ${BASE}\nCOPY big /big\nRUN busybox sha256sum /big\n` })
    const hash = createHash('sha256')
    const file = await open(join(place, 'big'), 'w')
    for (let at = 0; at < 300; at += 1) {
      const piece = createHash('sha256').update(String(at)).digest()
      const block = Buffer.alloc(1024 * 1024, piece)
      hash.update(block)
      await file.write(block)
    }
    await file.close()
    globalThis.gc?.()
    const before = process.memoryUsage.rss()
    let most = before
    const timer = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 20)
    const started = Date.now()
    const row = await builds.build(place)
    clearInterval(timer)
    expect(row).toMatchObject({ status: 'succeeded' })
    const patch = await builds.patchOf(row.id)
    expect(patch.build.contextBytes).toBeGreaterThanOrEqual(300 * 1024 * 1024)
    expect((await builds.logOf(row.id)).join('\n')).toContain(hash.digest('hex'))
    console.log(`300 MB context: ${Date.now() - started} ms, ${Math.round((most - before) / 1e6)} MB more memory at most`)
    expect(most - before).toBeLessThan(100e6)
    // What the builder has already is not sent again.
    await writeFile(join(place, 'small'), 'new')
    const again = await builds.build(place)
    expect((await builds.patchOf(again.id)).build).toMatchObject({ status: 'succeeded', contextBytes: 3, contextFiles: 3, steps: { cached: 2 } })
  }, 3 * MINUTE)
})
