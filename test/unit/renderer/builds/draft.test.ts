import { describe, expect, it } from 'vitest'
import { formatBuildCommand } from '../../../../engine/builds/build-command.ts'
import type { BuildForm, BuildSpec, DockerfileFacts } from '../../../../engine/contract/models.ts'
import { declaredArgs, draftOf, emptyDraft, pair, problemsOf, specOf, tagRow } from '../../../../renderer/screens/Builds/form/draft.ts'
import { pathOfText } from '../../../../renderer/screens/Builds/form/dropped.ts'

const FACTS: DockerfileFacts = {
  stages: [{ name: 'build', base: 'node:${V}', line: 2 }, { base: 'alpine', line: 6 }],
  args: [{ name: 'V', default: '22', line: 1, stage: -1 }, { name: 'COMMIT', line: 3, stage: 0 }, { name: 'COMMIT', default: 'none', line: 7, stage: 1 }],
  exposes: [], directives: {}, problems: [],
}
const form = (more: Partial<BuildForm> = {}): BuildForm => ({
  folder: '/real/app', dockerfiles: [{ path: 'Dockerfile', bytes: 1 }], dockerfile: 'Dockerfile', facts: FACTS, ignore: { file: null, patterns: 0 }, suggestedTag: 'app',
  context: { files: 1, bytes: 1, ignored: 0, complete: true, largest: [], unreadable: [] }, ...more,
})

describe('the draft of a build', () => {
  it('shows an argument once, with its first default and every stage', () => {
    expect(declaredArgs(FACTS)).toEqual([
      { name: 'V', default: '22', line: 1, stages: [] },
      { name: 'COMMIT', default: 'none', line: 3, stages: ['build', '1'] },
    ])
  })
  it('means docker’s defaults while nothing is filled in', () => {
    const draft = { ...emptyDraft(), folder: '/link/app', tags: [tagRow('  '), tagRow(' team/app:1 ')], args: { V: '', COMMIT: 'abc', GONE: 'x' } }
    const spec = specOf(draft, form())
    expect(spec).toEqual({ folder: '/real/app', buildArgs: [{ name: 'COMMIT', value: 'abc' }], tags: ['team/app:1'], noCache: false, pull: false, labels: [] })
    expect(formatBuildCommand(spec)).toBe('docker build -t team/app:1 --build-arg COMMIT=abc /real/app')
    expect(specOf(draft, form({ dockerfile: 'dev.Dockerfile' }))).toMatchObject({ dockerfile: 'dev.Dockerfile' })
  })
  it('comes back from the spec of an earlier build as it was', () => {
    const spec: BuildSpec = {
      folder: '/real/app', dockerfile: 'x/Dockerfile', target: 'build', buildArgs: [{ name: 'V', value: '20' }, { name: 'HTTP_PROXY', value: 'http://p' }], tags: ['a:1', 'b:2'], platform: 'linux/arm64',
      noCache: true, pull: true, labels: [{ name: 'k', value: 'v' }],
    }
    const draft = draftOf(spec, FACTS)
    expect(draft.args).toEqual({ V: '20' })
    expect(draft.moreArgs).toMatchObject([{ name: 'HTTP_PROXY', value: 'http://p' }])
    expect(specOf(draft, form())).toEqual(spec)
  })
  it('names what stands in the way at its field', () => {
    const bad = { ...emptyDraft(), folder: 'app', platform: 'amd64', target: 'nope', tags: [tagRow('Shop/API'), tagRow('a:1'), tagRow('a:1'), tagRow(`a@sha256:${'0'.repeat(64)}`)], moreArgs: [pair('1X'), pair('', 'v'), pair()], labels: [pair('a b')] }
    const found = problemsOf(bad, form())
    const keys = (prefix: string, rows: readonly { id: string }[]): (string | undefined)[] => rows.map(({ id }) => found.get(`${prefix}.${id}`)?.key)
    expect([found.get('folder')?.key, found.get('platform')?.key, found.get('target')?.key]).toEqual(['absolute', 'platform', 'target'])
    expect(keys('tag', bad.tags)).toEqual(['tag', undefined, 'twice', 'digest'])
    expect(keys('arg', bad.moreArgs)).toEqual(['argName', 'argName', undefined])
    expect(keys('label', bad.labels)).toEqual(['labelName'])
    expect(problemsOf({ ...emptyDraft(), folder: '/x', target: '1', platform: 'linux/arm/v7' }, form()).size).toBe(0)
  })
})

describe('what is dropped', () => {
  it.each([
    ['file:///home/me/a%20b', '/home/me/a b'],
    ['# comment\r\nfile:///x\r\nfile:///y', '/x'],
    ['/plain/path', '/plain/path'],
    ['https://example.org/', null],
    ['', null],
  ])('%j tells the path %j', (text, path) => expect(pathOfText(text)).toBe(path))
})
