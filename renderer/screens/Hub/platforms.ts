/** Architectures of a tag, in few words. Pure. */
import type { HubPlatform, HubTag } from '../../../engine/contract/models.ts'

/** What engines call themselves → what images are made for. */
const SAME: ReadonlyMap<string, string> = new Map(Object.entries({ x86_64: 'amd64', aarch64: 'arm64', armv7l: 'arm', i686: '386', i386: '386' }))

export function normalArch(arch: string): string {
  return SAME.get(arch) ?? arch
}

const nameOf = ({ os, architecture, variant }: HubPlatform): string =>
  `${os === 'linux' ? '' : `${os}/`}${architecture}${variant && architecture === 'arm' ? `/${variant}` : ''}`

export interface ArchSummary {
  /** The engine's own first, then the best known. */
  readonly shown: readonly string[]
  readonly more: number
  readonly all: readonly string[]
  /** True when the engine's own is among them; null when nobody knows. */
  readonly fits: boolean | null
}

const KNOWN = ['amd64', 'arm64']

/** @param engineArch as the engine tells it; empty when unknown */
export function archSummary(platforms: readonly HubPlatform[], engineArch: string, most = 2): ArchSummary {
  const own = normalArch(engineArch)
  const rank = (name: string): number => (name === own ? -1 : KNOWN.includes(name) ? KNOWN.indexOf(name) : KNOWN.length)
  const all = [...new Set(platforms.map(nameOf))].sort((a, b) => rank(a) - rank(b))
  const fits = all.length === 0 || own === '' ? null : platforms.some((each) => each.architecture === own)
  return { shown: all.slice(0, most), more: Math.max(0, all.length - most), all, fits }
}

/** Bytes to fetch for the engine's own platform; the tag's own figure when that is not told apart. */
export function sizeFor(tag: HubTag, engineArch: string): number | undefined {
  const own = normalArch(engineArch)
  return tag.platforms.find((each) => each.os === 'linux' && each.architecture === own)?.sizeBytes ?? tag.sizeBytes
}
