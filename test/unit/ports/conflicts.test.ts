import { describe, expect, it, vi } from 'vitest'
import type { HostListener, PlannedPort, PortMapping } from '../../../engine/contract/models.ts'
import type { RawContainerInspect } from '../../../engine/docker/api-types.ts'
import { conflictsOf } from '../../../engine/ports/conflicts.ts'
import type { BindAnswer } from '../../../engine/ports/host-ports.ts'
import { createPlannedPorts } from '../../../engine/ports/planned.ts'
import { row } from '../../support/rows.ts'

const id = (letter: string) => letter.repeat(64)
const mapping = (hostPort: number, hostIp = '0.0.0.0', protocol: PortMapping['protocol'] = 'tcp'): Required<PortMapping> => ({ containerPort: 80, protocol, hostIp, hostPort })
const plan = (letter: string, ...rest: Parameters<typeof mapping>): PlannedPort => ({ containerId: id(letter), mapping: mapping(...rest) })
const nginx = (port: number, ip = '0.0.0.0', protocol: PortMapping['protocol'] = 'tcp'): HostListener => ({ protocol, ip, port, holder: { kind: 'process', pid: 123, name: 'nginx' } })
const stopped = [row({ id: id('a'), name: 'web', state: 'exited' }), row({ id: id('b'), name: 'old', state: 'created' })]

function conflicts(planned: readonly PlannedPort[], listeners: readonly HostListener[] = [], { rows = stopped, tried = 'unknown' as BindAnswer } = {}) {
  const occupied = { rows, listeners, addresses: new Set(['10.0.0.5']) }
  return conflictsOf(planned, rows, occupied, () => tried).map(({ conflict }) => conflict)
}

describe('conflictsOf', () => {
  it('leaves what can be started alone', () => {
    expect(conflicts([plan('a', 8080)], [nginx(8081), nginx(8080, '0.0.0.0', 'udp')])).toEqual([undefined])
    expect(conflicts([plan('a', 8080, '127.0.0.1')], [nginx(8080, '127.0.0.2')])).toEqual([undefined])
  })
  it('names the program that holds the port, and the next one nobody holds or wants', () => {
    const found = conflicts([plan('a', 8080), plan('b', 8082)], [nginx(8080), nginx(8081, '127.0.0.1')])
    expect(found).toEqual([{ kind: 'held', holder: { kind: 'process', pid: 123, name: 'nginx' }, nearestFree: 8083 }, undefined])
  })
  it('names the running container that holds it, seen by the system or not', () => {
    const rows = [...stopped, row({ id: id('c'), name: 'shop', ports: [mapping(8080)] })]
    expect(conflicts([plan('a', 8080, '127.0.0.1')], [], { rows })).toMatchObject([{ kind: 'held', holder: { kind: 'container', name: 'shop' }, nearestFree: 8081 }])
  })
  it('sees that a listener on one address is in the way of all, and the other way round', () => {
    expect(conflicts([plan('a', 80, '')], [nginx(80, '::1')])).toMatchObject([{ kind: 'held' }])
    expect(conflicts([plan('a', 80, '127.0.0.1')], [nginx(80)])).toMatchObject([{ kind: 'held' }])
  })
  it('believes binding where a listener on :: leaves it open', () => {
    expect(conflicts([plan('a', 80)], [nginx(80, '::')], { tried: 'free' })).toEqual([undefined])
    expect(conflicts([plan('a', 80)], [nginx(80, '::')], { tried: 'taken' })).toMatchObject([{ holder: { name: 'nginx' } }])
    expect(conflicts([plan('a', 80)], [], { tried: 'taken' })).toMatchObject([{ kind: 'held', holder: { kind: 'unknown' } }])
  })
  it('names containers that want the same port: only one of them can run', () => {
    expect(conflicts([plan('a', 8080), plan('b', 8080)])).toEqual([
      { kind: 'rivals', rivals: [{ containerId: id('b'), name: 'old' }], nearestFree: 8081 },
      { kind: 'rivals', rivals: [{ containerId: id('a'), name: 'web' }], nearestFree: 8081 },
    ])
    expect(conflicts([plan('a', 8080), plan('b', 8080, '::')])).toEqual([undefined, undefined])
  })
  it('is no rival of itself', () => {
    expect(conflicts([plan('a', 8080, '0.0.0.0'), plan('a', 8080, '')])).toEqual([undefined, undefined])
  })
  it('tells an address this machine has no longer', () => {
    expect(conflicts([plan('a', 8080, '192.168.1.7'), plan('b', 8080, '10.0.0.5')])).toEqual([{ kind: 'address-gone' }, undefined])
    expect(conflicts([plan('a', 80, '127.0.0.9'), plan('b', 80, '::1')])).toEqual([undefined, undefined])
  })
})

describe('createPlannedPorts', () => {
  const inspected = (bindings: Record<string, readonly { HostIp?: string; HostPort?: string }[]>): RawContainerInspect => ({
    Id: id('a'), Name: '/a', Created: '', Image: '', State: { Status: 'exited', ExitCode: 0 }, Config: {}, HostConfig: { PortBindings: bindings },
  })

  it('asks about each container that does not run once, and forgets those that are gone', async () => {
    const inspect = vi.fn(async () => inspected({ '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '8080' }], '53/udp': [{ HostPort: '' }, { HostPort: '8000-8010' }] }))
    const planned = createPlannedPorts()
    const expected = [{ containerId: id('a'), mapping: mapping(8080, '127.0.0.1') }]
    const [one] = stopped
    if (!one) throw new Error('no row')
    expect(await planned.of('e', [one], inspect)).toEqual(expected)
    // While it runs it holds its ports itself; stopped again nothing is asked anew.
    expect(await planned.of('e', [{ ...one, state: 'running' }], inspect)).toEqual([])
    expect(await planned.of('e', [one], inspect)).toEqual(expected)
    expect(inspect).toHaveBeenCalledTimes(1)
    await planned.of('e', [], inspect)
    await planned.of('e', [one], inspect)
    await planned.of('other', [one], inspect)
    expect(inspect).toHaveBeenCalledTimes(3)
  })

  it('passes over one that cannot be inspected, and asks again', async () => {
    const planned = createPlannedPorts()
    const inspect = vi.fn(async () => Promise.reject(new Error('gone')))
    expect(await planned.of('e', stopped, inspect)).toEqual([])
    await planned.of('e', stopped, inspect)
    expect(inspect).toHaveBeenCalledTimes(4)
  })

  it('spends no more than its time on many, and goes on with the next question', async () => {
    let now = 0
    const planned = createPlannedPorts(() => now)
    const many = Array.from({ length: 50 }, (_, n) => row({ id: String(n).padStart(64, '0'), state: 'exited' }))
    const inspect = vi.fn(async () => {
      now += 500
      return inspected({})
    })
    await planned.of('e', many, inspect)
    const first = inspect.mock.calls.length
    expect(first).toBeLessThan(20)
    while (inspect.mock.calls.length < 50) await planned.of('e', many, inspect)
    expect(new Set(inspect.mock.calls.map(String)).size).toBe(50)
  })
})
