/** The open view of some containers' logs: opened anew when they or its beginning change. */
import { onBeforeUnmount, ref, shallowRef, watch } from 'vue'
import type { Ref, ShallowRef } from 'vue'
import { useLogs } from '../../stores/logs.ts'
import type { LogView } from '../../stores/logs.ts'
import { useSettings } from '../../stores/settings.ts'
import type { LogStart } from './use-log-jump.ts'

export interface OpenLog {
  readonly view: ShallowRef<LogView | null>
  /** Lines before it are cleared from sight. */
  readonly floor: Ref<number>
  /** Opens it again with another beginning. */
  reopen(start: LogStart): void
}

/** Call it in `setup`. `closing`: what must end with a view. */
export function useLogView(of: () => { readonly engineId: string; readonly containerIds: readonly string[] }, closing: () => void): OpenLog {
  const logs = useLogs()
  const settings = useSettings()
  const start = shallowRef<LogStart>({ tail: settings.values.logTail })
  const view = shallowRef<LogView | null>(null)
  const floor = ref(0)

  function close(): void {
    closing()
    view.value?.close()
    view.value = null
  }
  watch(
    [() => of().engineId, () => of().containerIds.join(' '), start],
    ([engineId, ids, begin], [oldEngine, oldIds, oldBegin]) => {
      if (view.value && engineId === oldEngine && begin === oldBegin && ids.startsWith(`${oldIds} `)) {
        view.value.join(ids.slice(`${oldIds} `.length).split(' '))
        return
      }
      close()
      floor.value = 0
      view.value = logs.open({ ...of(), ...start.value })
    },
    { immediate: true },
  )
  onBeforeUnmount(close)
  return { view, floor, reopen: (from) => (start.value = { ...from }) }
}
