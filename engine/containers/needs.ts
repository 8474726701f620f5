/** What an older engine would drop without a word: refused before anything is made. */
import { NaruError } from '../contract/errors.ts'
import type { EngineVersion, RunSpec } from '../contract/models.ts'
import { compareApi } from '../docker/connect.ts'

interface Need {
  readonly field: keyof RunSpec
  /** What the person wrote. */
  readonly flag: string
  readonly api: string
  readonly asked: (spec: RunSpec) => boolean
}

const someMount = (test: (mount: NonNullable<RunSpec['mounts']>[number]) => boolean) => (spec: RunSpec) => (spec.mounts ?? []).some(test)

/** First API of each, from the engine's own history (docs/api/version-history.md of Moby). */
const NEEDS: readonly Need[] = [
  { field: 'annotations', flag: '--annotation', api: '1.43', asked: ({ annotations }) => Object.keys(annotations ?? {}).length > 0 },
  { field: 'healthStartInterval', flag: '--health-start-interval', api: '1.44', asked: ({ healthStartInterval }) => healthStartInterval !== undefined },
  { field: 'networks', flag: '--mac-address', api: '1.44', asked: ({ networks = [] }) => networks.some(({ macAddress }) => macAddress !== undefined) },
  { field: 'networks', flag: '--network', api: '1.44', asked: ({ networks = [] }) => networks.length > 1 },
  { field: 'networks', flag: 'gw-priority', api: '1.48', asked: ({ networks = [] }) => networks.some(({ gatewayPriority }) => gatewayPriority !== undefined) },
  { field: 'mounts', flag: 'bind-recursive', api: '1.44', asked: someMount(({ recursive }) => recursive === 'writable' || recursive === 'readonly') },
  { field: 'mounts', flag: 'volume-subpath', api: '1.45', asked: someMount(({ type, subpath }) => type === 'volume' && subpath !== undefined) },
  { field: 'mounts', flag: 'type=image', api: '1.48', asked: someMount(({ type }) => type === 'image') },
]

/**
 * Podman counts its API by itself and is left to answer for itself.
 * @throws NaruError `unsupported` {field, flag, apiVersion, needed}
 */
export function refuseUnknown(spec: RunSpec, { apiVersion, product }: Pick<EngineVersion, 'apiVersion' | 'product'>): void {
  if (!apiVersion || /podman/i.test(product)) return
  const need = NEEDS.find(({ api, asked }) => compareApi(apiVersion, api) < 0 && asked(spec))
  if (!need) return
  const params = { field: need.field, flag: need.flag, apiVersion, needed: need.api }
  throw new NaruError('unsupported', `${need.flag} needs API ${need.api}; this engine speaks ${apiVersion}`, { params, hint: 'run.api' })
}
