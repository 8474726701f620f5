/** What the bundle builder wrote about the bundle. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface BundleManifest {
  readonly stamp: string
  /** First line of each program's `--version`, by its path in the bundle. */
  readonly versions: Readonly<Record<string, string>>
}

/** The manifest, or null when the folder holds no bundle. */
export async function readManifest(bundleFolder: string): Promise<BundleManifest | null> {
  try {
    const value: unknown = JSON.parse(await readFile(join(bundleFolder, 'manifest.json'), 'utf8'))
    if (typeof value !== 'object' || value === null || !('stamp' in value) || !('versions' in value)) return null
    const { stamp, versions } = value
    if (typeof stamp !== 'string' || typeof versions !== 'object' || versions === null) return null
    return { stamp, versions: Object.fromEntries(Object.entries(versions).map(([key, text]) => [key, String(text)])) }
  } catch {
    return null
  }
}

/** Major and minor of dockerd, [0, 0] when unknown. */
export function daemonVersion(manifest: BundleManifest): readonly [number, number] {
  const match = /version (\d+)\.(\d+)/.exec(manifest.versions['bin/dockerd'] ?? '')
  return [Number(match?.[1] ?? 0), Number(match?.[2] ?? 0)]
}
