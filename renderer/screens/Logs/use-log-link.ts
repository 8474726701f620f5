/** The line an address names: found, shown, or said to be gone; and the address of a line, for others. */
import { computed, onScopeDispose, ref, watch } from 'vue'
import type { ComputedRef, Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { copyText } from '../../components/clipboard.ts'
import type { LogViewState } from '../../../engine/contract/models.ts'
import { isCancelled } from '../../../engine/contract/errors.ts'
import type { LogFound, LogRows } from '../../stores/logs.ts'
import { useUi } from '../../stores/ui.ts'
import { lineOf, linkText, markOfLink } from './line-link.ts'
import type { LineLink } from './line-link.ts'
import { useLogAddress } from './use-log-address.ts'
import type { LogStart } from './use-log-jump.ts'

export interface LogLinkOptions {
  readonly of: () => { readonly engineId: string; readonly containerIds: readonly string[] }
  readonly rows: () => LogRows | null
  /** Of the view, whatever filter it has. */
  readonly state: () => LogViewState | null
  /** True while a filter still looks for its rows. */
  readonly searching: () => boolean
  /** Shows the row and marks it. */
  readonly show: (row: number) => void
  /** Opens the log again from there. */
  readonly reopen: (start: LogStart) => void
}

export interface LogLink {
  readonly link: ComputedRef<LineLink | null>
  /** `looking` for it; `shown`; `hidden` by the filter; `gone` from the engine; `none` was asked for. */
  readonly status: Readonly<Ref<'none' | 'looking' | 'shown' | 'hidden' | 'gone'>>
  /** Puts the link to a row on the clipboard. */
  copy(row: number): Promise<void>
  /** Takes the line out of the address. */
  forget(): void
}

/** Lines before the one that is looked for are loaded with it, milliseconds. */
const BEFORE_MS = 60_000
/** An engine that gives nothing more for so long has no such line; one whose lines are so much later, neither. Milliseconds. */
const PATIENCE_MS = 4_000

/** Call it in `setup`. */
export function useLogLink({ of, rows, state, searching, show, reopen }: LogLinkOptions): LogLink {
  const { t } = useI18n()
  const ui = useUi()
  const address = useLogAddress()
  const text = computed(() => address.query.value['line'])
  const link = computed(() => lineOf(text.value))
  const status = ref<'none' | 'looking' | 'shown' | 'hidden' | 'gone'>(link.value ? 'looking' : 'none')
  let reopened = false
  let asking = false
  let patience: ReturnType<typeof setTimeout> | undefined

  async function look(givenUp = false): Promise<void> {
    const wanted = link.value
    const shown = rows()
    const now = state()
    if (!wanted || status.value === 'shown' || asking || !shown?.state.value || !now || now.status === 'loading') return
    const mark = markOfLink(wanted, of().containerIds)
    if (!mark) return end('gone')
    if (searching()) return
    asking = true
    const found = await shown.find(mark).catch((reason: unknown) => (isCancelled(reason) ? null : undefined))
    asking = false
    if (!found || rows() !== shown || link.value !== wanted) return
    if (found.row !== null) {
      // Inside a folded stack trace: that is opened, and the line is where it is then.
      const opened = found.folded ? await shown.fold(found.row, true).then(() => shown.find(mark)).catch(() => null) : null
      if (rows() !== shown || link.value !== wanted) return
      end('shown')
      show(opened?.row ?? found.row)
    } else if (found.line !== null) end('hidden')
    else if (!reopened && state()?.moreBefore && (found.firstTime === null || found.firstTime >= wanted.time - BEFORE_MS)) {
      reopened = true
      reopen({ since: Math.max(0, wanted.time - BEFORE_MS) })
    } else if (givenUp || isBehind(found, wanted)) end('gone')
    else wait()
  }

  /** All that could hold the line has been read. */
  const isBehind = ({ lastTime }: LogFound, { time }: LineLink): boolean => lastTime !== null && lastTime > time + PATIENCE_MS

  function wait(): void {
    status.value = 'looking'
    const seen = state()?.endLine
    patience ??= setTimeout(() => {
      patience = undefined
      void look(state()?.endLine === seen)
    }, PATIENCE_MS)
  }
  function end(how: 'shown' | 'hidden' | 'gone'): void {
    clearTimeout(patience)
    patience = undefined
    status.value = how
  }

  watch(text, () => {
    end('gone')
    status.value = link.value ? 'looking' : 'none'
    reopened = false
    void look()
  })
  watch(
    () => [rows()?.state.value, searching()],
    () => (status.value === 'looking' || status.value === 'hidden') && void look(),
    { immediate: true },
  )
  onScopeDispose(() => clearTimeout(patience))

  return {
    link,
    status,
    async copy(row) {
      const { engineId, containerIds } = of()
      const mark = await rows()?.mark(row).catch(() => null)
      const containerId = mark && containerIds[mark.source]
      if (!mark || !containerId) ui.say(t('logs.link.none'))
      else if (await copyText(linkText(engineId, containerIds, address.query.value, { containerId, time: mark.time, nth: mark.nth }))) ui.say(t('logs.link.copied'))
    },
    forget() {
      const { line: _line, engine: _engine, ...rest } = address.query.value
      void address.replace(rest)
    },
  }
}
