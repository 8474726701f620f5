/** Why a build failed, from the builder's words: which instruction, on which lines, with which exit code. Pure. */
import { NaruError } from '../contract/errors.ts'
import type { BuildFailure, BuildStep } from '../contract/models.ts'
import { errorFromProgress } from '../docker/errors.ts'
import { lineInWords } from './buildkit-reader.ts'
import { placeOfLine } from './dockerfile.ts'
import type { Dockerfile } from './dockerfile.ts'

export interface FailedBuild {
  readonly file: Dockerfile
  readonly dockerfile: string
  readonly text: string
  readonly steps: readonly BuildStep[]
  readonly words: string
  readonly exitCode?: number
  readonly engineId: string
}

/** Lines of the Dockerfile told around the failing ones. */
const AROUND = 3
/** A failing instruction longer than this is shortened in the middle of the excerpt, lines. */
const MOST_LINES = 40

/** Where and why. */
export function failureOf(failed: FailedBuild): BuildFailure {
  const { file, text, steps, words, exitCode } = failed
  const step = steps.findLast(({ state, kind }) => state === 'failed' && kind === 'instruction') ?? steps.findLast(({ state }) => state === 'failed')
  const named = step?.line === undefined ? (lineInWords(file, words) ?? baseLine(failed)) : { line: step.line, endLine: step.endLine ?? step.line }
  const place = named && placeOfLine(file, named.line)
  const instruction = place?.instruction ?? (step?.kind === 'instruction' ? step.name : undefined)
  return {
    ...(instruction !== undefined && { instruction: instruction.slice(0, 2_000) }),
    ...(step && { stepId: step.id }),
    ...named,
    ...(exitCode !== undefined && { exitCode }),
    excerpt: named ? excerptOf(text, named.line, named.endLine) : [],
    words: words.slice(0, 16_000),
  }
}

function excerptOf(text: string, line: number, endLine: number): BuildFailure['excerpt'] {
  const lines = text.split(/\r?\n/)
  const last = Math.min(endLine, line + MOST_LINES)
  const shown: { line: number; text: string; failing: boolean }[] = []
  for (let at = Math.max(1, line - AROUND); at <= Math.min(lines.length, last + AROUND); at += 1) {
    shown.push({ line: at, text: (lines[at - 1] ?? '').slice(0, 500), failing: at >= line && at <= endLine })
  }
  return shown
}

// BuildKit: naru-x/none:1: failed to resolve source metadata for docker.io/naru-x/none:1: …
// Classic:  pull access denied for naru-x/none, repository does not exist or may require 'docker login'
// Podman:   creating build container: initializing source docker://naru-x/none:1: …
const BASE = /failed to (?:resolve source metadata|load metadata|authorize|fetch\w*) for (\S+?):? |(?:pull access denied|manifest) for (\S+?),? |initializing source docker:\/\/(\S+?):? |no such image:? (\S+)/i

/** The base image that could not be had: by the words, else by the step that asked its registry (20.10 tells only that). */
function baseOf({ words, steps }: FailedBuild): string | undefined {
  const found = BASE.exec(`${words} `)
  if (found) return (found[1] ?? found[2] ?? found[3] ?? found[4])?.replace(/[,:]$/, '')
  return steps.flatMap(({ state, name }) => (state === 'failed' ? (/load metadata for (\S+)$/.exec(name)?.[1] ?? []) : []))[0]
}

/** The FROM of a base image that could not be had. */
function baseLine(failed: FailedBuild): { line: number; endLine: number } | undefined {
  const { file } = failed
  const base = baseOf(failed)
  const stage = base === undefined ? undefined : file.stages.find((one) => one.base !== '' && base.includes(one.base.replace(/^docker\.io\/(?:library\/)?/, '').split('@')[0] as string))
  return stage && { line: stage.line, endLine: stage.line }
}

/** The error of the operation: a base image's trouble as a pull would tell it, everything else as `build-failed`. */
export function errorOf(failed: FailedBuild, failure: BuildFailure): NaruError {
  const { words, engineId, dockerfile } = failed
  const params = {
    dockerfile,
    ...(failure.line !== undefined && { line: failure.line }),
    ...(failure.instruction !== undefined && { instruction: failure.instruction.slice(0, 200) }),
    ...(failure.exitCode !== undefined && { exitCode: failure.exitCode }),
  }
  const base = baseOf(failed) ?? /^FROM (?:--\S+ )*(\S+)/i.exec(failure.instruction ?? '')?.[1]
  if (base !== undefined) {
    const error = errorFromProgress(words, { reference: base, engineId })
    if (error.code !== 'internal') return new NaruError(error.code, error.message, { ...envelopeOf(error), params: { ...params, ...error.params } })
  }
  if (/no space left on device/i.test(words)) return new NaruError('no-space', words, { engineId, params, detail: words })
  return new NaruError('build-failed', words, { engineId, params, detail: words, ...hintOf(words, failure) })
}

const envelopeOf = ({ hint, retryable, engineId, detail }: NaruError): object => ({ hint, retryable, engineId, detail })

function hintOf(words: string, failure: BuildFailure): { hint?: string } {
  if (failure.exitCode !== undefined) return { hint: 'build.exit-code' }
  if (/parse error|unknown instruction|syntax error|requires (?:at least|exactly)|unknown flag/i.test(words)) return { hint: 'build.syntax' }
  if (/not found|no such file or directory|file does not exist|forbidden path outside/i.test(words) && /COPY|ADD|cache key|stat |copy/i.test(words)) return { hint: 'build.copy-missing' }
  if (/target stage|failed to reach build target|target .* could not be found/i.test(words)) return { hint: 'build.no-target' }
  return {}
}
