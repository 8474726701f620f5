import { describe, expect, it, vi } from 'vitest'
import { NaruError } from '../../../engine/contract/errors.ts'
import type { OperationProgress, RunSpec } from '../../../engine/contract/models.ts'
import type { EngineClient } from '../../../engine/docker/engine-client.ts'
import { loopbackPorts } from '../../../engine/images/loopback.ts'
import { ensureImage, pullImage } from '../../../engine/images/pull.ts'
import { removeImage } from '../../../engine/images/remove.ts'
import { engineClient, streamOf } from '../../support/engine-client.ts'

const ID = `sha256:${'a'.repeat(64)}`
const missing = async () => {
  throw new NaruError('image-not-found', 'No such image')
}

/** An engine whose only image arrives with a pull. */
function pullable(): { client: EngineClient; pulls: unknown[] } {
  const pulls: unknown[] = []
  const client = engineClient({
    inspectImage: async () => (pulls.length > 0 ? { Id: ID, Size: 1, Os: 'linux', Architecture: 'amd64' } : missing()),
    pullImage: (query) => {
      pulls.push(query)
      return streamOf([{ id: 'l1', status: 'Downloading', progressDetail: { current: 1, total: 2 } }, { id: 'l1', status: 'Pull complete' }])
    },
  })
  return { client, pulls }
}

function context() {
  const reports: OperationProgress[] = []
  return { signal: new AbortController().signal, report: (progress: OperationProgress) => reports.push(progress), reports }
}

const spec: RunSpec = { image: 'nginx', ports: [], env: [], volumes: [], restart: { name: 'no' }, autoRemove: false, pull: 'missing' }

describe('pullImage', () => {
  it('pulls latest by default, in full form, and tells the layers', async () => {
    const { client, pulls } = pullable()
    const told = context()
    expect(await pullImage({ client }, { reference: 'nginx' }, told)).toEqual({ imageId: ID, upToDate: false })
    expect(pulls).toEqual([{ name: 'docker.io/library/nginx', tag: 'latest' }])
    expect(told.reports.at(-1)).toMatchObject({ step: 'pulling', parts: [{ id: 'l1', state: 'done' }] })
    expect(await pullImage({ client }, { reference: 'nginx' }, context())).toMatchObject({ upToDate: true })
  })
  it('pulls by digest when there is one', async () => {
    const { client, pulls } = pullable()
    await pullImage({ client }, { reference: `nginx:1@${ID}`, platform: 'linux/arm64' }, context())
    expect(pulls).toEqual([{ name: 'docker.io/library/nginx', tag: ID, platform: 'linux/arm64' }])
  })
  it('takes the login of its registry along', async () => {
    const { client, pulls } = pullable()
    const authFor = vi.fn(async () => 'aGVhZGVy')
    await pullImage({ client, authFor }, { reference: 'ghcr.io/a/b:1' }, context())
    expect(authFor).toHaveBeenCalledWith('ghcr.io/a/b:1', expect.anything())
    expect(pulls).toEqual([{ name: 'ghcr.io/a/b', tag: '1', auth: 'aGVhZGVy' }])
  })
  it('refuses what is no reference without asking the engine', async () => {
    await expect(pullImage({ client: engineClient() }, { reference: 'NGINX' }, context())).rejects.toMatchObject({ code: 'invalid-reference' })
  })
  describe('from a registry that falls silent', () => {
    /** Says these words, then nothing until it is told to stop. */
    const silentAfter = (...statuses: readonly string[]): EngineClient =>
      engineClient({
        inspectImage: missing,
        pullImage: async function* (_query, options) {
          for (const status of statuses) yield { id: 'l1', status, progressDetail: { current: 1, total: 2 } }
          const { signal } = options ?? {}
          await new Promise<void>((resolve) => (signal?.aborted ? resolve() : signal?.addEventListener('abort', () => resolve())))
          throw new NaruError('cancelled', 'cancelled')
        },
      })
    const pull = (client: EngineClient, signal: AbortSignal, silenceMs = 40) => pullImage({ client, silenceMs }, { reference: 'ghcr.io/a/b:1' }, { ...context(), signal })

    it.each([[[]], [['Pulling fs layer']], [['Downloading']]])('after %j it is given up, and told as what it is', async (statuses) => {
      await expect(pull(silentAfter(...statuses), new AbortController().signal)).rejects.toMatchObject({ code: 'registry.unreachable', hint: 'registry.silent', retryable: true, params: { registry: 'ghcr.io' } })
    })
    it.each([[['Waiting']], [['Verifying Checksum']], [['Downloading', 'Download complete', 'Extracting']], [['Retrying in 5 seconds']]])('after %j the engine has its own reasons', async (statuses) => {
      const stop = new AbortController()
      const pulling = pull(silentAfter(...statuses), stop.signal, 20).catch((error: unknown) => error)
      await new Promise((resolve) => setTimeout(resolve, 120))
      stop.abort()
      expect(await pulling).toMatchObject({ code: 'cancelled' })
    })
    it('and is cancelled meanwhile, that was a cancel', async () => {
      const stop = new AbortController()
      const pulling = pull(silentAfter('Downloading'), stop.signal, 1_000)
      stop.abort()
      await expect(pulling).rejects.toMatchObject({ code: 'cancelled' })
    })
  })
  it('opens the loopback of this machine around the pull, and closes it after a failure too', async () => {
    const close = vi.fn()
    const hostLoopback = vi.fn(async () => ({ close }))
    const client = engineClient({
      inspectImage: missing,
      pullImage: async function* () {
        expect(close).not.toHaveBeenCalled()
        throw new NaruError('image-not-found', 'manifest unknown')
      },
    })
    const pull = pullImage({ client, hostLoopback }, { reference: 'localhost:5000/x:1' }, context())
    await expect(pull).rejects.toMatchObject({ code: 'image-not-found' })
    expect(hostLoopback).toHaveBeenCalledWith(5_000, expect.anything())
    expect(close).toHaveBeenCalledOnce()
  })
  it('goes on when the loopback port is in use on the side of the engine', async () => {
    const { client } = pullable()
    const hostLoopback = async () => {
      throw new Error('EADDRINUSE')
    }
    expect(await pullImage({ client, hostLoopback }, { reference: '127.0.0.1:5000/x' }, context())).toMatchObject({ imageId: ID })
  })
})

describe('loopbackPorts', () => {
  it.each([
    ['localhost:5000', [5_000]],
    ['127.0.0.1:80', [80]],
    ['[::1]:5000', [5_000]],
    ['localhost', [443, 80]],
    ['docker.io', []],
    ['127.example:5000', []],
  ])('%s', (domain, ports) => {
    expect(loopbackPorts(domain)).toEqual(ports)
  })
})

describe('ensureImage', () => {
  it('pulls only what is missing', async () => {
    const { client, pulls } = pullable()
    expect(await ensureImage({ client }, spec, context())).toEqual({ image: 'nginx', imageId: ID })
    await ensureImage({ client }, spec, context())
    expect(pulls).toHaveLength(1)
    await ensureImage({ client }, { ...spec, pull: 'always' }, context())
    await ensureImage({ client }, { ...spec, platform: 'linux/arm64' }, context())
    expect(pulls).toHaveLength(3)
  })
  it('says when it may not or cannot pull', async () => {
    const never = ensureImage({ client: engineClient({ inspectImage: missing }) }, { ...spec, pull: 'never' }, context())
    await expect(never).rejects.toMatchObject({ code: 'image-not-found', hint: 'pull-never' })
    const byId = ensureImage({ client: engineClient({ inspectImage: missing }) }, { ...spec, image: ID }, context())
    await expect(byId).rejects.toMatchObject({ code: 'image-not-found' })
  })
})

describe('removeImage', () => {
  const { signal } = new AbortController()
  it('tells untagged from deleted', async () => {
    const client = engineClient({ removeImage: async () => [{ Untagged: 'docker.io/library/nginx:1' }, { Deleted: ID }] })
    expect(await removeImage(client, { reference: 'nginx:1', force: false }, signal)).toEqual({ untagged: ['nginx:1'], deleted: [ID] })
  })
  it('names the containers that stand on it', async () => {
    const container = { Id: 'c1', Names: ['/web'], Image: 'nginx', ImageID: ID, Created: 0, State: 'running', Status: 'Up' }
    const client = engineClient({
      removeImage: async () => {
        throw new NaruError('in-use', 'conflict', { params: { holder: 'c1' }, detail: 'being used by' })
      },
      inspectImage: async () => ({ Id: ID, Size: 1 }),
      listContainers: async () => [container, { ...container, Id: 'c2', Names: ['/db'], State: 'exited' }, { ...container, Id: 'c3', ImageID: 'sha256:other' }],
    })
    await expect(removeImage(client, { reference: 'nginx:1', force: false }, signal)).rejects.toMatchObject({
      code: 'in-use',
      params: { reference: 'nginx:1', holders: ['web', 'db'], running: ['web'] },
      detail: 'being used by',
    })
  })
  it('lists the tags an id has', async () => {
    const client = engineClient({
      removeImage: async () => {
        throw new NaruError('conflict', 'conflict', { hint: 'multiple-tags' })
      },
      inspectImage: async () => ({ Id: ID, Size: 1 }),
      listImages: async () => [{ Id: ID, RepoTags: ['a:1', 'b:1'], Created: 0, Size: 1 }],
    })
    await expect(removeImage(client, { reference: ID, force: false }, signal)).rejects.toMatchObject({
      code: 'conflict',
      hint: 'multiple-tags',
      params: { tags: ['a:1', 'b:1'] },
    })
  })
})
