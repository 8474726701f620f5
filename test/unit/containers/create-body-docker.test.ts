/** The body of a create against what the docker CLI sends for the command line Naru shows for the same spec. */
import { describe, expect, it } from 'vitest'
import type { RunSpec } from '../../../engine/contract/models.ts'
import { createBody } from '../../../engine/containers/create-body.ts'
import golden from '../../fixtures/docker-create.json'

const bare: RunSpec = { image: 'nginx', ports: [], env: [], volumes: [], restart: { name: 'no' }, autoRemove: false, pull: 'missing' }

const isEmpty = (value: unknown): boolean => value === undefined || (typeof value === 'object' && value !== null && Object.keys(value).length === 0)
const filled = (record: object): Record<string, unknown> => Object.fromEntries(Object.entries(record).filter(([, value]) => !isEmpty(value)))

/** Without empty members and members that say the default; the CLI sorts variables by name, which means nothing. */
function plain(body: object): unknown {
  const { HostConfig = {}, Env, ...rest } = body as { HostConfig?: { Mounts?: readonly { ReadOnly?: boolean }[] }; Env?: readonly string[] }
  const mounts = HostConfig.Mounts?.map(({ ReadOnly, ...mount }) => ({ ...mount, ...(ReadOnly && { ReadOnly }) }))
  return { ...filled({ ...rest, Env: [...(Env ?? [])].sort() }), HostConfig: filled({ ...HostConfig, ...(mounts && { Mounts: mounts }) }) }
}

describe('createBody says what the docker CLI says', () => {
  it.each(golden.creates.map((one) => [JSON.stringify(one.spec), one] as const))('%s', (_title, { spec, body }) => {
    const whole = { ...bare, ...(spec as Partial<RunSpec>) }
    expect(plain(createBody(whole, whole.image))).toEqual(plain(body))
  })
})
