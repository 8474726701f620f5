/** What the Ports screen shows: all rows, those the filter leaves, and how many there are of each kind. */
import { computed, ref } from 'vue'
import type { ComputedRef, Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { usePortProbe } from '../../stores/port-probe.ts'
import { usePortSurvey } from '../../stores/port-survey.ts'
import { useState } from '../../stores/state.ts'
import { boundText, filterRows, isFiltering, NO_FILTER, portRows } from './rows.ts'
import type { PortFilter, PortRow } from './rows.ts'
import { usePortWords } from './words.ts'

export interface PortList {
  readonly filter: Ref<PortFilter>
  readonly all: ComputedRef<readonly PortRow[]>
  readonly rows: ComputedRef<readonly PortRow[]>
  readonly filtering: ComputedRef<boolean>
  readonly counts: ComputedRef<{ readonly containers: number; readonly programs: number; readonly exposed: number; readonly conflicts: number }>
}

/** Call it in `setup`. */
export function usePortList(): PortList {
  const { t } = useI18n()
  const state = useState()
  const survey = usePortSurvey()
  const probe = usePortProbe()
  const words = usePortWords()
  const filter = ref<PortFilter>(NO_FILTER)

  const all = computed(() =>
    portRows({ containers: state.containers, listeners: survey.survey?.listeners ?? [], plannedOf: survey.plannedOf, probed: probe.of }),
  )
  function textOf(row: PortRow): string {
    const { container, holder, conflict, reach, protocol } = row
    return [
      boundText(row), protocol, row.address, container?.name, container?.image, container?.project,
      holder && words.holder(holder), holder && words.hint(holder),
      conflict ? `${words.verdict(conflict)} ${words.reason(conflict, row.ips[0] ?? '')}` : reach ? t(`ports.reach.${reach.key}`) : t('ports.listening'),
    ].join(' ').toLowerCase()
  }
  const count = (fits: (row: PortRow) => boolean): number => all.value.reduce((sum, row) => sum + Number(fits(row)), 0)

  return {
    filter,
    all,
    rows: computed(() => filterRows(all.value, filter.value, textOf)),
    filtering: computed(() => all.value.length > 0 && isFiltering(filter.value)),
    counts: computed(() => ({
      containers: count((row) => row.group !== 'program'),
      programs: count((row) => row.group === 'program'),
      exposed: count((row) => row.exposed),
      conflicts: count((row) => row.conflict !== undefined),
    })),
  }
}
