/** The texts of the interface. English and Korean have the same keys; a test compares them. */
import { createI18n } from 'vue-i18n'
import type { Settings } from '../../engine/contract/models.ts'
import { en } from './en/index.ts'
import { ko } from './ko/index.ts'
import { withParticles } from './particles.ts'

export const LOCALES = ['en', 'ko'] as const
export type Locale = (typeof LOCALES)[number]

export const i18n = createI18n({
  legacy: false,
  locale: 'en',
  fallbackLocale: 'en',
  messages: { en, ko },
  postTranslation: (text) => (typeof text === 'string' ? withParticles(text) : text),
})

/** Language for a setting: the chosen one, or the first of the system's that Naru speaks. */
export function resolveLocale(setting: Settings['locale'], preferred: readonly string[]): Locale {
  if (setting !== 'system') return setting
  const known = preferred.map((tag) => tag.slice(0, 2).toLowerCase()).find((tag) => tag === 'ko' || tag === 'en')
  return known === 'ko' ? 'ko' : 'en'
}

/** Switches the language at once. */
export function setLocale(locale: Locale): void {
  i18n.global.locale.value = locale
  document.documentElement.lang = locale
}
