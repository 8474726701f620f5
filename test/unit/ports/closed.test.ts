/** Published ports that are not open on this machine, from the provider to the row. */
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import type { PortMapping } from '../../../engine/contract/models.ts'
import { startContainer } from '../../../engine/containers/actions.ts'
import { explainClosed, followClosedPorts } from '../../../engine/ports/closed.ts'
import { withConflicts } from '../../../engine/ports/row-conflicts.ts'
import type { PortProblems } from '../../../engine/ports/row-conflicts.ts'
import type { ClosedPort } from '../../../engine/providers/provider.ts'
import { EMPTY_STATE, reduce } from '../../../engine/state/store.ts'
import { closedPorts, toneOf } from '../../../renderer/screens/Containers/state-words.ts'
import { portLinks } from '../../../renderer/screens/Ports/mapping.ts'
import { engineClient } from '../../support/engine-client.ts'
import { row } from '../../support/rows.ts'

const id = 'a'.repeat(64)
const at = (hostPort: number, hostIp = '127.0.0.1'): PortMapping => ({ containerPort: 80, protocol: 'tcp', hostIp, hostPort })
const closed = (hostPort: number, code: string, hostIp = '127.0.0.1'): ClosedPort => ({ containerId: id, hostIp, hostPort, protocol: 'tcp', code })
const web = (port: number) => row({ id, name: 'web', ports: [at(port)] })
const held: PortProblems = new Map([[id, [{ hostIp: '127.0.0.1', hostPort: 8080, protocol: 'tcp', conflict: { kind: 'held', running: true, holder: { kind: 'process', pid: 7, name: 'nginx' } } }]]])

async function holder() {
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return { port: (server.address() as AddressInfo).port, close: () => new Promise((resolve) => server.close(resolve)) }
}

describe('a port that is not open here', () => {
  it('is explained by who holds it, never by its own container, with the next free one', async () => {
    const { port, close } = await holder()
    const problems = await explainClosed([closed(port, 'EADDRINUSE')], { rows: [web(port)] }, new AbortController().signal)
    expect(problems.get(id)).toEqual([{ hostIp: '127.0.0.1', hostPort: port, protocol: 'tcp', conflict: { kind: 'held', running: true, holder: expect.objectContaining({ kind: 'process', pid: process.pid }), nearestFree: expect.any(Number) } }])
    await close()
  })

  it('is explained by rights and by addresses as well', async () => {
    const problems = await explainClosed([closed(80, 'EACCES'), closed(81, 'EADDRNOTAVAIL', '192.0.2.9')], { rows: [] }, new AbortController().signal)
    const [denied, gone] = problems.get(id) ?? []
    expect(denied?.conflict).toMatchObject({ kind: 'denied', running: true })
    expect(denied?.conflict.nearestFree ?? 0).toBeGreaterThanOrEqual(8_080)
    expect(gone?.conflict).toEqual({ kind: 'address-gone', running: true })
  })

  it('is told at every change, and that all is well again once', async () => {
    let now: readonly ClosedPort[] = []
    let change = (): void => undefined
    const told: number[] = []
    const over = new AbortController()
    const states = { closed: () => now, onChange: (listener: () => void) => ((change = listener), () => undefined) }
    const following = followClosedPorts(states, { context: () => ({ rows: [] }), tell: (problems) => told.push(problems.size), log: () => undefined, signal: over.signal })
    now = [closed(81, 'EADDRNOTAVAIL')]
    change()
    await expect.poll(() => told).toEqual([1])
    now = []
    change()
    await expect.poll(() => told).toEqual([1, 0])
    over.abort()
    await following
  })

  it('is on the row whichever comes first, the list or the problem, and goes with it', () => {
    const list = { type: 'containers', answer: { sequence: 1, rows: [web(8080)] } } as const
    const first = reduce(reduce(EMPTY_STATE, list).state, { type: 'ports', problems: held })
    const second = reduce(reduce(EMPTY_STATE, { type: 'ports', problems: held }).state, list)
    for (const { state, change } of [first, second]) {
      expect(state.containers.rows.get(id)?.ports[0]?.conflict).toMatchObject({ kind: 'held' })
      expect(change?.containers.upsert).toHaveLength(1)
      // A list that says the same changes nothing.
      expect(reduce(state, { ...list, answer: { ...list.answer, sequence: 2 } }).change).toBeNull()
      expect(reduce(state, { type: 'ports', problems: new Map() }).state.containers.rows.get(id)).toEqual(web(8080))
    }
  })

  it('says nothing of a container that does not run', () => {
    const stopped = { ...web(8080), state: 'exited' as const }
    expect(withConflicts(stopped, held)).toBe(stopped)
  })

  it('is no link, and the row needs attention', () => {
    const shown = withConflicts(row({ id, ports: [at(8080), at(8081)] }), held)
    expect(portLinks(shown.ports).map(({ url }) => url)).toEqual(['', 'http://127.0.0.1:8081'])
    expect(closedPorts(shown)).toEqual([8080])
    expect(toneOf(shown)).toBe('warn')
  })

  it('keeps a container from being started where the engine itself would not notice', async () => {
    const { port, close } = await holder()
    const started: string[] = []
    const client = engineClient({
      inspectContainer: async () => ({ Id: id, Name: '/web', Created: '', Image: '', State: { Status: 'exited', ExitCode: 0 }, Config: {}, HostConfig: { PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: String(port) }] } } }),
      startContainer: async (which: string) => void started.push(which),
    })
    const start = (checkPorts: boolean) => startContainer(client, id, { readRows: async () => [], portContext: (rows) => ({ rows }), checkPorts }, new AbortController().signal)
    await expect(start(true)).rejects.toMatchObject({ code: 'port-in-use', params: { port, pid: process.pid } })
    expect(started).toEqual([])
    await start(false)
    expect(started).toEqual([id])
    await close()
  })
})
