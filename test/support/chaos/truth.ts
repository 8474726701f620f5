/** What the engine itself says there is, and how Naru's picture differs from it. */
import { readProcess } from '../../../engine/system/processes.ts'
import { askEngine } from '../../e2e/support/engine.ts'
import type { Page } from '../engine-room.ts'

export interface Truth {
  /** `name state` by id. */
  readonly containers: ReadonlyMap<string, string>
  /** Tags by id. */
  readonly images: ReadonlyMap<string, string>
  readonly volumes: ReadonlySet<string>
}

interface Listed {
  readonly Id: string
  readonly Names: readonly string[]
  readonly State: string
  readonly RepoTags: readonly string[] | null
}

const tagsOf = (tags: readonly string[]): string => tags.filter((tag) => tag !== '<none>:<none>').sort().join(' ')

/** Rejects while the engine does not answer. */
export async function truthOf(socket: string): Promise<Truth> {
  const [containers, images, { Volumes }] = await Promise.all([
    askEngine<Listed[]>(socket, '/containers/json?all=1'),
    askEngine<Listed[]>(socket, '/images/json'),
    askEngine<{ Volumes: { Name: string }[] | null }>(socket, '/volumes'),
  ])
  return {
    containers: new Map(containers.map(({ Id, Names, State }) => [Id, `${Names[0]?.slice(1) ?? ''} ${State}`])),
    images: new Map(images.map(({ Id, RepoTags }) => [Id, tagsOf(RepoTags ?? [])])),
    volumes: new Set((Volumes ?? []).map(({ Name }) => Name)),
  }
}

function compare(what: string, truth: ReadonlyMap<string, string>, shown: ReadonlyMap<string, string>): string[] {
  return [...new Set([...truth.keys(), ...shown.keys()])]
    .filter((id) => truth.get(id) !== shown.get(id))
    .map((id) => `${what} ${id.replace('sha256:', '').slice(0, 12)}: the engine says "${truth.get(id) ?? 'gone'}", Naru "${shown.get(id) ?? 'gone'}"`)
}

/** Empty when Naru shows what is true. */
export function differences(truth: Truth, page: Page): readonly string[] {
  if (page.last?.sync !== 'live') return [`Naru's picture is ${page.last?.sync ?? 'not there'}`]
  const containers = new Map([...page.containers.values()].map(({ id, name, state }) => [id, `${name} ${state}`]))
  const images = new Map([...page.images.values()].map(({ id, tags }) => [id, tagsOf([...tags])]))
  return [...compare('container', truth.containers, containers), ...compare('image', truth.images, images)]
}

/** Containers the engine calls running whose process is not there, `name` each: it was not told of their end. */
export async function undead(socket: string): Promise<readonly string[]> {
  const running = await askEngine<Listed[]>(socket, '/containers/json')
  const found = await Promise.all(
    running.map(async ({ Id, Names }) => {
      const { State } = await askEngine<{ State: { Pid: number; Running: boolean } }>(socket, `/containers/${Id}/json`)
      return State.Running && !(await readProcess(State.Pid)) ? [Names[0]?.slice(1) ?? Id] : []
    }),
  )
  return found.flat()
}
