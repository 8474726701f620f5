import type { IconName } from './icons.ts'

/** One line of a menu. `checked` makes it a tick that leaves the menu open. */
export interface MenuAction {
  readonly kind?: 'action'
  readonly id: string
  readonly label: string
  readonly icon?: IconName
  readonly shortcut?: string
  readonly danger?: boolean
  readonly disabled?: boolean
  readonly checked?: boolean
  /** A few words below it: why it is disabled, say. */
  readonly hint?: string
  readonly run: () => void
}

export type MenuItem =
  | MenuAction
  | { readonly kind: 'separator'; readonly id: string }
  | { readonly kind: 'label'; readonly id: string; readonly label: string }
