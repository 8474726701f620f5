/** Options that do not go together. Pure: the parser tells them at their place, a create tells them as a refusal. */
import type { RunSpec } from '../contract/models.ts'
import { isUserDefined } from './values/network.ts'

export interface Conflict {
  /** Flag to point at, without dashes. */
  readonly flag: string
  /** Member of RunSpec to point at. */
  readonly field: keyof RunSpec
  readonly hint: string
  readonly message: string
  readonly params: Readonly<Record<string, string>>
}

const HEALTH: readonly (keyof RunSpec)[] = ['healthCmd', 'healthInterval', 'healthTimeout', 'healthStartPeriod', 'healthStartInterval', 'healthRetries']

/** Everything docker refuses about a spec as a whole. */
export function findConflicts(spec: RunSpec): Conflict[] {
  const found: Conflict[] = []
  const add = (flag: string, field: keyof RunSpec, hint: string, message: string, params: Record<string, string> = {}): void => {
    found.push({ flag, field, hint, message, params })
  }
  if (spec.autoRemove && spec.restart.name !== 'no') {
    add('restart', 'restart', 'restart.auto-remove', 'a container that is removed when it stops cannot be restarted')
  }
  if (spec.noHealthcheck && HEALTH.some((key) => spec[key] !== undefined)) {
    add('no-healthcheck', 'noHealthcheck', 'run.conflict.health', 'no health check and options of one do not go together')
  }
  if (spec.detach !== false && (spec.attach ?? []).length > 0) {
    add('attach', 'attach', 'run.conflict.attach', 'what runs in the background is attached to nothing')
  }
  if (spec.logDriver === 'none' && Object.keys(spec.logOptions ?? {}).length > 0) {
    add('log-opt', 'logOptions', 'run.conflict.log', 'the log driver "none" has no options')
  }
  const names = (spec.networks ?? []).map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) < index)
  if (twice !== undefined) add('network', 'networks', 'run.conflict.network-twice', `the network "${twice}" is given twice`, { name: twice })
  if (names.some(isUserDefined) && !names.every(isUserDefined)) {
    add('network', 'networks', 'run.conflict.network-mix', 'networks of your own and built-in ones do not go together')
  }
  const plain = (spec.networks ?? []).find(({ name, aliases = [] }) => aliases.length > 0 && !isUserDefined(name))
  if (plain) add('network-alias', 'networks', 'run.conflict.alias', `only networks of your own have aliases; "${plain.name}" is built in`, { name: plain.name })
  return found
}
