import { describe, expect, it } from 'vitest'
import type { RunSpec } from '../../../engine/contract/models.ts'
import { createBody } from '../../../engine/containers/create-body.ts'
import { plainBody } from '../../support/docker-cli.ts'

const bare: RunSpec = { image: 'nginx', ports: [], env: [], volumes: [], restart: { name: 'no' }, autoRemove: false, pull: 'missing' }
const port = (containerPort: string, hostPort: string, hostIp = '') => ({ containerPort, hostPort, hostIp, protocol: 'tcp' }) as const

describe('createBody', () => {
  it('says the defaults of the docker CLI where nothing was asked for', () => {
    expect(plainBody(createBody(bare, 'nginx'))).toEqual({
      Image: 'nginx',
      HostConfig: { RestartPolicy: { Name: 'no' }, MemorySwappiness: -1, NetworkMode: 'default', ConsoleSize: [0, 0] },
      NetworkingConfig: { EndpointsConfig: { default: {} } },
    })
  })
  it('spreads ranges and gathers bindings of one port', () => {
    const { HostConfig, ExposedPorts } = createBody(
      { ...bare, ports: [port('80-81', '8080-8081', '127.0.0.1'), port('80', '9000'), port('443', '')] },
      'nginx',
    ) as { HostConfig?: { PortBindings: unknown }; ExposedPorts?: unknown } & ReturnType<typeof createBody>
    expect(HostConfig?.PortBindings).toEqual({
      '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '8080' }, { HostIp: '', HostPort: '9000' }],
      '81/tcp': [{ HostIp: '127.0.0.1', HostPort: '8081' }],
      '443/tcp': [{ HostIp: '', HostPort: '' }],
    })
    expect(ExposedPorts).toEqual({ '80/tcp': {}, '81/tcp': {}, '443/tcp': {} })
  })
  it('takes one host port on two addresses', () => {
    expect(() => createBody({ ...bare, ports: [port('80', '8080', '127.0.0.1'), port('81', '8080', '127.0.0.2'), port('82', '')] }, 'x')).not.toThrow()
  })
  it('tells bind, volume and anonymous volume apart', () => {
    const body = createBody(
      {
        ...bare,
        volumes: [
          { source: '/srv', target: '/data', readOnly: true },
          { source: 'cache', target: '/cache', readOnly: false },
          { source: '', target: '/scratch', readOnly: false },
          { source: '/odd:name', target: '/odd', readOnly: true },
        ],
      },
      'nginx',
    )
    expect(body).toMatchObject({
      Volumes: { '/scratch': {} },
      HostConfig: {
        Binds: ['/srv:/data:ro', 'cache:/cache'],
        Mounts: [{ Type: 'bind', Source: '/odd:name', Target: '/odd', ReadOnly: true }],
      },
    })
  })
  it.each<[string, Partial<RunSpec>, string]>([
    ['a name with a space', { name: 'my web' }, 'name'],
    ['a name of one letter', { name: 'w' }, 'name'],
    ['a port out of range', { ports: [port('80', '70000')] }, 'ports'],
    ['ranges of different length', { ports: [port('80-82', '8080-8081')] }, 'ports'],
    ['a host port asked for twice', { ports: [port('80', '8080', '127.0.0.1'), port('81', '8080')] }, 'ports'],
    ['no container port', { ports: [port('', '80')] }, 'ports'],
    ['an address that is none', { ports: [port('80', '80', '300.1.1.1')] }, 'ports'],
    ['a variable without a name', { env: [{ name: '', value: 'x' }] }, 'env'],
    ['a relative target', { volumes: [{ source: '/a', target: 'data', readOnly: false }] }, 'volumes'],
    ['a relative source', { volumes: [{ source: './a', target: '/data', readOnly: false }] }, 'volumes'],
    ['restart with remove', { autoRemove: true, restart: { name: 'always' } }, 'restart'],
  ])('refuses %s and names the field', (_title, change, field) => {
    expect(() => createBody({ ...bare, ...change }, 'nginx')).toThrowError(
      expect.objectContaining({ code: 'invalid-request', params: expect.objectContaining({ field }) as unknown }),
    )
  })
})
