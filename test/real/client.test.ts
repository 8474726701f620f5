import { describe, expect, it } from 'vitest'
import { computeStats } from '../../engine/containers/stats.ts'
import { watchStats } from '../../engine/containers/stats-stream.ts'
import { formatBytes, formatMemory } from '../../engine/contract/units.ts'
import { createMirror } from '../../engine/state/sync.ts'
import { dockerOf } from '../e2e/support/daemon.ts'
import { until } from '../fake-dockerd/harness.ts'
import { hasBusybox } from '../support/busybox-image.ts'
import { canRunDockerd, startDockerd } from '../support/real-engine.ts'
import { clientSuite } from './client-suite.ts'

describe.skipIf(!canRunDockerd || !hasBusybox)('Docker (needs root, dockerd, containerd, busybox-static)', () => {
  const suite = clientSuite(startDockerd)

  it('can do everything', () => {
    expect(suite.client().capabilities).toMatchObject({ pause: true, limits: true, stats: true, update: true, buildkit: true, swarm: true, distribution: true })
  })

  it('figures are those of docker stats', async () => {
    const client = suite.client()
    const docker = dockerOf(suite.engine().socketPath)
    const cli = async (name: string): Promise<Record<string, string>> =>
      JSON.parse(await docker('stats', '--no-stream', '--format', '{{json .}}', name)) as Record<string, string>
    const still = await suite.create('still', 'sleep 300', { Memory: 64 * 1024 ** 2, PidsLimit: 50 })
    await client.startContainer(still)
    // A sample that stays as it is says what the CLI says.
    await expect.poll(async () => {
      const before = computeStats(await client.statsOnce(still))
      const told = await cli('still')
      const after = computeStats(await client.statsOnce(still))
      const words = ({ memoryBytes, memoryLimitBytes, pids, network }: typeof after) => [
        `${formatMemory(memoryBytes ?? 0)} / ${formatMemory(memoryLimitBytes)}`, String(pids), `${formatBytes(network?.inBytes ?? 0, 3)} / ${formatBytes(network?.outBytes ?? 0, 3)}`,
      ]
      if (words(before).join() !== words(after).join()) return false
      expect([told['MemUsage'], told['PIDs'], told['NetIO']]).toEqual(words(after))
      return true
    }, { timeout: 30_000 }).toBe(true)
    const burner = await suite.create('burner', 'while :; do :; done', { NetworkMode: 'none', NanoCpus: 5e8 })
    await client.startContainer(burner)
    let told = Number.NaN
    let own = Number.NaN
    const stop = new AbortController()
    const reading = (async () => {
      for await (const { cpuPercent } of watchStats(client, [burner], stop.signal, 'live')) own = cpuPercent ?? Number.NaN
    })()
    // Both look back a second, at slightly other moments.
    await expect.poll(async () => {
      told = Number.parseFloat((await cli('burner'))['CPUPerc'] ?? '')
      return told > 20 && Math.abs(told - own) < 8
    }, { timeout: 60_000 }).toBe(true)
    stop.abort()
    await reading
    expect(own).toBeLessThan(75)
    for (const id of [still, burner]) await client.removeContainer(id, { force: true, volumes: true })
  }, 120_000)

  it('comes back after kill -9, containers and mirror included', async () => {
    const id = await suite.create('survivor', 'sleep 300')
    await suite.client().startContainer(id)
    const mirror = createMirror(suite.client(), { engineId: 'real', now: Date.now, log: () => undefined })
    await until('live', () => mirror.snapshot().sync === 'live')
    await suite.engine().kill()
    await until('stale', () => mirror.snapshot().sync === 'stale')
    expect(mirror.containers().get(id)?.state).toBe('running')
    await suite.engine().restart()
    await until('live again', () => mirror.snapshot().sync === 'live', 30_000)
    expect(mirror.containers().get(id)?.state).toBe('running')
    await mirror.stop()
  }, 60_000)
})
