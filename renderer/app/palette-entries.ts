/** What the palette offers, and which of it fits a query. */
import { computed } from 'vue'
import type { ComputedRef } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRouter } from 'vue-router'
import type { IconName } from '../components/icons.ts'
import { useBuildForm } from '../stores/build-form.ts'
import { useBuilds } from '../stores/builds.ts'
import { useDisk } from '../stores/disk.ts'
import { useEngines } from '../stores/engines.ts'
import { useImageActs } from '../stores/image-acts.ts'
import { useOperations } from '../stores/operations.ts'
import { useRegistries } from '../stores/registries.ts'
import { useRun } from '../stores/run.ts'
import { useSettings } from '../stores/settings.ts'
import { useState } from '../stores/state.ts'
import { useTerminals } from '../stores/terminals.ts'
import { useUpdates } from '../stores/updates.ts'
import { useUi } from '../stores/ui.ts'
import { useEngineWords } from './engine-words.ts'
import { SCREENS } from './nav.ts'

export interface PaletteEntry {
  readonly id: string
  readonly group: 'screens' | 'containers' | 'images' | 'builds' | 'actions' | 'engines'
  readonly label: string
  readonly hint?: string
  readonly icon: IconName
  readonly shortcut?: string
  readonly run: () => void
}

/** Builds offered; older ones are found on their screen. */
const MOST_BUILDS = 20

/** How well `text` answers `query`: higher is better, 0 = not at all. Every word must occur; beginnings count more. */
export function score(text: string, query: string): number {
  const low = text.toLowerCase()
  let sum = 0
  for (const word of query.toLowerCase().split(/\s+/).filter(Boolean)) {
    const at = low.indexOf(word)
    if (at < 0) return 0
    sum += at === 0 ? 4 : /[\s/:._-]/.test(low[at - 1] ?? '') ? 3 : 1
  }
  return sum || 1
}

/** Call it in `setup`. */
export function usePaletteEntries(): ComputedRef<readonly PaletteEntry[]> {
  const parts = [useScreenEntries(), useObjectEntries(), useActionEntries()]
  return computed(() => parts.flatMap((part) => part.value))
}

function useScreenEntries(): ComputedRef<readonly PaletteEntry[]> {
  const { t } = useI18n()
  const router = useRouter()
  return computed(() =>
    SCREENS.map((screen, index) => ({
      id: `screen:${screen}`,
      group: 'screens',
      label: t(`shell.nav.${screen}`),
      icon: screen,
      ...(index < 9 && { shortcut: `Mod ${index + 1}` }),
      run: () => void router.push({ name: screen }),
    })),
  )
}

function useObjectEntries(): ComputedRef<readonly PaletteEntry[]> {
  const state = useState()
  const builds = useBuilds()
  const router = useRouter()
  const { t } = useI18n()
  return computed(() => [
    ...state.containers.map(
      (row): PaletteEntry => ({
        id: `container:${row.id}`,
        group: 'containers',
        label: row.name,
        hint: row.image,
        icon: 'containers',
        run: () => void router.push({ name: 'containers', params: { id: row.id } }),
      }),
    ),
    ...state.images.map(
      (row): PaletteEntry => ({
        id: `image:${row.id}`,
        group: 'images',
        label: row.tags[0] ?? row.id.slice(7, 19),
        icon: 'images',
        run: () => void router.push({ name: 'image', params: { id: row.id } }),
      }),
    ),
    ...builds.list.slice(0, MOST_BUILDS).map(
      (row): PaletteEntry => ({
        id: `build:${row.id}`,
        group: 'builds',
        label: row.name,
        hint: t(`builds.status.${row.status}`),
        icon: 'builds',
        run: () => void router.push({ name: 'build', params: { id: row.id } }),
      }),
    ),
  ])
}

function useActionEntries(): ComputedRef<readonly PaletteEntry[]> {
  const { t } = useI18n()
  const ui = useUi()
  const state = useState()
  const engines = useEngines()
  const operations = useOperations()
  const settings = useSettings()
  const disk = useDisk()
  const runPanel = useRun()
  const router = useRouter()
  const imageActs = useImageActs()
  const updates = useUpdates()
  const buildForm = useBuildForm()
  const words = useEngineWords()
  const registries = useRegistries()
  const terminals = useTerminals()
  const safely = (act: () => Promise<unknown>) => () => void act().catch((reason: unknown) => ui.fail(reason))

  const containerActions = computed<readonly PaletteEntry[]>(() => {
    const engineId = state.engineId
    if (!engineId) return []
    return state.containers.map((row): PaletteEntry => {
      const act = row.state === 'running' ? 'stop' : 'start'
      return {
        id: `${act}:${row.id}`,
        group: 'actions',
        label: t(`palette.${act}`, { name: row.name }),
        icon: act,
        run: safely(() => operations.run(`containers.${act}`, { engineId, id: row.id })),
      }
    })
  })

  const terminalEntries = computed<readonly PaletteEntry[]>(() =>
    (engines.usable ? state.containers : [])
      .filter((row) => row.state === 'running')
      .map(({ id, name }): PaletteEntry => ({
        id: `terminal:${id}`,
        group: 'actions',
        label: t('palette.terminal', { name }),
        icon: 'terminal',
        run: () => {
          terminals.want(id, true)
          void router.push({ name: 'containers', params: { id }, query: { tab: 'terminal' } })
        },
      })),
  )

  /** Their dialogs are on the images' screen. */
  const imageEntries = computed<readonly PaletteEntry[]>(() => {
    const open = (act: () => void) => () => void router.push({ name: 'images' }).then(act)
    return [
      { id: 'images:load', group: 'actions', label: t('tidy.act.load'), icon: 'load', run: open(() => imageActs.ask('load')) },
      { id: 'images:import', group: 'actions', label: t('tidy.act.import'), icon: 'importing', run: open(() => imageActs.ask('import')) },
      { id: 'images:prune', group: 'actions', label: t('tidy.act.prune'), icon: 'prune', run: open(() => imageActs.ask('prune')) },
      ...(updates.supported ? [{ id: 'images:check', group: 'actions', label: t('tidy.act.checkAll'), icon: 'refresh', run: open(() => void updates.checkAll(false)) } as const] : []),
    ]
  })

  return computed<readonly PaletteEntry[]>(() => {
    const engineId = engines.currentId
    const themes = (['light', 'dark', 'system'] as const).map((theme): PaletteEntry => {
      const key = { light: 'themeLight', dark: 'themeDark', system: 'themeSystem' }[theme]
      return { id: `theme:${theme}`, group: 'actions', label: t(`palette.${key}`), icon: theme, run: safely(() => settings.update({ theme })) }
    })
    const locales = (['en', 'ko'] as const).map((locale): PaletteEntry => {
      const key = { en: 'inEnglish', ko: 'inKorean' }[locale]
      return { id: `locale:${locale}`, group: 'actions', label: t(`palette.${key}`), icon: 'language', run: safely(() => settings.update({ locale })) }
    })
    return [
      ...(engineId && engines.usable
        ? ([
            { id: 'run', group: 'actions', label: t('run.title'), icon: 'run', run: () => runPanel.open() },
            { id: 'build', group: 'actions', label: t('palette.build'), icon: 'builds', run: () => buildForm.open() },
            { id: 'welcome', group: 'actions', label: t('palette.welcome'), icon: 'welcome', run: safely(() => operations.run('welcome.run', { engineId })) },
            ...imageEntries.value,
            { id: 'disk', group: 'actions', label: t('palette.measureDisk'), icon: 'disk', run: () => void disk.measure() },
          ] as const)
        : []),
      { id: 'registries', group: 'actions', label: t('palette.registries'), icon: 'key', run: () => void router.push({ name: 'registries' }) },
      { id: 'login', group: 'actions', label: t('palette.login'), icon: 'login', run: () => registries.askLogin() },
      { id: 'diagnostics', group: 'actions', label: t('palette.selfCheck'), icon: 'diagnostics', run: () => void router.push({ name: 'diagnostics' }) },
      { id: 'detect', group: 'actions', label: t('palette.detect'), icon: 'refresh', run: safely(() => engines.detect()) },
      ...themes,
      ...locales,
      ...containerActions.value,
      ...terminalEntries.value,
      ...engines.list
        .filter((engine) => engine.id !== engineId && engine.status !== 'absent')
        .map((engine): PaletteEntry => ({
          id: `engine:${engine.id}`,
          group: 'engines',
          label: t('palette.useEngine', { name: words.name(engine) }),
          hint: engine.dockerHost ?? '',
          icon: 'engines',
          run: safely(() => engines.select(engine.id)),
        })),
    ]
  })
}
