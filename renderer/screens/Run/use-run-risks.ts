/** The run panel's warnings: the spec against what is known of the machine. */
import { computed } from 'vue'
import type { ComputedRef } from 'vue'
import type { RunSpec } from '../../../engine/contract/models.ts'
import { useFormat } from '../../i18n/format.ts'
import { useEngines } from '../../stores/engines.ts'
import { useHostPaths } from '../../stores/host-paths.ts'
import { findRisks, hostPaths } from './run-risks.ts'
import type { Risk } from './run-risks.ts'
import { usePlace } from './use-place.ts'

/** Call it in `setup`. */
export function useRunRisks(spec: ComputedRef<RunSpec>, active: () => boolean): ComputedRef<readonly Risk[]> {
  const engines = useEngines()
  const format = useFormat()
  const place = usePlace()
  const paths = useHostPaths(() => {
    const { binds, mounts, files } = hostPaths(spec.value)
    return active() ? [...binds, ...mounts, ...files] : []
  })
  return computed(() => {
    const { memoryBytes, cpus } = engines.current?.version ?? {}
    const known = { ...(memoryBytes && { memoryBytes }), ...(cpus && { cpus }), unlimited: !engines.canLimit, place: place.value }
    return findRisks(spec.value, { ...known, kindOf: paths.kindOf, bytes: format.bytes })
  })
}
