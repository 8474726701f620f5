/** Whether stack traces are folded: of this machine, unless the address says otherwise. */
import { ref } from 'vue'
import type { Ref } from 'vue'
import { useUi } from '../../stores/ui.ts'
import { useLogAddress } from './use-log-address.ts'

const NAME = 'logs.fold'

/** Call it in `setup`. */
export function useLogFold(): { readonly folding: Readonly<Ref<boolean>>; toggle(): void } {
  const address = useLogAddress()
  const ui = useUi()
  const asked = address.query.value['fold']
  const folding = ref((asked === 'on' || asked === 'off' ? asked : ui.recall(NAME, 'on')) === 'on')
  return {
    folding,
    toggle() {
      folding.value = !folding.value
      const now = folding.value ? 'on' : 'off'
      ui.remember(NAME, now)
      void address.replace({ ...address.query.value, fold: now })
    },
  }
}
