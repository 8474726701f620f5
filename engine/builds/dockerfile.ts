/** What a Dockerfile says before it is built: stages, arguments, ports, and on which line each step stands. Pure. */
import type { DockerfileArg, DockerfileFacts, DockerfileStage } from '../contract/models.ts'
import { readLines, splitWords } from './dockerfile-lines.ts'
import type { Instruction, Problem } from './dockerfile-lines.ts'

export type { Instruction } from './dockerfile-lines.ts'

export interface Dockerfile extends DockerfileFacts {
  /** In order; `stage` is the index of its stage, -1 before the first FROM. */
  readonly instructions: readonly (Instruction & { readonly stage: number })[]
}

const KEYWORDS = new Set(
  'ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL STOPSIGNAL USER VOLUME WORKDIR'.split(' '),
)

/** Reads any text; never throws. What would stop a build is listed in `problems`. */
export function parseDockerfile(text: string): Dockerfile {
  const { directives, instructions: read, problems: wrong } = readLines(text)
  const problems: Problem[] = [...wrong]
  const stages: DockerfileStage[] = []
  const args: DockerfileArg[] = []
  const instructions: (Instruction & { readonly stage: number })[] = []
  let exposes: string[] = []
  for (const one of read) {
    const words = splitWords(one.rest)
    const problem = problemOf(one, words, stages.length === 0)
    if (problem) problems.push({ line: one.line, text: problem })
    if (one.keyword === 'FROM' && words.length > 0) {
      stages.push(stageOf(one, words))
      exposes = []
    }
    const stage = stages.length - 1
    if (one.keyword === 'ARG') args.push(...words.filter((word) => word !== '').map((word) => argOf(word, one.line, stage)))
    if (one.keyword === 'EXPOSE') exposes.push(...words)
    instructions.push({ ...one, stage })
  }
  if (stages.length === 0) problems.push({ line: 1, text: 'there is no FROM instruction' })
  problems.sort((a, b) => a.line - b.line)
  return { directives, stages, args, exposes, instructions, problems }
}

function problemOf({ keyword }: Instruction, words: readonly string[], first: boolean): string | undefined {
  if (!KEYWORDS.has(keyword)) return `unknown instruction: ${keyword}`
  if (words.length === 0) return `${keyword} requires at least one argument`
  return first && keyword !== 'FROM' && keyword !== 'ARG' ? `no build stage in current context: ${keyword} comes before FROM` : undefined
}

function stageOf({ line }: Instruction, words: readonly string[]): DockerfileStage {
  const platform = /^--platform=(.*)$/i.exec(words.find((word) => word.startsWith('--')) ?? '')?.[1]
  const [base = '', as, name] = words.filter((word) => !word.startsWith('--'))
  const named = as?.toLowerCase() === 'as' && name !== undefined
  // Stage names do not distinguish case; docker keeps them in small letters.
  return { base, line, ...(named && { name: name.toLowerCase() }), ...(platform && { platform }) }
}

function argOf(word: string, line: number, stage: number): DockerfileArg {
  const equals = word.indexOf('=')
  if (equals < 0) return { name: word, line, stage }
  return { name: word.slice(0, equals), default: word.slice(equals + 1), line, stage }
}

/** Instructions that BuildKit numbers within a stage (`[base 2/5]`), in order. */
const NUMBERED = new Set(['ADD', 'COPY', 'RUN', 'WORKDIR'])

export interface Place {
  readonly line: number
  readonly endLine: number
  /** Index of the stage. */
  readonly stage: number
  readonly instruction: string
}

/** What a builder says of a step. */
export interface StepName {
  /** Name as BuildKit gives it (`base`, `stage-1`), absent in Dockerfiles of one stage. */
  readonly stage?: string
  /** 1-based, within the stage. */
  readonly number: number
  readonly of: number
  /** `RUN npm ci`. */
  readonly text: string
}

/** Finds the instruction of a BuildKit step by stage and number; by its text when base images add steps of their own. */
export function placeOfStep(file: Dockerfile, step: StepName): Place | undefined {
  const stage = stageIndex(file, step.stage)
  if (stage < 0) return undefined
  const numbered = file.instructions.filter((one) => one.stage === stage && (NUMBERED.has(one.keyword) || (one.keyword === 'FROM' && isImage(file, stage))))
  const byNumber = numbered.length === step.of ? numbered[step.number - 1] : undefined
  const keyword = (/^\S+/.exec(step.text)?.[0] ?? '').toUpperCase()
  const found = byNumber?.keyword === keyword ? byNumber : numbered.find((one) => sameText(one, step.text))
  return found && placeOf(found)
}

/** Finds the instruction of a classic step, which counts every instruction of the file. */
export function placeOfNumber(file: Dockerfile, number: number, text: string): Place | undefined {
  const byNumber = file.instructions[number - 1]
  const keyword = (/^\S+/.exec(text)?.[0] ?? '').toUpperCase()
  const found = byNumber?.keyword === keyword ? byNumber : file.instructions.find((one) => sameText(one, text))
  return found && placeOf(found)
}

/** The instruction that stands on a line. */
export function placeOfLine(file: Dockerfile, line: number): Place | undefined {
  const found = file.instructions.find((one) => one.line <= line && line <= one.endLine)
  return found && placeOf(found)
}

const squeeze = (text: string): string => text.replace(/\s+/g, ' ').trim()

function sameText(one: Instruction, text: string): boolean {
  return squeeze(`${one.keyword} ${one.rest}`).toLowerCase() === squeeze(text).toLowerCase()
}

function placeOf({ line, endLine, stage, keyword, rest }: Instruction & { readonly stage: number }): Place {
  return { line, endLine, stage, instruction: squeeze(`${keyword} ${rest}`) }
}

function stageIndex(file: Dockerfile, name: string | undefined): number {
  if (name === undefined) return file.stages.length === 1 ? 0 : -1
  const named = file.stages.findIndex((stage) => stage.name === name)
  if (named >= 0) return named
  const numbered = /^stage-(\d+)$/.exec(name)
  return numbered && Number(numbered[1]) < file.stages.length ? Number(numbered[1]) : -1
}

/** A stage that begins with an image has a step for it; one that begins with another stage or nothing has none. */
function isImage(file: Dockerfile, index: number): boolean {
  const base = file.stages[index]?.base.toLowerCase() ?? ''
  if (base === 'scratch') return false
  return !file.stages.slice(0, index).some((stage, at) => stage.name === base || String(at) === base)
}
