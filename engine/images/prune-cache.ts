/**
 * Which records of the build cache a prune removes. Pure. Source of the rules: moby/buildkit, cache/manager.go (prune):
 * records in use stay, without `all` also what images share and what is internal; a record others stand on stays with them.
 */
import type { PruneItem, PrunePreview } from '../contract/models.ts'
import type { RawBuildCache } from '../docker/housekeeping.ts'
import { timeOf } from '../state/normalise.ts'

/** Docker writes the key with a blank in front; before API 1.42 there is one parent. */
function parentsOf(record: RawBuildCache): readonly string[] {
  const parents = record.Parents ?? (record as { readonly ' Parents'?: readonly string[] | null })[' Parents']
  return parents ?? (record.Parent ? [record.Parent] : [])
}

export function planCache(records: readonly RawBuildCache[], all: boolean): PrunePreview {
  const children = new Map<string, string[]>()
  for (const record of records) for (const parent of parentsOf(record)) children.set(parent, [...(children.get(parent) ?? []), record.ID])
  const going = new Set(records.filter((record) => mayGo(record, all)).map(({ ID }) => ID))
  for (let before = -1; before !== going.size; ) {
    before = going.size
    for (const id of going) if (!(children.get(id) ?? []).every((child) => going.has(child))) going.delete(id)
  }
  const wanted = records.filter(({ ID }) => going.has(ID)).sort((a, b) => (b.Size ?? 0) - (a.Size ?? 0))
  const items = wanted.map((record, at): PruneItem => ({
    id: record.ID,
    name: record.Description ?? '',
    reason: 'cache',
    references: [],
    sizeBytes: record.Size ?? 0,
    createdAt: Math.max(0, timeOf(record.CreatedAt)),
    lastUsedAt: Math.max(0, timeOf(record.LastUsedAt ?? undefined)),
    type: record.Type ?? '',
    layers: [at],
    needs: children.get(record.ID) ?? [],
  }))
  const layers = items.map(({ sizeBytes }) => ({ bytes: sizeBytes, kept: false }))
  return { kind: 'build-cache', all, items, layers, kept: [], keptCount: records.length - items.length }
}

function mayGo({ InUse, Shared, Type }: RawBuildCache, all: boolean): boolean {
  return !InUse && (all || (!Shared && Type !== 'internal' && Type !== 'frontend'))
}
