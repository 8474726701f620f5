/** BuildKit's answers: traces of a graph that works in parallel, into steps with states, times, logs and warnings. */
import { NaruError } from '../contract/errors.ts'
import type { BuildStep } from '../contract/models.ts'
import type { RawBuildMessage } from '../docker/api-types.ts'
import type { BuildReader, BuildSink } from './builder.ts'
import { placeOfLine, placeOfStep } from './dockerfile.ts'
import type { Dockerfile, StepName } from './dockerfile.ts'
import { createLineSplitter } from './line-splitter.ts'
import type { LineSplitter } from './line-splitter.ts'
import { decodeTrace } from './trace.ts'
import type { Trace, Vertex, VertexStatus } from './trace.ts'

interface Known {
  readonly id: string
  readonly parts: Map<string, VertexStatus>
  readonly out: LineSplitter
  readonly err: LineSplitter
  lines: number
}

/** Parts (layers, files) counted per step. */
const MAX_PARTS = 1_000

export function createBuildKitReader(sink: BuildSink): BuildReader {
  const known = new Map<string, Known>()
  let imageId: string | undefined
  let error: { words: string; exitCode?: number } | undefined

  const stepOf = (digest: string): Known => {
    let step = known.get(digest)
    if (!step) {
      step = { id: sink.steps.nextId(), parts: new Map(), out: createLineSplitter(), err: createLineSplitter(), lines: 0 }
      known.set(digest, step)
      sink.steps.put(step.id, {})
    }
    return step
  }

  const addLines = (step: Known, lines: readonly string[], stderr: boolean, at: number): void => {
    if (lines.length === 0) return
    for (const text of lines) sink.log({ stepId: step.id, text, stderr, at })
    step.lines += lines.length
    sink.steps.put(step.id, { logLines: step.lines })
  }

  const addTrace = (trace: Trace): void => {
    for (const vertex of trace.vertexes) sink.steps.put(stepOf(vertex.digest).id, { ...describeStep(sink.file, vertex.name), ...stateOf(vertex, sink.steps.get(stepOf(vertex.digest).id)) })
    for (const status of trace.statuses) addStatus(sink, stepOf(status.vertex), status)
    for (const log of trace.logs) {
      const step = stepOf(log.vertex)
      addLines(step, (log.stderr ? step.err : step.out).push(log.bytes), log.stderr, log.at)
    }
    for (const { vertex, text, detail, url, line } of trace.warnings) {
      sink.steps.warn({
        text: text.slice(0, 2_000),
        ...(detail.length > 0 && { detail: detail.join('\n').slice(0, 4_000) }),
        ...(url && { url }),
        ...(line !== undefined && { line }),
        ...(vertex && known.has(vertex) && { stepId: stepOf(vertex).id }),
      })
    }
  }

  return {
    add(message) {
      const failure = message.error ?? message.errorDetail?.message
      if (failure) error = { words: failure, ...exitCodeOf(failure, message) }
      if (message.id === 'moby.buildkit.trace' && typeof message.aux === 'string') addTrace(decode(message.aux))
      else if (message.id === 'moby.image.id') imageId = idOf(message.aux) ?? imageId
    },
    end() {
      for (const step of known.values()) {
        addLines(step, step.out.end(), false, sink.now())
        addLines(step, step.err.end(), true, sink.now())
      }
    },
    imageId: () => imageId,
    error: () => error,
  }
}

/** The id in an `aux` of the end. */
export function idOf(aux: unknown): string | undefined {
  return aux && typeof aux === 'object' && 'ID' in aux && typeof aux.ID === 'string' && aux.ID !== '' ? aux.ID : undefined
}

/** `did not complete successfully: exit code: 3`, `returned a non-zero code: 3`, `exit status 3`. */
export function exitCodeOf(words: string, { errorDetail }: Pick<RawBuildMessage, 'errorDetail'> = {}): { exitCode?: number } {
  const told = /(?:exit code: |non-zero code: |exit status )(\d+)/.exec(words)?.[1]
  const code = told === undefined ? errorDetail?.code : Number(told)
  return code ? { exitCode: code } : {}
}

function decode(base64: string): Trace {
  try {
    return decodeTrace(Buffer.from(base64, 'base64'))
  } catch (cause) {
    throw new NaruError('engine.not-an-engine', 'a progress message of the build cannot be read', { cause })
  }
}

function stateOf({ started, completed, cached, error }: Vertex, before: BuildStep | undefined): Partial<BuildStep> {
  const times = { startedAt: started, endedAt: completed }
  if (error) return { ...times, state: /context canceled|^Canceled/i.test(error) ? 'cancelled' : 'failed', error: error.slice(0, 8_000) }
  if (cached) return { ...times, state: 'cached' }
  if (completed !== undefined) return { ...times, state: 'done' }
  if (before && before.state !== 'waiting' && started === undefined) return {}
  return { ...times, state: started === undefined ? 'waiting' : 'running' }
}

/** `[linux/amd64 base 2/5] RUN npm ci`; platform and stage are told only where there are several. */
const NUMBERED = /^\[(?:(\S+\/\S+) )?(?:(\S+) )?(\d+)\/(\d+)\] ([\s\S]*)$/

function describeStep(file: Dockerfile, name: string): Partial<BuildStep> {
  const found = NUMBERED.exec(name)
  if (!found) return { name: name.slice(0, 2_000), kind: /^exporting to |^naming to /.test(name) ? 'export' : 'internal' }
  const [, , stage, number, of, text = ''] = found
  const step: StepName = { number: Number(number), of: Number(of), text, ...(stage !== undefined && { stage }) }
  const place = placeOfStep(file, step)
  return {
    name: text.slice(0, 2_000),
    kind: 'instruction',
    number: step.number,
    of: step.of,
    stage,
    ...(place && { line: place.line, endLine: place.endLine }),
  }
}

function addStatus(sink: BuildSink, step: Known, status: VertexStatus): void {
  if (!step.parts.has(status.id) && step.parts.size >= MAX_PARTS) return
  step.parts.set(status.id, status)
  const parts = [...step.parts.values()]
  const currentBytes = sum(parts.map(({ current }) => current))
  const totalBytes = sum(parts.map(({ current, total }) => Math.max(current, total)))
  if (totalBytes > 0) sink.steps.put(step.id, { currentBytes, totalBytes })
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0)

/** The lines BuildKit's words name (`dockerfile parse error on line 3`, `Dockerfile:7`). */
export function lineInWords(file: Dockerfile, words: string): { line: number; endLine: number } | undefined {
  const line = Number(/(?:parse error (?:on )?line |line |Dockerfile\S*:)(\d+)/i.exec(words)?.[1] ?? 0)
  if (!line) return undefined
  const place = placeOfLine(file, line)
  return { line: place?.line ?? line, endLine: place?.endLine ?? line }
}
