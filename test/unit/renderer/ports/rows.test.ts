import { describe, expect, it } from 'vitest'
import type { HostListener, PlannedPort, PortHolder, PortMapping } from '../../../../engine/contract/models.ts'
import { filterRows, NO_FILTER, portRows } from '../../../../renderer/screens/Ports/rows.ts'
import { askedOf } from '../../../../renderer/screens/Run/use-port-checks.ts'
import { row } from '../../../support/rows.ts'

const mapping = (hostPort: number, hostIp = '127.0.0.1'): Required<PortMapping> => ({ containerPort: 80, protocol: 'tcp', hostIp, hostPort })
const web = row({ id: 'w', name: 'web', ports: [mapping(8080, '0.0.0.0'), mapping(8080, '::')] })
const idle = row({ id: 'i', name: 'idle', state: 'exited', ports: [] })
const nginx: PortHolder = { kind: 'process', pid: 7, name: 'nginx' }
const listens = (port: number, ip: string, holder: PortHolder): HostListener => ({ protocol: 'tcp', ip, port, holder })

function rows(listeners: readonly HostListener[], planned: readonly PlannedPort[] = [], containers = [web, idle]) {
  return portRows({ containers, listeners, plannedOf: (id) => planned.filter((each) => each.containerId === id), probed: () => undefined })
}

describe('portRows', () => {
  it('is one row for a published port, whatever listens for it', () => {
    const own = { kind: 'container', containerId: 'w', name: 'web' } as const
    expect(rows([listens(8080, '0.0.0.0', own), listens(8080, '::', own)])).toMatchObject([{ port: 8080, group: 'container', inside: 80, exposed: true }])
  })
  it('is one row for a program on both families, and says that others reach it', () => {
    const [program] = rows([listens(80, '0.0.0.0', nginx), listens(80, '::', nginx)]).filter(({ group }) => group === 'program')
    expect(program).toMatchObject({ port: 80, ips: ['0.0.0.0', '::'], exposed: true, holder: { name: 'nginx' } })
    expect(rows([listens(81, '127.0.0.1', nginx), listens(82, '10.0.0.1', nginx)]).map(({ port, exposed }) => [port, exposed])).toEqual([[8080, true], [81, false], [82, true]])
  })
  it("shows a container in the host's network as that container, and one of another engine by its name", () => {
    const host = rows([listens(9000, '0.0.0.0', { kind: 'container', containerId: 'w', name: 'web', pid: 3 }), listens(9001, '0.0.0.0', { kind: 'container', containerId: 'x', name: 'db', engineId: 'b' })])
    expect(host.slice(1)).toMatchObject([{ group: 'container', container: { name: 'web' }, port: 9000 }, { group: 'container', holder: { name: 'db', engineId: 'b' } }])
    expect(host[1]?.inside).toBeUndefined()
  })
  it('shows what a container that does not run would publish, with what is in the way', () => {
    const conflict = { kind: 'held', holder: nginx, nearestFree: 9091 } as const
    const found = rows([], [{ containerId: 'i', mapping: mapping(9090), conflict }, { containerId: 'i', mapping: mapping(9100) }])
    expect(found.slice(1)).toMatchObject([
      { port: 9090, group: 'conflict', conflict, url: '', reach: { key: 'not-running' } },
      { port: 9100, group: 'container', url: '' },
    ])
  })
  it('joins the two halves of a port for everybody, a conflict of either half included', () => {
    const conflict = { kind: 'held', holder: nginx } as const
    const found = rows([], [{ containerId: 'i', mapping: mapping(80, '0.0.0.0') }, { containerId: 'i', mapping: mapping(80, '::'), conflict }], [idle])
    expect(found).toMatchObject([{ port: 80, conflict }])
  })
  it('has an id of its own for each row', () => {
    const all = rows([listens(80, '0.0.0.0', nginx), listens(80, '127.0.0.1', { kind: 'process', pid: 8, name: 'x' }), listens(81, '0.0.0.0', nginx), { ...listens(80, '0.0.0.0', nginx), protocol: 'udp' }])
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
  })
})

describe('filterRows', () => {
  const conflict = { kind: 'rivals', rivals: [] } as const
  const all = rows([listens(22, '0.0.0.0', nginx)], [{ containerId: 'i', mapping: mapping(9090), conflict }])
  const ports = (filter: Partial<typeof NO_FILTER>) => filterRows(all, { ...NO_FILTER, ...filter }, ({ port, holder }) => `${port} ${holder?.name ?? ''}`).map(({ port }) => port)
  it.each([
    [{}, [8080, 9090, 22]],
    [{ containers: true }, [8080, 9090]],
    [{ programs: true }, [22]],
    [{ programs: true, containers: true }, [8080, 9090, 22]],
    [{ exposed: true }, [8080, 22]],
    [{ exposed: true, programs: true }, [22]],
    [{ conflicts: true }, [9090]],
    [{ words: 'NGINX' }, [22]],
    [{ words: '90 80' }, []],
  ])('%j', (filter, expected) => {
    expect(ports(filter)).toEqual(expected)
  })
})

describe('askedOf', () => {
  it.each([
    ['8080', '80', { hostPort: 8080 }],
    [' 8080 ', '', { hostPort: 8080 }],
    ['8080-8082', '80-82', { hostPort: 8080, lastPort: 8082 }],
    ['8080-8082', '80', { hostPort: 8080, lastPort: 8082, anyOne: true }],
    ['8080-8080', '80', { hostPort: 8080 }],
    ['8082-8080', '80', null],
    ['0', '80', null],
    ['70000', '80', null],
    ['80-70000', '80', null],
    ['', '80', null],
    ['http', '80', null],
  ])('%j for %j', (hostPort, containerPort, expected) => {
    expect(askedOf({ hostPort, containerPort })).toEqual(expected)
  })
})
