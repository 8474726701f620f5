/**
 * Folders of the host that a request of the Engine API asks for. Pure. Sources: Engine API v1.51, POST /containers/create
 * (HostConfig.Binds, HostConfig.Mounts), /volumes/create (DriverOpts of the local driver: `type=none,o=bind,device=PATH`),
 * /services/create and /services/ID/update (TaskTemplate.ContainerSpec.Mounts).
 */

type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value)

/** A member by its name in any case, as Go reads JSON. */
function member(value: unknown, ...names: readonly string[]): unknown {
  let at = value
  for (const name of names) {
    if (!isFields(at)) return undefined
    const key = Object.keys(at).findLast((each) => each.toLowerCase() === name.toLowerCase())
    at = key === undefined ? undefined : at[key]
  }
  return at
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** `device=/path` of the local volume driver with `o=bind`; other devices are none of the host's folders. */
function deviceOf(options: unknown): string {
  const isBind = text(member(options, 'o')).split(',').some((each) => each === 'bind' || each === 'rbind')
  return isBind ? text(member(options, 'device')) : ''
}

function ofMount(mount: unknown): string {
  const type = text(member(mount, 'Type')).toLowerCase()
  if (type === 'bind') return text(member(mount, 'Source'))
  return type === 'volume' ? deviceOf(member(mount, 'VolumeOptions', 'DriverConfig', 'Options')) : ''
}

/** Which of the Engine API's calls may ask for folders of the host. */
export function asksForFolders(method: string, path: string): boolean {
  return method === 'POST' && /^(?:\/v\d+\.\d+)?\/(?:(?:containers|volumes|services)\/create|services\/[^/]+\/update)\/?(?:\?|$)/.test(path)
}

/** Absolute paths of the host, as the request has them. Names of volumes are none. */
export function bindSources(body: unknown): readonly string[] {
  const binds = list(member(body, 'HostConfig', 'Binds')).map((each) => text(each).split(':')[0] ?? '')
  const mounts = [...list(member(body, 'HostConfig', 'Mounts')), ...list(member(body, 'TaskTemplate', 'ContainerSpec', 'Mounts'))].map(ofMount)
  return [...binds, ...mounts, deviceOf(member(body, 'DriverOpts'))].filter((path) => path.startsWith('/'))
}
