/** Disk usage as `docker system df` counts it. Pure. Source of the sums: docker/cli, cli/command/formatter/disk_usage.go */
import type { DiskUsage } from '../contract/models.ts'
import type { RawDiskUsage } from '../docker/api-types.ts'
import { imageIdOf } from '../state/normalise.ts'

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + Math.max(0, number), 0)
const ALIVE: ReadonlySet<string> = new Set(['running', 'paused', 'restarting'])

export function diskUsage(raw: RawDiskUsage): DiskUsage {
  const images = raw.Images ?? []
  const containers = raw.Containers ?? []
  const volumes = raw.Volumes ?? []
  const cache = raw.BuildCache ?? []
  const own = ({ Size = 0, SharedSize = 0 }: { Size?: number; SharedSize?: number }) => Size - Math.max(0, SharedSize)
  // Podman tells no LayersSize: shared bytes then count once for none of the images.
  const imagesBytes = raw.LayersSize || sum(images.map(own))
  const usedImages = sum(images.filter(({ Containers = 0 }) => Containers > 0).map(own))
  const reclaimable = [
    Math.max(0, imagesBytes - usedImages),
    sum(containers.filter(({ State = '' }) => !ALIVE.has(State)).map(({ SizeRw = 0 }) => SizeRw)),
    sum(volumes.filter(({ UsageData }) => UsageData?.RefCount === 0).map(({ UsageData }) => UsageData?.Size ?? 0)),
    sum(cache.filter(({ InUse, Shared }) => !InUse && !Shared).map(({ Size = 0 }) => Size)),
  ]
  return {
    imagesBytes,
    containersBytes: sum(containers.map(({ SizeRw = 0 }) => SizeRw)),
    volumesBytes: sum(volumes.map(({ UsageData }) => UsageData?.Size ?? 0)),
    buildCacheBytes: sum(cache.filter(({ Shared }) => !Shared).map(({ Size = 0 }) => Size)),
    reclaimableBytes: sum(reclaimable),
    sharedByImage: Object.fromEntries(
      images.flatMap(({ Id, SharedSize = -1 }) => (SharedSize >= 0 ? [[imageIdOf(Id), SharedSize]] : [])),
    ),
    writableByContainer: Object.fromEntries(containers.flatMap(({ Id, SizeRw }) => (SizeRw === undefined ? [] : [[Id, SizeRw]]))),
  }
}
