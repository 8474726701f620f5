/** The build form: what was typed, the BuildSpec it means, and what stands in the way. Pure. */
import type { BuildForm, BuildSpec, DockerfileFacts } from '../../../../engine/contract/models.ts'
import { hasMark } from '../../../../engine/redact/rules.ts'
import { referenceError } from '../../Images/names.ts'

export interface Pair {
  readonly id: string
  name: string
  value: string
}

export interface BuildDraft {
  folder: string
  /** Empty = the one that was found. */
  dockerfile: string
  /** Name or number of a stage; empty = the last one. */
  target: string
  /** Values of the Dockerfile's own ARGs by name; empty = its default. */
  args: Record<string, string>
  /** Arguments the Dockerfile does not declare (proxies). */
  moreArgs: Pair[]
  tags: { readonly id: string; text: string }[]
  platform: string
  noCache: boolean
  pull: boolean
  labels: Pair[]
}

let count = 0
const nextId = (): string => `p${(count += 1)}`

export const pair = (name = '', value = ''): Pair => ({ id: nextId(), name, value })
export const tagRow = (text = ''): BuildDraft['tags'][number] => ({ id: nextId(), text })

export const emptyDraft = (): BuildDraft => ({
  folder: '', dockerfile: '', target: '', args: {}, moreArgs: [], tags: [tagRow()], platform: '', noCache: false, pull: false, labels: [],
})

/** An ARG as the form shows it: once, with its first default. */
export interface DeclaredArg {
  readonly name: string
  readonly default?: string
  readonly line: number
  /** Names (or numbers) of the stages it is for; empty = before the first FROM. */
  readonly stages: readonly string[]
}

export function declaredArgs({ args, stages }: DockerfileFacts): readonly DeclaredArg[] {
  const known = new Map<string, DeclaredArg>()
  for (const arg of args) {
    const before = known.get(arg.name)
    const stage = arg.stage < 0 ? [] : [stages[arg.stage]?.name ?? String(arg.stage)]
    const value = before?.default ?? arg.default
    known.set(arg.name, { name: arg.name, line: before?.line ?? arg.line, ...(value !== undefined && { default: value }), stages: [...new Set([...(before?.stages ?? []), ...stage])] })
  }
  return [...known.values()]
}

/** Names of what an earlier build was given and its record did not keep. */
export const withheld = ({ buildArgs, labels }: BuildSpec): readonly string[] => [...buildArgs, ...labels].filter(({ value }) => hasMark(value)).map(({ name }) => name)

/** What was not kept is typed again. */
const keptValue = (value: string): string => (hasMark(value) ? '' : value)

/** Fills a draft from an earlier build; arguments the Dockerfile does not declare go to the other ones. */
export function draftOf(spec: BuildSpec, facts: DockerfileFacts | null): BuildDraft {
  const own = new Set(facts?.args.map((arg) => arg.name))
  return {
    folder: spec.folder,
    dockerfile: spec.dockerfile ?? '',
    target: spec.target ?? '',
    args: Object.fromEntries(spec.buildArgs.filter(({ name }) => own.has(name)).map(({ name, value }) => [name, keptValue(value)])),
    moreArgs: spec.buildArgs.filter(({ name }) => !own.has(name)).map(({ name, value }) => pair(name, keptValue(value))),
    tags: spec.tags.length > 0 ? spec.tags.map(tagRow) : [tagRow()],
    platform: spec.platform ?? '',
    noCache: spec.noCache,
    pull: spec.pull,
    labels: spec.labels.map(({ name, value }) => pair(name, keptValue(value))),
  }
}

const filled = (pairs: readonly Pair[]): { name: string; value: string }[] =>
  pairs.filter(({ name }) => name.trim() !== '').map(({ name, value }) => ({ name: name.trim(), value }))

/** @param form the folder as it was read; its resolved path is the one that is built */
export function specOf(draft: BuildDraft, form: BuildForm | null): BuildSpec {
  const declared = new Set(form?.facts?.args.map((arg) => arg.name))
  const dockerfile = draft.dockerfile.trim() || (form?.dockerfile ?? '')
  return {
    folder: form?.folder ?? draft.folder.trim(),
    ...(dockerfile !== '' && dockerfile !== 'Dockerfile' && { dockerfile }),
    ...(draft.target !== '' && { target: draft.target }),
    buildArgs: [...Object.entries(draft.args).filter(([name, value]) => value !== '' && declared.has(name)).map(([name, value]) => ({ name, value })), ...filled(draft.moreArgs)],
    tags: draft.tags.map(({ text }) => text.trim()).filter(Boolean),
    ...(draft.platform.trim() !== '' && { platform: draft.platform.trim() }),
    noCache: draft.noCache,
    pull: draft.pull,
    labels: filled(draft.labels),
  }
}

export interface Problem {
  /** Key below `builds.problem.`; `reference` means the error of its own. */
  readonly key: string
  readonly params: Readonly<Record<string, string>>
}

const PLATFORM = /^[a-z0-9]+\/[a-z0-9]+(?:\/[a-z0-9]+)?$/
const ARG_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

/** What stands in the way, by field: `folder`, `platform`, `target`, `tag.<id>`, `arg.<id>`, `label.<id>`. */
export function problemsOf(draft: BuildDraft, form: BuildForm | null): ReadonlyMap<string, Problem> {
  const found = new Map<string, Problem>()
  const add = (field: string, key: string, params: Record<string, string> = {}): void => void found.set(field, { key, params })
  if (draft.folder.trim() === '') add('folder', 'folder')
  else if (!/^(?:\/|~|[A-Za-z]:[\\/])/.test(draft.folder.trim())) add('folder', 'absolute')
  const seen = new Set<string>()
  for (const { id, text } of draft.tags) {
    const tag = text.trim()
    if (tag === '') continue
    if (referenceError(tag)) add(`tag.${id}`, 'tag', { tag })
    else if (tag.includes('@')) add(`tag.${id}`, 'digest', { tag })
    else if (seen.has(tag)) add(`tag.${id}`, 'twice', { tag })
    seen.add(tag)
  }
  if (draft.platform.trim() !== '' && !PLATFORM.test(draft.platform.trim())) add('platform', 'platform')
  const { target } = draft
  const stages = form?.facts?.stages
  if (target !== '' && stages && !stages.some((stage, index) => stage.name === target || String(index) === target)) add('target', 'target', { target })
  for (const { id, name, value } of draft.moreArgs) {
    if (name.trim() === '' ? value !== '' : !ARG_NAME.test(name.trim())) add(`arg.${id}`, 'argName', { name })
  }
  for (const { id, name, value } of draft.labels) {
    if (name.trim() === '' ? value !== '' : /[=\s]/.test(name.trim())) add(`label.${id}`, 'labelName', { name })
  }
  return found
}
