/** Do Naru, the engine and the files it runs from fit together? */
import type { EngineSummary } from '../../contract/models.ts'
import type { BundleManifest } from '../../providers/native/manifest.ts'
import type { EngineRecord } from '../../providers/native/record.ts'
import { failed, passed, screen, skipped, warned } from '../check.ts'
import type { Check } from '../check.ts'

export interface VersionFacts {
  /** Naru's. */
  readonly version: string
  /** The one in use. */
  readonly engine: EngineSummary | null
  /** What the embedded engine was started with. */
  readonly record: () => Promise<EngineRecord | null>
  /** What it would be started with now. */
  readonly manifest: () => Promise<BundleManifest | null>
}

export const versionsCheck = ({ version: naru, engine, record, manifest }: VersionFacts): Check => ({
  id: 'versions',
  applicable: () => true,
  check: async () => {
    if (engine?.error?.code === 'engine.incompatible') return failed('unfit', { engineId: engine.id }, { error: engine.error })
    if (!engine?.version) return skipped('unknown', { naru })
    const { product, version, apiVersion } = engine.version
    const params = { naru, engineId: engine.id, product, version, apiVersion }
    if (engine.kind === 'native') {
      const [started, now] = await Promise.all([record(), manifest()])
      // It outlived an update of Naru; its programs are no longer those on the disk.
      if (started && now && started.bundle !== now.stamp) return warned('older', params, { fixes: [screen('engines')] })
    }
    return passed('fit', params)
  },
})
