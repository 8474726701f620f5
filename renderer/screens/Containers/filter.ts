/**
 * The containers' filter: `is:running image:nginx port:8080 label:env=prod name:web -is:paused free text`. Pure.
 * Terms of one key are alternatives, different keys must all hold; labels and free words must each hold; a minus in
 * front excludes. What is no known term is free text: a filter never fails.
 */
import type { ContainerRow } from '../../../engine/contract/models.ts'
import { createGrammar, matchesLabel } from '../../components/filter/terms.ts'
import type { Filter, FilterTerm as Term } from '../../components/filter/terms.ts'

export const FILTER_KEYS = ['is', 'image', 'port', 'label', 'name', 'project', 'network'] as const
export type FilterKey = (typeof FILTER_KEYS)[number]

export const IS_STATES = ['running', 'paused', 'restarting', 'exited', 'created', 'dead', 'removing', 'stopped'] as const
export const IS_HEALTH = ['healthy', 'unhealthy', 'starting'] as const
export type IsValue = (typeof IS_STATES)[number] | (typeof IS_HEALTH)[number]

export type ContainerFilter = Filter<FilterKey>
type FilterTerm = Term<FilterKey>

const HEALTH: readonly string[] = IS_HEALTH

export const containerGrammar = createGrammar(FILTER_KEYS, [...IS_STATES, ...IS_HEALTH])
export const { parse: parseFilter, parseTerm } = containerGrammar

/** True when the row passes. */
export function matchesFilter(row: ContainerRow, filter: ContainerFilter): boolean {
  if (!filter.words.every((word) => hasWord(row, word))) return false
  const groups = new Map<string, FilterTerm[]>()
  for (const term of filter.terms) {
    const matches = matchesTerm(row, term)
    if (term.negated) {
      if (matches) return false
      continue
    }
    const group = groupOf(term)
    groups.set(group, [...(groups.get(group) ?? []), term])
  }
  return [...groups.values()].every((terms) => terms.some((term) => matchesTerm(row, term)))
}

/** Terms of one group are alternatives. State and health are told apart: `is:running is:unhealthy` asks for both. */
function groupOf({ key, value }: FilterTerm): string {
  if (key === 'is') return HEALTH.includes(value) ? 'health' : 'state'
  return key === 'label' ? `label ${value}` : key
}

function matchesTerm(row: ContainerRow, { key, value }: FilterTerm): boolean {
  const low = value.toLowerCase()
  switch (key) {
    case 'is':
      return matchesState(row, low)
    case 'image':
      return row.image.toLowerCase().includes(low) || row.imageId.replace('sha256:', '').startsWith(low.replace('sha256:', ''))
    case 'name':
      return row.name.toLowerCase().includes(low)
    case 'project':
      return (row.project ?? '').toLowerCase() === low
    case 'network':
      return row.networks.some((name) => name.toLowerCase() === low)
    case 'port':
      return matchesPort(row, low)
    case 'label':
      return matchesLabel(row.labels, value)
  }
}

function matchesState(row: ContainerRow, value: string): boolean {
  if (HEALTH.includes(value)) return row.health === value
  if (value === 'stopped') return row.state === 'exited' || row.state === 'created' || row.state === 'dead'
  return row.state === value
}

/** `8080` is either side, `8080:80` (or `8080->80`) both, with an optional `/udp`. */
function matchesPort(row: ContainerRow, value: string): boolean {
  const [numbers = '', protocol] = value.split('/')
  const [first = '', second] = numbers.split(/:|->|→/)
  return row.ports.some((port) => {
    if (protocol && port.protocol !== protocol) return false
    if (second !== undefined) return String(port.hostPort) === first && String(port.containerPort) === second
    return String(port.hostPort) === first || String(port.containerPort) === first
  })
}

function hasWord(row: ContainerRow, word: string): boolean {
  return (
    [row.name, row.image, row.state, row.status, row.command, row.project ?? '', row.service ?? ''].some((text) =>
      text.toLowerCase().includes(word),
    ) ||
    row.id.startsWith(word) ||
    row.ports.some((port) => String(port.hostPort ?? '').startsWith(word) || String(port.containerPort) === word) ||
    Object.entries(row.labels).some(([name, text]) => `${name}=${text}`.toLowerCase().includes(word))
  )
}
