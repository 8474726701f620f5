import type { IconName } from '../components/icons.ts'

/** Screens of the sidebar, in its order. The name is the route's name, its icon and its key below `shell.nav`. */
export const SCREENS = [
  'overview',
  'containers',
  'images',
  'hub',
  'builds',
  'logs',
  'ports',
  'activity',
  'engines',
  'settings',
] as const satisfies readonly IconName[]

export type ScreenName = (typeof SCREENS)[number]
