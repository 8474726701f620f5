/** What a container that is there may reach, out of the engine's own answer. */
import { describe, expect, it } from 'vitest'
import type { ContainerDetail, MountInfo } from '../../../../engine/contract/models.ts'
import { MACHINE, exposureOf } from '../../../../renderer/screens/Run/exposure.ts'
import { findBinds, normalPath } from '../../../../renderer/screens/Run/exposed-paths.ts'

const detail = (HostConfig: object, mounts: readonly MountInfo[] = []): ContainerDetail => ({ mounts, raw: { HostConfig } }) as unknown as ContainerDetail
const found = (config: object, mounts: readonly MountInfo[] = [], place = MACHINE): unknown[] => exposureOf(detail(config, mounts), place).map(({ key, params }) => [key, ...Object.values(params)])
const mount = (source: string, readOnly = false, type = 'bind'): MountInfo => ({ type, source, target: '/x', readOnly })

describe('a container that is there', () => {
  it('may reach nothing worth a word with the engine’s defaults', () => {
    const config = { NetworkMode: 'bridge', IpcMode: 'private', PidMode: '', UTSMode: '', UsernsMode: '', CgroupnsMode: 'private', CapAdd: null, Devices: [], SecurityOpt: null, PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '8080' }] } }
    expect(found(config, [mount('/srv/data'), mount('/var/lib/docker/volumes/x/_data', false, 'volume')])).toEqual([])
  })

  it('is read from the engine’s answer: rights, namespaces, ports, devices, folders', () => {
    const config = {
      Privileged: true, NetworkMode: 'default', PidMode: 'host', IpcMode: 'host', UTSMode: 'host', UsernsMode: 'host', CgroupnsMode: 'host', PublishAllPorts: true,
      PortBindings: { '80/tcp': [{ HostIp: '', HostPort: '8080' }, { HostIp: '::1', HostPort: '8081' }], '53/udp': [{ HostIp: '0.0.0.0', HostPort: '53' }] },
      CapAdd: ['CAP_SYS_ADMIN', 'CAP_SYSLOG'], SecurityOpt: ['seccomp=unconfined'],
      Devices: [{ PathOnHost: '/dev/nvme0n1', PathInContainer: '/dev/x', CgroupPermissions: 'r' }, { PathOnHost: '/dev/kvm' }], DeviceCgroupRules: ['a *:* rwm'],
    }
    expect(found(config, [mount('/run/docker.sock', true)])).toEqual([
      ['privileged'], ['socket', '/run/docker.sock'], ['hostPid'], ['hostIpc'], ['hostUts'], ['hostUserns'], ['hostCgroup'], ['exposed', '8080:80, 0.0.0.0:53:53/udp'], ['publishAll'],
      ['capabilities', 'CAP_SYS_ADMIN'], ['reaching', 'CAP_SYSLOG'], ['unconfined', 'seccomp=unconfined'], ['disks', '/dev/nvme0n1'], ['devices', '/dev/kvm'], ['deviceRules', 'a *:* rwm'],
    ])
  })

  it('is not told to have the control groups that every container of its engine has', () => {
    expect(found({ CgroupnsMode: 'host' }, [], { ...MACHINE, ownCgroups: false })).toEqual([])
  })

  it('is not told that labels are off where the engine does that by itself', () => {
    expect(found({ PidMode: 'host', SecurityOpt: ['label=disable'] })).toEqual([['hostPid']])
    expect(found({ SecurityOpt: ['label=disable'] })).toEqual([['unconfined', 'label=disable']])
  })

  it('survives an answer that says nothing', () => {
    for (const raw of [null, 7, 'x', {}, { HostConfig: [] }, { HostConfig: { PortBindings: 3, Devices: 'x', CapAdd: {} } }]) expect(exposureOf({ mounts: [], raw } as unknown as ContainerDetail, MACHINE)).toEqual([])
  })
})

describe('a folder of the host', () => {
  it.each([['/', '/'], ['//', '/'], ['/a/./b/../c/', '/a/c'], ['/../etc', '/etc'], ['/a/..', '/']])('%s is %s', (path, normal) => expect(normalPath(path)).toBe(normal))
  it('is told once, and by the name it was given', () => {
    expect(findBinds([{ path: '/etc/', readOnly: false }, { path: '/etc/', readOnly: false }, { path: '/srv/etc', readOnly: false }])).toEqual([{ key: 'system', path: '/etc/' }])
  })
})
