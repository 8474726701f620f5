/** What a builder says, and what it is told by: traces, words, Dockerfiles, ignore files. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect } from 'vitest'
import type { BuildReader, BuildSink } from '../../engine/builds/builder.ts'
import { createBuildKitReader } from '../../engine/builds/buildkit-reader.ts'
import { createClassicReader } from '../../engine/builds/classic-reader.ts'
import { parseDockerfile, placeOfStep } from '../../engine/builds/dockerfile.ts'
import { createIgnore } from '../../engine/builds/dockerignore.ts'
import { StepList } from '../../engine/builds/step-list.ts'
import { decodeTrace } from '../../engine/builds/trace.ts'
import { progressMessage } from '../../engine/docker/progress-message.ts'
import type { RawBuildMessage } from '../../engine/docker/api-types.ts'
import { fuzz } from '../support/fuzz/budget.ts'
import { nearAnswer, nearBytes, textOf } from '../support/fuzz/inputs.ts'
import { orRefused } from '../support/fuzz/refusals.ts'

const recorded = (name: string): RawBuildMessage[] =>
  readFileSync(join(import.meta.dirname, '../fixtures', name), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as RawBuildMessage)
const buildkit = recorded('build-buildkit.ndjson')
const classic = recorded('build-classic.ndjson')
const traces = buildkit.flatMap(({ id, aux }) => (id === 'moby.buildkit.trace' && typeof aux === 'string' ? [Buffer.from(aux, 'base64')] : []))

function readAll(create: (sink: BuildSink) => BuildReader, messages: readonly RawBuildMessage[]): StepList {
  const sink: BuildSink = { steps: new StepList(), file: parseDockerfile('FROM a\nRUN b\n'), log: () => undefined, now: () => 1 }
  const reader = create(sink)
  for (const message of messages) reader.add(message)
  reader.end(false)
  return sink.steps
}

fuzz('traces of BuildKit', nearBytes(fc.constantFrom(...traces)), async (bytes) => {
  await orRefused(() => decodeTrace(bytes), RangeError)
  await orRefused(() => readAll(createBuildKitReader, [{ id: 'moby.buildkit.trace', aux: bytes.toString('base64') }]))
})

fuzz('messages of a build', fc.tuple(nearAnswer(buildkit.slice(0, 40)), nearAnswer(classic.slice(0, 40)), fc.boolean()), async ([kit, words, mixed]) => {
  const messages = (all: unknown): RawBuildMessage[] => (Array.isArray(all) ? all.flatMap((one) => progressMessage(one) ?? []) : [])
  await orRefused(() => readAll(mixed ? createClassicReader : createBuildKitReader, messages(kit)))
  await orRefused(() => readAll(mixed ? createBuildKitReader : createClassicReader, messages(words)))
})

fuzz('words of the classic builder', fc.array(textOf('Step 1/2 : FROM a', 'STEP 2/5: RUN x', '[1/2] STEP 1/3: FROM a', ' ---> Using cache', '--> 0123456789ab', 'Successfully built 0123456789ab', '[Warning] ', '\n', '\x1b[91m', '\x1b[0m'), { maxLength: 6 }), (texts) => {
  const steps = readAll(createClassicReader, texts.map((stream) => ({ stream }))).all()
  for (const step of steps) expect(step.name.length).toBeLessThanOrEqual(8_192)
})

const dockerfile = textOf('FROM ', 'scratch', ' AS ', 'RUN ', 'COPY --from=0 ', '--mount=type=secret,id=x ', '<<EOF\n', 'EOF\n', '\\\n', '# syntax=docker/dockerfile:1\n', '# escape=`\n', '`\n', 'ARG A=b\n', '$A', '${A:-x}', '["a","b"]', 'ENV A=b c="d"\n', 'ONBUILD ', 'HEALTHCHECK CMD x\n', '"', "'")

fuzz('Dockerfiles', dockerfile, (text) => {
  const file = parseDockerfile(text)
  const lines = text.split('\n').length
  for (const one of file.instructions) {
    expect(one.line).toBeGreaterThanOrEqual(1)
    expect(one.endLine).toBeGreaterThanOrEqual(one.line)
    expect(one.endLine).toBeLessThanOrEqual(lines + 1)
  }
  placeOfStep(file, { number: 1, of: 2, text: text.slice(0, 200) })
})

/** Kept an expression that goes back and forth busy for ever. */
const SLOW_IGNORES: readonly [string, string[]][] = [['*a'.repeat(40), ['a'.repeat(120)]], [`${'**/'.repeat(30)}x`, ['a/'.repeat(60)]], [`a${' '.repeat(200_000)}b`, ['a']]]

fuzz('ignore files', fc.tuple(textOf('*', '**', '/', '!', 'a', '[a-z]', '[^', '\\', '?', '..', '#', '\n', '{a,b}', '.git'), fc.array(fc.constantFrom('a', '.git', 'b c', '한', '[', '*', '..a'), { minLength: 1, maxLength: 6 })), async ([text, parts]) => {
  const ignore = await orRefused(() => createIgnore(text))
  ignore?.ignores(parts.join('/'))
  ignore?.mayWantBelow(parts.join('/'))
}, { crashers: SLOW_IGNORES })
