/** What of a container decides how its files are reached: does it run, what is mounted in it, when did it last change. */
import { isFilePath, isWithin, pathText } from '../contract/file-path.ts'
import type { ChangeRefusal, FileMount } from '../contract/models.ts'
import type { RawContainerInspect } from '../docker/api-types.ts'

export interface FileContainer {
  readonly running: boolean
  /** Null: it runs. */
  readonly refusal: Exclude<ChangeRefusal, 'no-tools'> | null
  readonly mounts: readonly FileMount[]
  /** For programs: where they lie, when nothing in the container says it. */
  readonly env: readonly string[]
  /** Differs when the container was started or ended meanwhile. */
  readonly stamp: string
}

/** As `sh` and engines assume. */
const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

export function fileContainer({ Id, State, Config, Mounts, HostConfig }: Pick<RawContainerInspect, 'Id' | 'State' | 'Config' | 'Mounts' | 'HostConfig'>): FileContainer {
  const paused = State.Status === 'paused'
  const running = State.Status === 'running'
  const mounted = (Mounts ?? []).map(({ Type = 'bind', Name, Source = '', Destination = '', RW }) => ({
    type: Type,
    destination: normal(Destination),
    source: Name || Source,
    readOnly: RW === false,
  }))
  const memory = Object.keys(HostConfig?.Tmpfs ?? {}).map((path) => ({ type: 'tmpfs', destination: normal(path), source: '', readOnly: false }))
  return {
    running,
    refusal: running ? null : paused ? 'paused' : 'stopped',
    mounts: [...mounted, ...memory].filter(({ destination }) => isFilePath(destination) && destination !== '/'),
    env: Config.Env?.some((line) => line.startsWith('PATH=')) ? [] : [PATH],
    stamp: [Id, State.Status, State.StartedAt, State.FinishedAt].join(' '),
  }
}

/** Engines tell paths as people wrote them. */
function normal(path: string): string {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return pathText(new TextEncoder().encode(`/${parts.join('/')}`))
}

/** The mount a path lies in; of nested ones the innermost. */
export function mountOf(mounts: readonly FileMount[], path: string): FileMount | undefined {
  return mounts
    .filter(({ destination }) => isWithin(path, destination))
    .toSorted((a, b) => b.destination.length - a.destination.length)[0]
}

/** Mounts that are `path` or lie in it. */
export const mountsIn = (mounts: readonly FileMount[], path: string): readonly FileMount[] => mounts.filter(({ destination }) => isWithin(destination, path))
