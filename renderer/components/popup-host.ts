/** Where menus, lists and tooltips are mounted. */
import { inject, provide } from 'vue'
import type { InjectionKey } from 'vue'

const KEY: InjectionKey<string> = Symbol('popup host')

/**
 * What opens from below here is mounted in `selector`. The app names a place in its main landmark, so that a menu is
 * part of the page for those who go through it by landmarks; dialogs name the body, as all else is hidden behind them.
 */
export const providePopupHost = (selector: string): void => provide(KEY, selector)

/** CSS selector of the place; the body outside of the app. */
export const usePopupHost = (): string => inject(KEY, 'body')
