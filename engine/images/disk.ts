/** Disk usage as `docker system df` counts it. Pure. Source of the sums: docker/cli, cli/command/formatter/disk_usage.go */
import type { DiskUsage, StackSums } from '../contract/models.ts'
import type { RawDiskUsage } from '../docker/api-types.ts'
import { imageIdOf } from '../state/normalise.ts'

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + Math.max(0, number), 0)
const ALIVE: ReadonlySet<string> = new Set(['running', 'paused', 'restarting'])

/** @param sums sharing as Naru counts it, for engines that tell no sum of their layers */
export function diskUsage(raw: RawDiskUsage, sums?: StackSums): DiskUsage {
  const images = raw.Images ?? []
  const containers = raw.Containers ?? []
  const volumes = raw.Volumes ?? []
  const cache = raw.BuildCache ?? []
  const shared = ({ Id, SharedSize = -1 }: { Id: string; SharedSize?: number }) => sums?.images[imageIdOf(Id)]?.sharedBytes ?? SharedSize
  const own = (image: { Id: string; Size?: number; SharedSize?: number }) => (image.Size ?? 0) - Math.max(0, shared(image))
  const imagesBytes = sums?.totalBytes ?? (raw.LayersSize || sum(images.map(own)))
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
      images.flatMap((image) => (shared(image) >= 0 ? [[imageIdOf(image.Id), shared(image)]] : [])),
    ),
    writableByContainer: Object.fromEntries(containers.flatMap(({ Id, SizeRw }) => (SizeRw === undefined ? [] : [[Id, SizeRw]]))),
  }
}
