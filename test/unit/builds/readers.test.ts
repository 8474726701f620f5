import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { BuildReader, BuildSink } from '../../../engine/builds/builder.ts'
import { createBuildKitReader } from '../../../engine/builds/buildkit-reader.ts'
import { createClassicReader } from '../../../engine/builds/classic-reader.ts'
import { parseDockerfile } from '../../../engine/builds/dockerfile.ts'
import { errorOf, failureOf } from '../../../engine/builds/failure.ts'
import { createLineSplitter } from '../../../engine/builds/line-splitter.ts'
import { fieldsOf } from '../../../engine/builds/protobuf.ts'
import { StepList } from '../../../engine/builds/step-list.ts'
import { decodeTrace } from '../../../engine/builds/trace.ts'
import type { RawBuildMessage } from '../../../engine/docker/api-types.ts'

const DOCKERFILE = `FROM naru-test/bb:1 as first
RUN echo hello \\
 && echo oops >&2

FROM naru-test/bb:1
COPY --from=first /bin/busybox /again
RUN echo one; printf 'no newline'; exit 3
`
const recorded = (name: string): RawBuildMessage[] =>
  readFileSync(join(import.meta.dirname, '../../fixtures', name), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as RawBuildMessage)

function read(create: (sink: BuildSink) => BuildReader, messages: readonly RawBuildMessage[], text = DOCKERFILE, whole = true) {
  const lines: { stepId?: string; text: string; stderr: boolean }[] = []
  const sink: BuildSink = { steps: new StepList(), file: parseDockerfile(text), log: ({ at: _at, ...line }) => lines.push(line), now: () => 1_000 }
  const reader = create(sink)
  for (const message of messages) reader.add(message)
  reader.end(whole)
  const steps = sink.steps.all()
  const linesOf = (name: RegExp): string[] => {
    const id = steps.find((step) => name.test(step.name))?.id
    return lines.filter(({ stepId }) => stepId === id).map((line) => line.text)
  }
  return { reader, sink, steps, lines, linesOf }
}

describe('BuildKit, as recorded', () => {
  const { reader, steps, linesOf, sink } = read(createBuildKitReader, recorded('build-buildkit.ndjson'))

  it('tells every step with state, stage and line, from top to bottom', () => {
    expect(steps.filter(({ kind }) => kind === 'instruction').map(({ name, state, stage, line, endLine }) => [name, state, stage, line, endLine])).toEqual([
      ['FROM docker.io/naru-test/bb:1', 'done', 'first', 1, 1],
      ['RUN echo hello  && echo oops >&2', expect.stringMatching(/done|cached/), 'first', 2, 3],
      ['COPY --from=first /bin/busybox /again', expect.stringMatching(/done|cached/), 'stage-1', 6, 6],
      [`RUN echo one; printf 'no newline'; exit 3`, 'failed', 'stage-1', 7, 7],
    ])
    for (const step of steps) if (step.endedAt !== undefined) expect(step.endedAt).toBeGreaterThanOrEqual(step.startedAt as number)
    expect(sink.steps.counts()).toMatchObject({ total: 4, failed: 1 })
  })

  it('keeps logs apart, a last line without newline too', () => {
    expect(linesOf(/^RUN echo hello/).sort()).toEqual(['hello', 'oops'])
    expect(linesOf(/^RUN echo one/)).toEqual(['one', 'no newline'])
  })

  it('says where and why it failed', () => {
    const wrong = reader.error()
    expect(wrong).toMatchObject({ exitCode: 3 })
    const failed = { file: sink.file, dockerfile: 'Dockerfile', text: DOCKERFILE, steps, words: wrong?.words ?? '', exitCode: 3, engineId: 'e' }
    const failure = failureOf(failed)
    expect(failure).toMatchObject({ line: 7, endLine: 7, exitCode: 3 })
    expect(failure.excerpt.map(({ line, failing }) => [line, failing])).toEqual([[4, false], [5, false], [6, false], [7, true], [8, false]])
    expect(errorOf(failed, failure)).toMatchObject({ code: 'build-failed', hint: 'build.exit-code', params: { line: 7, exitCode: 3 } })
  })
})

describe('the classic builder, as recorded', () => {
  const { reader, steps, linesOf, lines } = read(createClassicReader, recorded('build-classic.ndjson'))

  it('tells steps in order with their lines', () => {
    expect(steps.map(({ name, state, line, number, of }) => [name.slice(0, 12), state, line, number, of])).toEqual([
      ['FROM naru-te', 'done', 1, 1, 5],
      ['RUN echo hel', 'done', 2, 2, 5],
      ['FROM naru-te', 'done', 5, 3, 5],
      ['COPY --from=', 'done', 6, 4, 5],
      ['RUN echo one', 'failed', 7, 5, 5],
    ])
    expect(reader.error()).toMatchObject({ exitCode: 3 })
  })

  it('tells output without its own words, and what went to stderr', () => {
    expect(linesOf(/^RUN echo hello/)).toEqual(['oops', 'hello'])
    expect(lines.find(({ text }) => text === 'oops')?.stderr).toBe(true)
    expect(linesOf(/^RUN echo one/)).toEqual(['one', 'no newline'])
  })

  it('marks what came from the cache, and takes the image from the end', () => {
    const again = read(createClassicReader, ['Step 1/2 : FROM x\n', ' ---> aaaaaaaaaaaa\n', 'Step 2/2 : RUN y\n', ' ---> Using cache\n', ' ---> bbbbbbbbbbbb\n', 'Successfully built bbbbbbbbbbbb\n'].map((stream) => ({ stream })), 'FROM x\nRUN y\n')
    expect(again.steps.map(({ state }) => state)).toEqual(['done', 'cached'])
    expect(again.reader.imageId()).toBe('sha256:bbbbbbbbbbbb')
    expect(again.lines).toEqual([])
  })

  it('a stream that breaks off leaves its step running', () => {
    const cut = read(createClassicReader, [{ stream: 'Step 1/2 : FROM x\n' }, { stream: 'Step 2/2 : RUN y\n' }], 'FROM x\nRUN y\n', false)
    expect(cut.steps.map(({ state }) => state)).toEqual(['done', 'running'])
  })

  it('reads Podman, which numbers the steps of each stage', () => {
    const id = 'c'.repeat(64)
    const podman = read(createClassicReader, ['[1/2] STEP 1/2: FROM x AS a\n', '[1/2] STEP 2/2: RUN y\n', 'out\n', '--> dddddddddddd\n', '[2/2] STEP 1/2: FROM x\n', '[2/2] STEP 2/2: COPY --from=a /z /z\n', '--> Using cache eeee\n', 'COMMIT t\n', `${id}\n`].map((stream) => ({ stream })), 'FROM x AS a\nRUN y\nFROM x\nCOPY --from=a /z /z\n')
    expect(podman.steps.map(({ line, stage, state }) => [line, stage, state])).toEqual([[1, 'a', 'done'], [2, 'a', 'done'], [3, '1', 'done'], [4, '1', 'cached']])
    expect(podman.reader.imageId()).toBe(`sha256:${id}`)
    expect(podman.lines.map(({ text }) => text)).toEqual(['out', 'COMMIT t'])
  })
})

describe("the builder's words", () => {
  const file = parseDockerfile(DOCKERFILE)
  const told = (words: string) => {
    const failed = { file, dockerfile: 'Dockerfile', text: DOCKERFILE, steps: [], words, engineId: 'e' }
    return errorOf(failed, failureOf(failed))
  }
  it.each([
    ['dockerfile parse error on line 6: unknown instruction: CPY', 'build-failed', 'build.syntax', 6],
    ['failed to solve: naru-test/bb:1: failed to resolve source metadata for docker.io/naru-test/bb:1: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed', 'image-not-found', 'maybe-private', 1],
    ['failed to compute cache key: failed to calculate checksum of ref x::y: "/nope": not found', 'build-failed', 'build.copy-missing', undefined],
    ['target stage "nowhere" could not be found', 'build-failed', 'build.no-target', undefined],
    ['write /var/lib/docker/x: no space left on device', 'no-space', undefined, undefined],
  ])('%s', (words, code, hint, line) => {
    const error = told(words)
    expect([error.code, error.hint, error.params?.['line']]).toEqual([code, hint, line])
    expect(error.detail).toBe(words)
  })
})

describe('protocol buffers', () => {
  it('any bytes are a message or a RangeError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          decodeTrace(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError)
        }
      }),
      { seed: 31, numRuns: 3_000 },
    )
  })

  it('numbers come back as they were written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), fc.integer({ min: 1, max: 1_000 }), (value, number) => {
        expect([...fieldsOf(Uint8Array.from([...varint(number * 8), ...varint(value)]))]).toEqual([{ number, value }])
      }),
      { seed: 32 },
    )
  })

  it('a trace cut anywhere is an error or a shorter one, never other steps', () => {
    const whole = recorded('build-buildkit.ndjson').find(({ id }) => id === 'moby.buildkit.trace')
    const bytes = Buffer.from(whole?.aux as string, 'base64')
    const all = decodeTrace(bytes).vertexes
    for (let at = 0; at < bytes.length; at += 1) {
      try {
        expect(all.slice(0, decodeTrace(bytes.subarray(0, at)).vertexes.length)).toEqual(decodeTrace(bytes.subarray(0, at)).vertexes)
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError)
      }
    }
  })
})

function varint(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128)
  return [...bytes, rest]
}

describe('lines', () => {
  it('are the same however the output is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'ü', '한', '\n', '\n', '\r\n', 'word', '😀')), fc.array(fc.nat(20)), (parts, cuts) => {
        const bytes = Buffer.from(parts.join(''))
        const splitter = createLineSplitter()
        const lines: string[] = []
        let at = 0
        for (const cut of cuts) {
          lines.push(...splitter.push(bytes.subarray(at, at + cut)))
          at += cut
        }
        lines.push(...splitter.push(bytes.subarray(at)), ...splitter.end())
        const expected = parts.join('').split('\n').map((line) => line.replace(/\r+$/, ''))
        if (expected.at(-1) === '') expected.pop()
        expect(lines).toEqual(expected)
      }),
      { seed: 41 },
    )
  })

  it('of a progress bar only the last state is kept, and a long one is cut', () => {
    const splitter = createLineSplitter()
    expect(splitter.push('10%\r50%\r100%\nnext\r\n')).toEqual(['100%', 'next'])
    expect(splitter.push(`${'x'.repeat(100_000)}\n`)[0]).toHaveLength(8_192)
  })
})
