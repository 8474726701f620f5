import { describe, expect, it, vi } from 'vitest'
import { NaruError } from '../../../engine/contract/errors.ts'
import type { ContainerRow, RunSpec } from '../../../engine/contract/models.ts'
import { createContainer, runContainer } from '../../../engine/containers/run.ts'
import type { RunDeps } from '../../../engine/containers/run.ts'
import type { EngineClient } from '../../../engine/docker/engine-client.ts'
import type { RunContext } from '../../../engine/operations/runner.ts'
import type { HostPorts } from '../../../engine/ports/host-ports.ts'
import { engineClient } from '../../support/engine-client.ts'
import { row } from '../../support/rows.ts'

const FREE: HostPorts = {
  tryBind: async () => 'free',
  listeners: async () => [],
  processOf: async () => ({ kind: 'unknown', name: '' }),
}
const TAKEN: HostPorts = {
  tryBind: async () => 'taken',
  listeners: async () => [{ protocol: 'tcp', ip: '0.0.0.0', port: 8080, inode: 1, uid: 0 }],
  processOf: async () => ({ kind: 'process', pid: 7, name: 'nginx' }),
}
const spec: RunSpec = {
  image: 'nginx',
  name: 'web',
  ports: [{ containerPort: '80', protocol: 'tcp', hostIp: '127.0.0.1', hostPort: '8080' }],
  env: [],
  volumes: [],
  restart: { name: 'no' },
  autoRemove: false,
  pull: 'missing',
}
const holder = row({ id: 'h1', name: 'old', ports: [{ containerPort: 80, protocol: 'tcp', hostIp: '127.0.0.1', hostPort: 8080 }] })

function scene(able: Partial<EngineClient>, rows: () => readonly ContainerRow[] = () => [], host: HostPorts = FREE) {
  const abort = new AbortController()
  const context: RunContext = { signal: abort.signal, operationId: 'o', report: vi.fn(), describe: vi.fn() }
  const deps: RunDeps = {
    client: engineClient(able),
    readRows: async () => rows(),
    portContext: (known) => ({ rows: known, host }),
    ensureImage: vi.fn(async () => ({ image: 'nginx', imageId: 'sha256:i' })),
  }
  return { deps, context, abort }
}

const created = { createContainer: async () => ({ Id: 'new1', Warnings: null }) }

describe('runContainer', () => {
  it('creates and starts, and tells which rows it concerns', async () => {
    const startContainer = vi.fn(async () => undefined)
    const { deps, context } = scene({ ...created, startContainer })
    expect(await runContainer(deps, spec, context)).toEqual({ containerId: 'new1', name: 'web', warnings: [] })
    expect(context.describe).toHaveBeenCalledWith({ subject: 'web', targets: ['new1', 'sha256:i'] })
    expect(startContainer).toHaveBeenCalledOnce()
  })

  it('refuses a taken name before anything is pulled, naming who has it', async () => {
    const { deps, context } = scene({}, () => [row({ id: 'h1', name: 'web', state: 'exited' })])
    await expect(runContainer(deps, spec, context)).rejects.toMatchObject({
      code: 'name-in-use',
      params: { name: 'web', holderId: 'h1', state: 'exited', field: 'name' },
    })
    expect(deps.ensureImage).not.toHaveBeenCalled()
  })

  it('refuses a taken port before anything is pulled, naming the container or process', async () => {
    const byContainer = scene({}, () => [holder])
    await expect(runContainer(byContainer.deps, spec, byContainer.context)).rejects.toMatchObject({
      code: 'port-in-use',
      params: { port: 8080, holder: 'old', holderKind: 'container', holderId: 'h1', field: 'ports' },
    })
    const byProcess = scene({}, () => [], TAKEN)
    await expect(runContainer(byProcess.deps, spec, byProcess.context)).rejects.toMatchObject({
      params: { holder: 'nginx', holderKind: 'process', pid: 7 },
    })
    expect(byProcess.deps.ensureImage).not.toHaveBeenCalled()
  })

  it("names the holder of a name the engine refused, with the engine's words", async () => {
    const rows = [[], [row({ id: 'h1', name: 'web' })]]
    const { deps, context } = scene(
      {
        createContainer: async () => {
          throw new NaruError('name-in-use', 'Conflict', { params: { name: 'web' }, detail: 'Conflict. The container name' })
        },
      },
      () => rows.shift() ?? [],
    )
    await expect(runContainer(deps, spec, context)).rejects.toMatchObject({
      code: 'name-in-use',
      params: { holderId: 'h1' },
      detail: 'Conflict. The container name',
    })
  })

  it('takes a container away whose creation was given up: the engine finishes it all the same', async () => {
    const removeContainer = vi.fn(async () => undefined)
    let finish: () => void = () => undefined
    const createContainer = vi.fn(() => new Promise<{ Id: string; Warnings: null }>((resolve) => {
      finish = () => resolve({ Id: 'late', Warnings: null })
    }))
    const { deps, context, abort } = scene({ createContainer, removeContainer })
    const running = runContainer(deps, spec, context)
    await vi.waitFor(() => expect(createContainer).toHaveBeenCalledOnce())
    abort.abort()
    await expect(running).rejects.toMatchObject({ code: 'cancelled' })
    expect(removeContainer).not.toHaveBeenCalled()
    finish()
    await vi.waitFor(() => expect(removeContainer).toHaveBeenCalledWith('late', { force: true, volumes: true }, expect.anything()))
  })

  it('takes a container away whose start failed, and names who took the port meanwhile', async () => {
    const rows = [[], [holder]]
    const removeContainer = vi.fn(async () => undefined)
    const startContainer = async () => {
      throw new NaruError('port-in-use', 'bind', { params: { port: 8080 }, detail: 'port is already allocated' })
    }
    const { deps, context } = scene({ ...created, startContainer, removeContainer }, () => rows.shift() ?? [])
    await expect(runContainer(deps, spec, context)).rejects.toMatchObject({
      code: 'port-in-use',
      params: { holder: 'old', holderId: 'h1' },
      hint: 'container-removed',
      detail: 'port is already allocated',
    })
    expect(removeContainer).toHaveBeenCalledWith('new1', { force: true, volumes: true }, expect.anything())
  })

  it('undoes a cancelled run although its signal is aborted', async () => {
    const removeContainer = vi.fn<EngineClient['removeContainer']>(async (_id, _query, options) => options?.signal?.throwIfAborted())
    const { deps, context, abort } = scene({
      ...created,
      removeContainer,
      startContainer: async (_id, options) => {
        abort.abort(new NaruError('cancelled', 'cancelled'))
        options?.signal?.throwIfAborted()
      },
    })
    await expect(runContainer(deps, spec, context)).rejects.toMatchObject({ code: 'cancelled' })
    expect(removeContainer).toHaveBeenCalledOnce()
  })

  it('does not claim to have removed what it could not remove', async () => {
    const fails = async () => {
      throw new NaruError('engine.unreachable', 'gone')
    }
    const { deps, context } = scene({ ...created, startContainer: fails, removeContainer: fails })
    await expect(runContainer(deps, spec, context)).rejects.toMatchObject({ code: 'engine.unreachable', hint: undefined })
  })
})

describe('createContainer', () => {
  it('does not mind a taken port, and learns the name the engine made up', async () => {
    const inspectContainer = vi.fn(async () => ({ Name: '/sad_noyce' }) as never)
    const { deps, context } = scene({ ...created, inspectContainer }, () => [holder])
    expect(await createContainer(deps, { ...spec, name: undefined }, context)).toMatchObject({ name: 'sad_noyce' })
  })
  it('attaches as docker create does', async () => {
    const sent = vi.fn<EngineClient['createContainer']>(async () => ({ Id: 'new1', Warnings: null }))
    const { deps, context } = scene({ createContainer: sent })
    await createContainer(deps, spec, context)
    expect(sent.mock.calls[0]?.[0]).toMatchObject({ AttachStdout: true, AttachStderr: true, Image: 'nginx' })
  })

  it('tells a file that is not there before anything is pulled', async () => {
    const { deps, context } = scene({})
    await expect(createContainer(deps, { ...spec, envFiles: ['/nowhere/at/all.env'] }, context)).rejects.toMatchObject({
      code: 'invalid-request',
      hint: 'run.file.missing',
      params: { field: 'envFiles', path: '/nowhere/at/all.env' },
    })
    expect(deps.ensureImage).not.toHaveBeenCalled()
  })

  it('tells what an older engine does not know before anything is pulled', async () => {
    const { deps, context } = scene({ version: { product: 'Moby', version: '20.10', apiVersion: '1.41', os: 'linux', arch: 'amd64', rootless: false } })
    await expect(createContainer(deps, { ...spec, annotations: { a: 'b' } }, context)).rejects.toMatchObject({ code: 'unsupported', params: { flag: '--annotation', needed: '1.43' } })
    expect(deps.ensureImage).not.toHaveBeenCalled()
  })
})
