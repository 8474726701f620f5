/** History entries as lines of a Dockerfile, and how big a layer is drawn. Pure. */

export type InstructionKind = 'base' | 'run' | 'copy' | 'config' | 'other'

export interface Instruction {
  /** `RUN`, `COPY`…; empty when the line does not begin with one. */
  readonly verb: string
  /** The rest of the line, blanks joined. */
  readonly rest: string
  readonly kind: InstructionKind
}

const VERBS = /^(ADD|ARG|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|FROM|HEALTHCHECK|LABEL|MAINTAINER|ONBUILD|RUN|SHELL|STOPSIGNAL|USER|VOLUME|WORKDIR)\b\s*/i
const SHELL = /^(?:\/bin\/(?:ba|a)?sh|\/usr\/bin\/(?:ba)?sh|cmd)\s+(?:-[a-z]*c|\/S\s+\/C)\s+/i

/** The text without what builders wrap it in: `/bin/sh -c #(nop)`, build arguments, `# buildkit`. Stable when done twice. */
export function cleanInstruction(createdBy: string): string {
  let text = createdBy.replace(/\s+/g, ' ').trim().replace(/\s*# buildkit$/, '')
  const noOperation = /^(?:\/bin\/(?:ba|a)?sh -c|cmd \/S \/C) #\(nop\) ?/i
  if (noOperation.test(text)) return text.replace(noOperation, '').trim()
  const run = /^RUN /i.test(text)
  if (run) text = text.slice(4)
  const args = /^\|\d+ (?:[^ =]+=(?:"[^"]*"|'[^']*'|\S*) ?)*(?=\/|cmd )/
  const inner = text.replace(args, '').trim()
  if (SHELL.test(inner)) return `RUN ${inner.replace(SHELL, '').trim()}`
  return run ? `RUN ${inner}` : inner
}

/** @param first true for the lowest layer of the image */
export function readInstruction(createdBy: string, first = false): Instruction {
  const text = cleanInstruction(createdBy)
  const verb = VERBS.exec(text)?.[1]?.toUpperCase() ?? ''
  return { verb, rest: text.replace(VERBS, '') || (verb ? '' : text), kind: first ? 'base' : kindOf(verb) }
}

function kindOf(verb: string): InstructionKind {
  if (verb === 'RUN') return 'run'
  if (verb === 'COPY' || verb === 'ADD') return 'copy'
  return verb === '' ? 'other' : 'config'
}

/** Least share a layer with bytes is drawn with, so that it can be seen. */
const LEAST = 0.03

/** How much of the bar a layer fills, 0..1, on a logarithmic scale from 1 kB up to the largest layer. */
export function sizeShare(bytes: number, largest: number): number {
  if (bytes <= 0 || largest <= 0) return 0
  const steps = (value: number): number => Math.log10(1 + value / 1_000)
  return Math.min(1, Math.max(LEAST, steps(bytes) / steps(Math.max(largest, bytes))))
}
