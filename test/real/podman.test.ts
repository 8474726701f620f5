import { describe, expect, it } from 'vitest'
import { hasBusybox } from '../support/busybox-image.ts'
import { canRunPodman, startPodman } from '../support/real-engine.ts'
import { clientSuite } from './client-suite.ts'

describe.skipIf(!canRunPodman || !hasBusybox)('Podman (needs root, podman, runc, busybox-static)', () => {
  const suite = clientSuite(startPodman)

  it('is known by what it cannot do', () => {
    const { capabilities, version } = suite.client()
    expect(version.product).toBe('Podman Engine')
    expect(capabilities).toMatchObject({ pause: true, stats: true, update: false, buildkit: false, swarm: false, distribution: false })
    expect(capabilities.notes).toEqual(['no-update', 'no-buildkit'])
  })
})
