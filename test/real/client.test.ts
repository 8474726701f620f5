import { describe, expect, it } from 'vitest'
import { createMirror } from '../../engine/state/sync.ts'
import { until } from '../fake-dockerd/harness.ts'
import { hasBusybox } from '../support/busybox-image.ts'
import { canRunDockerd, startDockerd } from '../support/real-engine.ts'
import { clientSuite } from './client-suite.ts'

describe.skipIf(!canRunDockerd || !hasBusybox)('Docker (needs root, dockerd, containerd, busybox-static)', () => {
  const suite = clientSuite(startDockerd)

  it('can do everything', () => {
    expect(suite.client().capabilities).toMatchObject({ pause: true, limits: true, stats: true, update: true, buildkit: true, swarm: true, distribution: true })
  })

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
