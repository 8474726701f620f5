/** Links to a line of a log: an address inside Naru. Pure. */
import type { LogLineMark } from '../../../engine/contract/models.ts'
import type { Query } from './use-log-address.ts'

/** A line as an address names it. */
export interface LineLink {
  readonly containerId: string
  /** Milliseconds since 1970, as the engine's stamp became a double. */
  readonly time: number
  /** Place among the container's lines of exactly that time. */
  readonly nth: number
}

/** Before an address of this app: what a browser cannot open, Naru's palette can. */
const SCHEME = 'naru:'
const LINE = /^([a-zA-Z0-9][\w.-]{0,254})~(\d{1,16}(?:\.\d{1,16})?)~(\d{1,9})$/
/** An address of this page, however its server is called, or its part behind the `#` alone. */
const ADDRESS = /^(?:naru:|[a-z][\w+.-]{0,20}:\/\/[^\s#]{0,2000}#|#)?(\/logs\?[^\s#]{1,8000})$/i

/** `container~time~nth`, the word `line` of an address; null for nonsense. */
export function lineOf(value: unknown): LineLink | null {
  const [, containerId, time, nth] = LINE.exec(typeof value === 'string' ? value : '') ?? []
  return containerId === undefined ? null : { containerId, time: Number(time), nth: Number(nth) }
}

export const lineText = ({ containerId, time, nth }: LineLink): string => `${containerId}~${time}~${nth}`

/** The mark of a link among a view's containers; null when its own is not one of them. */
export function markOfLink({ containerId, time, nth }: LineLink, containerIds: readonly string[]): LogLineMark | null {
  const source = containerIds.indexOf(containerId)
  return source < 0 ? null : { source, time, nth }
}

/**
 * The link to a line: engine, what the view shows, its filter, the line. Opened anywhere, it is a view of its own.
 * @param words of the address the view is at, without where it stands in it.
 */
export function linkText(engineId: string, containerIds: readonly string[], words: Query, line: LineLink): string {
  const { container: _container, line: _line, engine: _engine, tab: _tab, project, ...filter } = words
  const query = new URLSearchParams({ engine: engineId })
  if (typeof project === 'string') query.set('project', project)
  else for (const id of containerIds) query.append('container', id)
  for (const [name, value] of Object.entries(filter)) for (const one of [value].flat()) if (typeof one === 'string') query.append(name, one)
  query.set('line', lineText(line))
  return `${SCHEME}/logs?${query.toString()}`
}

/** The route of a link somebody pasted, null when it is none: `naru:/logs?…`, the page's own address, or its last part. */
export function routeOfLink(text: string): string | null {
  const route = ADDRESS.exec(text.trim())?.[1]
  if (route === undefined) return null
  return lineOf(new URLSearchParams(route.slice(route.indexOf('?') + 1)).get('line')) ? route : null
}
