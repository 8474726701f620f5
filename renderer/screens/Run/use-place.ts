/** Where the engine in use runs, for what is said of containers on it. Apart from the run panel, which is loaded late. */
import { computed } from 'vue'
import type { ComputedRef } from 'vue'
import { useEngines } from '../../stores/engines.ts'
import { useMachine } from '../../stores/machine.ts'
import { placeOf } from './exposure.ts'
import type { Place } from './exposure.ts'

/** Call it in `setup`. */
export function usePlace(): ComputedRef<Place> {
  const engines = useEngines()
  const machine = useMachine()
  return computed(() => placeOf(engines.current, (machine.chosen.publishEverywhere ?? false) || (machine.state?.publishEverywhere ?? false)))
}
