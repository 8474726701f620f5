/** The builder's cache as the engine lists it. Pure. Sums as `docker system df` makes them. */
import type { BuildCache, BuildCacheEntry } from '../contract/models.ts'
import type { RawBuildCache, RawDiskUsage } from '../docker/api-types.ts'

export function buildCache(raw: RawDiskUsage, supported: boolean): BuildCache {
  const entries = (raw.BuildCache ?? []).map(entryOf).sort((a, b) => b.bytes - a.bytes || (a.id < b.id ? -1 : 1))
  const sum = (some: readonly BuildCacheEntry[]): number => some.reduce((total, { bytes }) => total + bytes, 0)
  const own = entries.filter(({ shared }) => !shared)
  return { entries, totalBytes: sum(own), reclaimableBytes: sum(own.filter(({ inUse }) => !inUse)), supported }
}

function entryOf(raw: RawBuildCache): BuildCacheEntry {
  const time = (text: string | null | undefined): number | undefined => {
    const at = Date.parse(text ?? '')
    // Go's zero time stands for "never".
    return at > 0 ? at : undefined
  }
  const createdAt = time(raw.CreatedAt)
  const lastUsedAt = time(raw.LastUsedAt)
  return {
    id: raw.ID ?? '',
    type: raw.Type ?? '',
    description: raw.Description ?? '',
    bytes: Math.max(0, raw.Size ?? 0),
    inUse: raw.InUse ?? false,
    shared: raw.Shared ?? false,
    usageCount: raw.UsageCount ?? 0,
    parents: raw.Parents ?? (raw.Parent ? [raw.Parent] : []),
    ...(createdAt !== undefined && { createdAt }),
    ...(lastUsedAt !== undefined && { lastUsedAt }),
  }
}
