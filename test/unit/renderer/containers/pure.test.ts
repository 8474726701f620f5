import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatRunCommand, splitCommand } from '../../../../engine/containers/run-command.ts'
import type { ImageRow } from '../../../../engine/contract/models.ts'
import { findIn, jsonLines, segments, tokens } from '../../../../renderer/screens/Containers/detail/json-lines.ts'
import { stateRank, toneOf } from '../../../../renderer/screens/Containers/state-words.ts'
import { reachOf } from '../../../../renderer/screens/Ports/reach.ts'
import { commandLines, commandText } from '../../../../renderer/screens/Run/command-lines.ts'
import { emptyForm, envRow, portRow, toRunSpec, volumeRow } from '../../../../renderer/screens/Run/run-form.ts'
import { findImage, suggestImages } from '../../../../renderer/screens/Run/run-image.ts'
import { row } from '../../../support/rows.ts'

describe('json lines', () => {
  it('loses nothing of a line, whatever is searched', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string({ maxLength: 4 }), (value, query) => {
        for (const line of jsonLines(value)) {
          expect(tokens(line).map((each) => each.text).join('')).toBe(line)
          const places = findIn(line, query)
          expect(segments(line, places, query.length, 0).map((each) => each.text).join('')).toBe(line)
        }
      }),
    )
  })
  it('tells keys from strings, and marks hits across tokens', () => {
    const line = '  "Name": "/web",'
    expect(tokens(line).map((each) => each.kind)).toEqual(['plain', 'key', 'plain', 'plain', 'string', 'plain'])
    const hits = segments(line, findIn(line, 'e": "/w'), 7, 4).filter((each) => each.hit === 4)
    expect(hits.map((each) => each.text).join('')).toBe('e": "/w')
    expect(findIn('aaaa', 'AA')).toEqual([0, 2])
  })
})

describe('states', () => {
  it('puts what needs attention first', () => {
    const failed = row({ state: 'exited', exitCode: 1 })
    const states = [row(), row({ state: 'exited', exitCode: 0 }), failed, row({ health: 'unhealthy' })]
    expect(states.map((each) => toneOf(each))).toEqual(['ok', 'idle', 'bad', 'warn'])
    expect(Math.min(...states.map((each) => stateRank(each)))).toBe(stateRank(failed))
  })
  it('never calls a stopped container reachable', () => {
    const found = { containerId: '', containerName: '', mapping: { containerPort: 80, protocol: 'tcp', hostIp: '', hostPort: 80 }, reachability: 'reachable', http: true } as const
    expect(reachOf('exited', found).key).toBe('not-running')
    expect(reachOf('running', found).key).toBe('http')
    expect(reachOf('running', undefined).key).toBe('unknown')
  })
})

describe('images of the run panel', () => {
  const image = (tags: readonly string[], n: number): ImageRow => ({
    id: `sha256:${String(n).repeat(64)}`, tags, digests: [], createdAt: n, sizeBytes: 1, dangling: false, labels: {},
  })
  const images = [image(['nginx:latest', 'nginx:1.27'], 1), image(['localhost:5000/shop/nginx-api:2'], 2)]
  it('finds one by familiar name, full name or id', () => {
    expect(findImage('nginx', images)).toBe(images[0])
    expect(findImage('docker.io/library/nginx:1.27', images)).toBe(images[0])
    expect(findImage('2'.repeat(12), images)).toBe(images[1])
    expect(findImage('nginx:1.28', images)).toBeUndefined()
    expect(findImage('', images)).toBeUndefined()
  })
  it('suggests what begins with the text before what holds it', () => {
    expect(suggestImages('nginx', images)).toEqual(['nginx:latest', 'nginx:1.27', 'localhost:5000/shop/nginx-api:2'])
    expect(suggestImages('zzz', images)).toEqual([])
  })
})

describe('commandLines', () => {
  it('says the same words as the copied line', () => {
    const spec = toRunSpec({
      ...emptyForm(), image: 'nginx', name: 'web', autoRemove: true, command: 'sh -c "a b"', pull: 'always',
      ports: [portRow({ hostPort: '80', containerPort: '80' })], env: [envRow({ name: 'A', value: 'b c' })], volumes: [volumeRow({ source: 'd', target: '/d' })],
    })
    const text = commandLines(spec).map((line) => [line.flag, line.text].filter(Boolean).join(' ')).join(' ')
    expect(splitCommand(text)).toEqual(splitCommand(formatRunCommand(spec)))
    expect(commandLines({ ...spec, image: '' }).at(-1)?.text).toBe('')
    expect(splitCommand(commandText(spec))).toEqual(splitCommand(formatRunCommand(spec)))
    expect(commandText(toRunSpec(emptyForm()))).toBe('')
  })
})
