/** What stands before the flags: variables, sudo, `docker run`, `docker container create`, `podman run`. Pure. */
import { placeIn } from './problem.ts'
import type { CommandProblem, Word } from './problem.ts'

export type Verb = 'run' | 'create'

export interface Head {
  /** Absent when the line is no such command. */
  readonly verb?: Verb
  /** Index of the first word behind it. */
  readonly next: number
  /** Variables set for this line alone. */
  readonly environment: ReadonlyMap<string, string>
  readonly problems: readonly CommandProblem[]
}

const ASSIGNMENT = /^([A-Za-z_]\w*)=(.*)$/s
/** They choose an engine, which is chosen elsewhere in Naru. */
const ENGINE_VARIABLES = ['DOCKER_HOST', 'DOCKER_CONTEXT', 'CONTAINER_HOST', 'DOCKER_CONFIG']
const SUDO_ALONE = /^-[AbEHnPS]+$/
/** Flags of docker itself that take the next word. */
const GLOBAL_WITH_VALUE = ['-H', '--host', '-c', '--context', '--config', '-l', '--log-level', '--tlscacert', '--tlscert', '--tlskey', '--connection', '--url', '--root', '--runroot']

/** Reads up to the verb. */
export function readHead(words: readonly Word[]): Head {
  const problems: CommandProblem[] = []
  const environment = new Map<string, string>()
  let next = 0
  const say = (word: Word, hint: string, message: string, params: Record<string, string> = {}): void => {
    problems.push({ ...placeIn(word), hint: `run.${hint}`, message, params })
  }
  const readAssignments = (): void => {
    for (let word = words[next]; word; word = words[++next]) {
      const match = ASSIGNMENT.exec(word.text)
      if (!match?.[1]) return
      environment.set(match[1], match[2] ?? '')
      if (ENGINE_VARIABLES.includes(match[1])) say(word, 'engine', `${match[1]} is not used: the engine is the one chosen in Naru`, { name: match[1] })
    }
  }
  readAssignments()
  if (words[next]?.text === 'sudo') {
    next++
    while (SUDO_ALONE.test(words[next]?.text ?? '')) next++
    const option = words[next]
    if (option?.text.startsWith('-')) {
      say(option, 'sudo', 'options of sudo that take a value are not read', { option: option.text })
      return { next, environment, problems }
    }
    readAssignments()
  }
  const program = words[next]
  if (!program) return { next, environment, problems }
  if (!/^(?:.*[/\\])?(?:docker|podman)(?:\.exe)?$/i.test(program.text)) {
    say(program, 'program', `not a docker or podman command: "${program.text}"`, { word: program.text })
    return { next, environment, problems }
  }
  next++
  for (let word = words[next]; word?.text.startsWith('-'); word = words[next]) {
    say(word, 'engine', `${word.text} is not used: the engine is the one chosen in Naru`, { name: word.text })
    next += GLOBAL_WITH_VALUE.includes(word.text) ? 2 : 1
  }
  if (words[next]?.text === 'container') next++
  const verb = words[next]
  if (verb?.text === 'run' || verb?.text === 'create') return { verb: verb.text, next: next + 1, environment, problems }
  const wrong = verb ?? program
  say(wrong, 'verb', `only "run" and "create" can be read here${verb ? `: "${verb.text}"` : ''}`, { word: wrong.text })
  return { next, environment, problems }
}
