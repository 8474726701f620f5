/** Saving and copying of what a log shows, with progress and a way to give up. */
import { ref } from 'vue'
import type { Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { copyText } from '../../components/clipboard.ts'
import type { LogRows } from '../../stores/logs.ts'
import { useUi } from '../../stores/ui.ts'
import type { LogContainerName } from '../../../engine/contract/models.ts'
import { logText, saveLog } from './save.ts'
import type { SaveAs } from './save.ts'

export interface LogSave {
  /** Bytes saved so far; null while nothing is saved. */
  readonly saved: Readonly<Ref<number | null>>
  save(as: SaveAs): Promise<void>
  copyAll(): Promise<void>
  /** Gives up what is under way. */
  stop(): void
}

/** Call it in `setup`; failures are toasts. `name`: of the container, for the file; `containers` of the view, in its order. */
export function useLogSave(rows: () => LogRows | null, name: () => string, containers: () => readonly LogContainerName[]): LogSave {
  const { t } = useI18n()
  const ui = useUi()
  const saved = ref<number | null>(null)
  let work = new AbortController()

  async function save(as: SaveAs): Promise<void> {
    const from = rows()
    if (!from || saved.value !== null) return
    saved.value = 0
    const { signal } = work
    try {
      await saveLog(from, { name: name(), as, containers: containers() }, signal, (bytes) => (saved.value = bytes))
    } catch (reason) {
      if (!signal.aborted) ui.fail(reason)
    } finally {
      saved.value = null
    }
  }

  async function copyAll(): Promise<void> {
    const from = rows()
    if (!from) return
    const { signal } = work
    try {
      const text = await logText(from, signal)
      if (text === null) ui.say(t('logs.tooMuchToCopy'), { label: t('logs.save'), run: () => void save('text') })
      else if (await copyText(text)) ui.say(t('common.copied'))
    } catch (reason) {
      if (!signal.aborted) ui.fail(reason)
    }
  }

  function stop(): void {
    work.abort()
    work = new AbortController()
  }
  return { saved, save, copyAll, stop }
}
