/** Saves a file or a folder out of a layer. */
import { onScopeDispose, ref } from 'vue'
import type { Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import type { LayerEntry } from '../../../../engine/contract/models.ts'
import { saveStream } from '../../../components/save-file.ts'
import { useLayerCalls } from '../../../stores/layers.ts'
import type { FileOf } from '../../../stores/layers.ts'
import { useUi } from '../../../stores/ui.ts'
import { saveName } from './attributes.ts'

export interface Extract {
  /** Bytes so far. */
  readonly saved: Ref<number>
  readonly busy: Ref<boolean>
  save(file: FileOf, entry: LayerEntry): void
  cancel(): void
}

/** One at a time. Call it in `setup`. */
export function useExtract(): Extract {
  const { t } = useI18n()
  const calls = useLayerCalls()
  const ui = useUi()
  const saved = ref(0)
  const busy = ref(false)
  let going = new AbortController()

  async function run(file: FileOf, entry: LayerEntry): Promise<void> {
    going = new AbortController()
    saved.value = 0
    busy.value = true
    const name = saveName(entry.path, entry.type)
    try {
      const type = entry.type === 'directory' ? 'application/x-tar' : 'application/octet-stream'
      await saveStream(calls.extract(file, going.signal), { name, type }, (bytes) => (saved.value = bytes))
      ui.say(t('contents.entry.saved', { name }))
    } catch (reason) {
      ui.fail(reason, t('contents.entry.notSaved', { name }))
    } finally {
      busy.value = false
    }
  }
  onScopeDispose(() => going.abort())
  return {
    saved,
    busy,
    save: (file, entry) => void (busy.value || run(file, entry)),
    cancel: () => going.abort(),
  }
}
