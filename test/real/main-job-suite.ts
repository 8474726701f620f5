/** The main job on an engine that Naru brings: find, run offline, see it answer, read its log, stop, remove. */
import { expect } from 'vitest'
import { until } from '../fake-dockerd/harness.ts'
import { allCases } from '../support/cases.ts'
import type { Cases } from '../support/cases.ts'
import type { EngineRoom, Page } from '../support/engine-room.ts'

const MINUTE = 60_000

export interface MainJob {
  readonly room: () => EngineRoom
  /** A page that watches the state. */
  readonly page: () => Page
  readonly engineId: string
}

export function mainJobSuite({ room, page, engineId }: MainJob, it: Cases = allCases): void {
  it('finds the welcome image in a fresh engine', async () => {
    await until('the welcome image', () => [...page().images.values()].some(({ tags }) => tags.includes('naru/welcome:latest')), MINUTE)
    const [image] = [...page().images.values()]
    const detail = await room().link.call('images.inspect', { engineId, id: image?.id ?? '' })
    expect(detail.exposedPorts).toEqual([{ port: 80, protocol: 'tcp' }])
    expect(detail.layers.map(({ instruction, diffId }) => [instruction.split(' ')[0], diffId !== ''])).toEqual([
      ['COPY', true],
      ['COPY', true],
      ['COPY', true],
      ['ENV', false],
      ['EXPOSE', false],
      ['CMD', false],
    ])
  }, 2 * MINUTE)

  it('runs it offline, shows its page and its log, stops and removes it', async () => {
    const row = await room().run('welcome.run', { engineId })
    expect(row).toMatchObject({ status: 'succeeded', subject: 'naru-welcome' })
    const { containerId, hostPort } = row.result as { containerId: string; hostPort: number }
    expect(row.command).toBe(`docker run -d --name naru-welcome -p 127.0.0.1:${hostPort}:80 --pull never naru/welcome:latest`)
    expect(await (await fetch(`http://127.0.0.1:${hostPort}/`)).text()).toContain('<html')
    await until('the running row', () => page().containers.get(containerId)?.state === 'running')

    const { ports } = await room().link.call('ports.probe', { engineId })
    expect(ports).toMatchObject([{ containerName: 'naru-welcome', reachability: 'reachable', http: true, mapping: { hostPort } }])
    for await (const stats of room().link.stream('stats.watch', { engineId, ids: [containerId] })) {
      expect(stats.memoryBytes).toBeGreaterThan(0)
      break
    }

    const { viewId } = await room().link.call('logs.open', { engineId, containerIds: [containerId], tail: 100 })
    for await (const state of room().link.stream('logs.watch', { viewId })) if (state.endLine > 0) break
    const window = await room().link.call('logs.window', { viewId, from: 0, count: 10 })
    expect(new TextDecoder().decode(window.text).length).toBeGreaterThan(0)
    await room().link.call('logs.close', { viewId })

    expect(await room().run('welcome.run', { engineId })).toMatchObject({ status: 'succeeded', result: { containerId, hostPort } })
    const refused = await room().run('containers.remove', { engineId, id: containerId, force: false, stopFirst: false, volumes: false })
    expect(refused).toMatchObject({ status: 'failed', error: { code: 'running', params: { name: 'naru-welcome' } } })
    expect(await room().run('images.remove', { engineId, reference: 'naru/welcome:latest', force: false })).toMatchObject({
      status: 'failed',
      error: { code: 'in-use', params: { holders: ['naru-welcome'] } },
    })
    expect(await room().run('containers.stop', { engineId, id: containerId, graceSeconds: 1 })).toMatchObject({ status: 'succeeded' })
    await until('the stopped row', () => page().containers.get(containerId)?.state === 'exited')
    expect(await room().run('welcome.run', { engineId })).toMatchObject({ status: 'succeeded', result: { containerId } })
    expect(await room().run('containers.remove', { engineId, id: containerId, force: false, stopFirst: true, volumes: true })).toMatchObject({ status: 'succeeded' })
    await until('the row gone', () => !page().containers.has(containerId))
  }, 2 * MINUTE)
}
