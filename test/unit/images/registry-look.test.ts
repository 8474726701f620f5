/** What a registry says of a name: the Hub by its pages, others by the engine; failures are answers. */
import { describe, expect, it, vi } from 'vitest'
import { NaruError } from '../../../engine/contract/errors.ts'
import { createRegistryLooks } from '../../../engine/images/registry-look.ts'
import type { LookDeps } from '../../../engine/images/registry-look.ts'

const signal = new AbortController().signal
const fails = (code: 'not-found' | 'image-not-found' | 'unauthorized' | 'registry.unreachable') => async () => {
  throw new NaruError(code, code)
}

function bench({ tags, distribution = async () => ({}), auth, asks = true }: { tags?: LookDeps['hub']['tags']; distribution?: LookDeps['client']['distribution']; auth?: string; asks?: boolean } = {}) {
  const hub = vi.fn(
    tags ??
      (async () => ({
        total: 2, page: 1, hasMore: false,
        results: [
          { name: '1.27-alpine', sizeBytes: 9, platforms: [] },
          { name: '1.27', sizeBytes: 500, platforms: [{ os: 'linux', architecture: 'amd64', sizeBytes: 70 }, { os: 'linux', architecture: 'arm64', sizeBytes: 60 }] },
        ],
      })),
  )
  const engine = vi.fn(distribution)
  const deps = {
    engineId: 'e',
    hub: { tags: hub },
    client: { distribution: engine, capabilities: { distribution: asks }, version: { os: 'linux', arch: 'arm64' } },
    authFor: async () => auth,
  } as unknown as LookDeps
  let now = 0
  const looks = createRegistryLooks(() => now)
  return { hub, engine, look: (reference: string) => looks.look(deps, reference, signal), later: (ms: number) => (now += ms) }
}

describe('an image of the Hub', () => {
  it('is looked for among its tags, with the size for the engine; no manifest is read, and it is asked once a minute', async () => {
    const { look, hub, engine, later } = bench()
    expect(await look('nginx:1.27')).toEqual({ state: 'there', sizeBytes: 60 })
    expect(hub).toHaveBeenCalledWith(expect.objectContaining({ repository: 'library/nginx', filter: '1.27' }), signal)
    expect(await look('docker.io/library/nginx:1.27')).toEqual({ state: 'there', sizeBytes: 60 })
    expect(hub).toHaveBeenCalledTimes(1)
    expect(engine).not.toHaveBeenCalled()
    later(61_000)
    await look('nginx:1.27')
    expect(hub).toHaveBeenCalledTimes(2)
  })
  it('that has no such tag, or is no repository, is missing; with a login the engine is asked, for it may be private', async () => {
    expect(await bench().look('nginx:1.2')).toEqual({ state: 'missing' })
    expect(await bench({ tags: fails('not-found') }).look('team/secret')).toEqual({ state: 'missing' })
    expect(await bench({ tags: fails('not-found'), auth: 'abc' }).look('team/secret')).toEqual({ state: 'there' })
  })
  it('is asked for by the engine when the Hub is silent, or a digest is named', async () => {
    expect(await bench({ tags: fails('registry.unreachable') }).look('nginx')).toEqual({ state: 'there' })
    const { look, hub } = bench()
    expect(await look(`nginx@sha256:${'a'.repeat(64)}`)).toEqual({ state: 'there' })
    expect(hub).not.toHaveBeenCalled()
  })
})

describe('an image of another registry', () => {
  it.each([
    ['there', async () => ({}), undefined],
    ['missing', fails('image-not-found'), undefined],
    ['refused', fails('unauthorized'), 'unauthorized'],
    ['unreachable', fails('registry.unreachable'), 'registry.unreachable'],
  ] as const)('is %s', async (state, distribution, code) => {
    const { look, hub } = bench({ distribution })
    expect(await look('registry.example.org/team/web:1')).toMatchObject({ state, ...(code && { error: { code } }) })
    expect(hub).not.toHaveBeenCalled()
  })
  it('is unknown to an engine that cannot ask; what is no reference is refused', async () => {
    expect(await bench({ asks: false }).look('registry.example.org/web')).toEqual({ state: 'unknown' })
    await expect(bench().look('Not An Image')).rejects.toMatchObject({ code: 'invalid-reference' })
  })
})
