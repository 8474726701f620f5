import { describe, expect, it } from 'vitest'
import { attribute } from '../../../engine/ports/holders.ts'
import type { Machine } from '../../../engine/ports/holders.ts'
import type { Listener } from '../../../engine/ports/proc-net.ts'
import type { SocketOwner } from '../../../engine/ports/socket-owners.ts'
import { targetOf } from '../../../engine/ports/socket-owners.ts'
import { parseUsers } from '../../../engine/ports/users.ts'
import { row } from '../../support/rows.ts'

const listener = (port: number, more: Partial<Listener> = {}): Listener => ({ protocol: 'tcp', ip: '0.0.0.0', port, inode: port, uid: 0, ...more })
const owner = (name: string, more: Partial<SocketOwner> = {}): SocketOwner => ({ pid: 7, name, command: '', ...more })
const web = row({ ports: [{ containerPort: 80, protocol: 'tcp', hostIp: '0.0.0.0', hostPort: 8080 }] })

function holders(listeners: readonly Listener[], more: Partial<Machine> = {}) {
  const machine: Machine = { engineId: 'a', rows: [web], others: [], owners: new Map(), users: new Map([[0, 'root'], [33, 'www-data']]), ...more }
  return attribute(listeners, machine).map(({ holder }) => holder)
}

describe('attribute', () => {
  it("gives a proxy's port to its container, of this engine or another", () => {
    const owners = new Map([[8080, owner('docker-proxy')], [9090, owner('docker-proxy')]])
    const other = row({ id: 'd'.repeat(64), name: 'db', ports: [{ containerPort: 80, protocol: 'tcp', hostIp: '0.0.0.0', hostPort: 9090 }] })
    expect(holders([listener(8080), listener(9090)], { owners, others: [{ engineId: 'b', rows: [other] }] })).toEqual([
      { kind: 'container', containerId: web.id, name: 'web' },
      { kind: 'container', containerId: other.id, name: 'db', engineId: 'b' },
    ])
  })
  it('gives the port to its container where the process may not be looked at', () => {
    expect(holders([listener(8080)])).toMatchObject([{ kind: 'container', name: 'web' }])
  })
  it('does not give a container what another program visibly holds, nor the port of another protocol', () => {
    expect(holders([listener(8080)], { owners: new Map([[8080, owner('nginx')]]) })).toEqual([{ kind: 'process', pid: 7, name: 'nginx' }])
    expect(holders([listener(8080, { protocol: 'udp' })])).toEqual([{ kind: 'unknown', name: '', user: 'root' }])
  })
  it('takes a dual-stack proxy for that of the IPv4 port', () => {
    expect(holders([listener(8080, { ip: '::' })], { owners: new Map([[8080, owner('conmon')]]) })).toMatchObject([{ kind: 'container', name: 'web' }])
  })
  it("knows a container in the host's network by its process, and tells where a stranger's proxy leads", () => {
    const owners = new Map([
      [80, owner('nginx', { containerId: web.id, command: 'nginx: master' })],
      [81, owner('docker-proxy', { target: '172.18.0.2:80' })],
    ])
    expect(holders([listener(80), listener(81)], { owners })).toEqual([
      { kind: 'container', containerId: web.id, name: 'web', pid: 7 },
      { kind: 'process', pid: 7, name: 'docker-proxy', target: '172.18.0.2:80' },
    ])
  })
  it('tells whose it is when nobody may look, by number if need be', () => {
    expect(holders([listener(1, { uid: 33 }), listener(2, { uid: 4711 })])).toMatchObject([{ user: 'www-data' }, { user: '4711' }])
  })
  it('is one line for the sockets of one program on one address', () => {
    const owners = new Map([[1, owner('nginx')], [2, owner('nginx')]])
    expect(holders([listener(80, { inode: 1 }), listener(80, { inode: 2 })], { owners })).toHaveLength(1)
    expect(holders([listener(80, { inode: 1 }), listener(80, { inode: 2, ip: '::' })], { owners })).toHaveLength(2)
  })
})

describe('targetOf', () => {
  it('reads where a docker-proxy leads, as both generations write it', () => {
    expect(targetOf(['/usr/bin/docker-proxy', '-proto', 'tcp', '-host-ip', '0.0.0.0', '-host-port', '8080', '-container-ip', '172.17.0.2', '-container-port', '80'])).toBe('172.17.0.2:80')
    expect(targetOf(['docker-proxy', '--container-ip', 'fd00::2', '--container-port', '53'])).toBe('fd00::2:53')
    expect(targetOf(['docker-proxy', '-proto', 'tcp'])).toBeUndefined()
    expect(targetOf(['nginx', '-container-ip', '1.2.3.4', '-container-port', '80'])).toBeUndefined()
  })
})

describe('parseUsers', () => {
  it('takes the first name of a number', () => {
    expect([...parseUsers('root:x:0:0::/root:/bin/sh\ntoor:x:0:0::/root:/bin/sh\n# no\nbad:x:y:0\nme:x:1000:1000::/:/bin/sh\n')]).toEqual([[0, 'root'], [1000, 'me']])
  })
})
