import { describe, expect, it } from 'vitest'
import { diskUsage } from '../../../engine/images/disk.ts'

describe('diskUsage', () => {
  it('counts as docker does', () => {
    const usage = diskUsage({
      LayersSize: 100,
      Images: [
        { Id: 'sha256:a', Size: 70, SharedSize: 30, Containers: 1 },
        { Id: 'sha256:b', Size: 60, SharedSize: 30, Containers: 0 },
      ],
      Containers: [{ Id: 'c1', SizeRw: 5, State: 'running' }, { Id: 'c2', SizeRw: 7, State: 'exited' }, { Id: 'c3' }],
      Volumes: [{ Name: 'v1', UsageData: { Size: 11, RefCount: 0 } }, { Name: 'v2', UsageData: { Size: 13, RefCount: 2 } }, { Name: 'v3', UsageData: { Size: -1, RefCount: -1 } }],
      BuildCache: [{ Size: 17, InUse: false, Shared: false }, { Size: 19, InUse: true, Shared: false }, { Size: 23, Shared: true }],
    })
    expect(usage).toEqual({
      imagesBytes: 100,
      containersBytes: 12,
      volumesBytes: 24,
      buildCacheBytes: 36,
      // 100 - (70 - 30) of images, 7 of stopped containers, 11 of unused volumes, 17 of unused cache
      reclaimableBytes: 60 + 7 + 11 + 17,
      sharedByImage: { 'sha256:a': 30, 'sha256:b': 30 },
      writableByContainer: { c1: 5, c2: 7 },
    })
  })
  it('makes do with what Podman tells', () => {
    const usage = diskUsage({ LayersSize: 0, Images: [{ Id: 'ab'.repeat(32), Size: 70, SharedSize: 0 }], Containers: null, Volumes: null, BuildCache: null })
    expect(usage).toMatchObject({ imagesBytes: 70, reclaimableBytes: 70, sharedByImage: { [`sha256:${'ab'.repeat(32)}`]: 0 } })
  })
  it('takes the sharing it is given over what the engine says', () => {
    const id = `sha256:${'ab'.repeat(32)}`
    const sums = { images: { [id]: { uniqueBytes: 20, sharedBytes: 50, platform: 'linux/amd64' } }, layerCount: 3, totalBytes: 90, sharedBytes: 50, uniqueBytes: 40, apparentBytes: 140 }
    const usage = diskUsage({ LayersSize: 0, Images: [{ Id: 'ab'.repeat(32), Size: 70, SharedSize: 0, Containers: 1 }] }, sums)
    expect(usage).toMatchObject({ imagesBytes: 90, reclaimableBytes: 70, sharedByImage: { [id]: 50 } })
  })
})
