import { describe, expect, it, vi } from 'vitest'
import { NaruError } from '../../../engine/contract/errors.ts'
import { removeContainer, renameContainer } from '../../../engine/containers/actions.ts'
import { containerDetail } from '../../../engine/containers/inspect.ts'
import type { RawContainerInspect } from '../../../engine/docker/api-types.ts'
import { engineClient } from '../../support/engine-client.ts'

const { signal } = new AbortController()
const raw = (status: string): RawContainerInspect => ({
  Id: 'c1',
  Name: '/web',
  Created: '2026-01-01T00:00:00Z',
  Image: 'sha256:i',
  State: { Status: status, ExitCode: 0 },
  Config: {},
})
const how = { force: false, stopFirst: false, volumes: false }

describe('removeContainer', () => {
  it('refuses a running one and says which', async () => {
    const client = engineClient({ inspectContainer: async () => raw('running') })
    await expect(removeContainer(client, 'c1', how, signal)).rejects.toMatchObject({ code: 'running', params: { name: 'web' } })
  })
  it('stops first when asked, and takes one that removed itself for removed', async () => {
    const stopContainer = vi.fn(async () => undefined)
    const client = engineClient({
      inspectContainer: async () => raw('running'),
      stopContainer,
      removeContainer: async () => {
        throw new NaruError('not-found', 'No such container')
      },
    })
    await removeContainer(client, 'c1', { ...how, stopFirst: true, graceSeconds: 3 }, signal)
    expect(stopContainer).toHaveBeenCalledWith('c1', 3, expect.anything())
  })
  it('forces without asking', async () => {
    const remove = vi.fn(async () => undefined)
    await removeContainer(engineClient({ removeContainer: remove }), 'c1', { ...how, force: true, volumes: true }, signal)
    expect(remove).toHaveBeenCalledWith('c1', { force: true, volumes: true }, expect.anything())
  })
})

describe('renameContainer', () => {
  it('names who has the name', async () => {
    const client = engineClient({
      renameContainer: async () => {
        throw new NaruError('name-in-use', 'Conflict', { detail: 'Conflict.' })
      },
      listContainers: async () => [{ Id: 'c9', Names: ['/db'], Image: '', ImageID: '', Created: 0, State: 'exited', Status: '' }],
    })
    await expect(renameContainer(client, 'c1', 'db', signal)).rejects.toMatchObject({ params: { holderId: 'c9', state: 'exited' } })
  })
  it.each(['', 'a b', '-x'])('refuses %j without asking the engine', async (name) => {
    await expect(renameContainer(engineClient(), 'c1', name, signal)).rejects.toMatchObject({ code: 'invalid-request' })
  })
})

describe('containerDetail', () => {
  it('fills what an engine leaves out', () => {
    expect(containerDetail(raw('exited'))).toMatchObject({ name: 'web', state: 'exited', ports: [], env: [], restartPolicy: { name: 'no' }, logsReadable: true })
  })
  it('shows the ports a stopped container will have', () => {
    const stopped: RawContainerInspect = {
      ...raw('exited'),
      Config: { ExposedPorts: { '80/tcp': {}, '443/tcp': {} } },
      HostConfig: { PortBindings: { '80/tcp': [{ HostIp: '', HostPort: '8080' }] }, LogConfig: { Type: 'none' } },
      NetworkSettings: { Ports: {} },
    }
    expect(containerDetail(stopped)).toMatchObject({
      ports: [{ containerPort: 80, hostIp: '0.0.0.0', hostPort: 8080 }, { containerPort: 443 }],
      logsReadable: false,
    })
  })
})
