/**
 * The classic builder's answers: text of one instruction after the other. Podman's (buildah) words differ a little.
 * Source: docker 20.10 and 28 (`Step 2/5 : RUN …`, ` ---> Using cache`), Podman 4.3 (`STEP 2/5: RUN …`, `--> Using cache`).
 */
import type { BuildReader, BuildSink } from './builder.ts'
import { exitCodeOf, idOf } from './buildkit-reader.ts'
import { placeOfNumber, placeOfStep } from './dockerfile.ts'
import type { Place } from './dockerfile.ts'
import { createLineSplitter } from './line-splitter.ts'

const STEP = /^(?:\[(\d+)\/(\d+)\] )?(Step|STEP) (\d+)(?:\/(\d+))?\s*: ([\s\S]*)$/
const CACHED = /^ ?--+> Using cache/
const RUNNING = /^ ---> Running in [0-9a-f]{12}/
const REMOVED = /^Removing intermediate container |^ ---> Removed intermediate container /
const PODMAN_LAYER = /^--> [0-9a-f]{11,64}$/
const CLASSIC_LAYER = /^ ---> [0-9a-f]{12}$/
const BUILT = /^Successfully built ([0-9a-f]{12,64})/
/** Podman's last line is the whole id. */
const WHOLE_ID = /^(?:sha256:)?([0-9a-f]{64})$/
const OWN_WORDS = /^(?: ---> |Removing intermediate |Step \d|STEP \d|\[\d+\/\d+\] STEP |--> )/
const WARNING = /^\[Warning\] (.*)/

export function createClassicReader(sink: BuildSink): BuildReader {
  const { steps } = sink
  const splitter = createLineSplitter()
  let current: { id: string; lines: number; cached: boolean } | undefined
  let imageId: string | undefined
  let error: { words: string; exitCode?: number } | undefined

  const endCurrent = (): void => {
    if (current) steps.put(current.id, { state: current.cached ? 'cached' : 'done', endedAt: sink.now() })
    current = undefined
  }
  const begin = (found: RegExpExecArray): void => {
    endCurrent()
    const [, stage, , , number, of, text = ''] = found
    const place = placeFor(sink, { stage, number: Number(number), of: Number(of ?? 0), text })
    const id = steps.nextId()
    current = { id, lines: 0, cached: false }
    steps.put(id, {
      name: text.slice(0, 2_000),
      kind: 'instruction',
      state: 'running',
      startedAt: sink.now(),
      number: Number(number),
      ...(of && { of: Number(of) }),
      ...(place && { line: place.line, endLine: place.endLine }),
      ...(place && sink.file.stages.length > 1 && place.stage >= 0 && { stage: sink.file.stages[place.stage]?.name ?? String(place.stage) }),
    })
  }
  const addLine = (raw: string): void => {
    const { line, stderr } = withoutColour(raw)
    const step = STEP.exec(line)
    if (step) {
      begin(step)
      return
    }
    const built = BUILT.exec(line) ?? WHOLE_ID.exec(line)
    if (built) imageId ??= `sha256:${built[1]}`
    if (CACHED.test(line) && current) current.cached = true
    const warning = WARNING.exec(line)
    if (warning) steps.warn({ text: (warning[1] as string).slice(0, 2_000), ...(current && { stepId: current.id }) })
    if (line === '' || [CACHED, RUNNING, REMOVED, PODMAN_LAYER, CLASSIC_LAYER, BUILT, WHOLE_ID].some((words) => words.test(line))) return
    sink.log({ text: line, stderr, at: sink.now(), ...(current && { stepId: current.id }) })
    if (!current) return
    current.lines += 1
    steps.put(current.id, { logLines: current.lines })
  }

  return {
    add(message) {
      const failure = message.error ?? message.errorDetail?.message
      if (failure) error = { words: failure.trim(), ...exitCodeOf(failure, message) }
      const id = idOf(message.aux)
      if (id) imageId = id
      // The builder's own words are a message each: output before them without a newline ends there.
      if (message.stream !== undefined && OWN_WORDS.test(message.stream)) for (const line of splitter.end()) addLine(line)
      if (message.stream !== undefined) for (const line of splitter.push(message.stream)) addLine(line)
      else if (message.status !== undefined && !message.progressDetail?.total) addLine(message.id ? `${message.id}: ${message.status}` : message.status)
    },
    end(whole) {
      for (const line of splitter.end()) addLine(line)
      if (!error && whole) endCurrent()
      else if (error && current) steps.put(current.id, { state: 'failed', endedAt: sink.now(), error: error.words.slice(0, 8_000) })
    },
    imageId: () => imageId,
    error: () => error,
  }
}

/** dockerd writes what came from stderr in red; the reset stands at the beginning of the line after it. */
function withoutColour(raw: string): { line: string; stderr: boolean } {
  const line = raw.startsWith('\x1b[0m') ? raw.slice(4) : raw
  return line.startsWith('\x1b[91m') ? { line: line.slice(5), stderr: true } : { line, stderr: false }
}

function placeFor({ file }: BuildSink, step: { stage: string | undefined; number: number; of: number; text: string }): Place | undefined {
  if (step.stage === undefined) return placeOfNumber(file, step.number, step.text)
  // Podman numbers the instructions of each stage.
  const index = Number(step.stage) - 1
  const own = file.instructions.filter((one) => one.stage === index)[step.number - 1]
  if (own && step.text.toUpperCase().startsWith(own.keyword)) {
    return { line: own.line, endLine: own.endLine, stage: index, instruction: `${own.keyword} ${own.rest}` }
  }
  return placeOfStep(file, { number: step.number, of: step.of, text: step.text, stage: file.stages[index]?.name ?? `stage-${index}` })
}
