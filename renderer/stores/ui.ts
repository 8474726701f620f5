/** What only the page knows: toasts, the palette, sizes of panels. */
import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import type { ErrorEnvelope } from '../../engine/contract/errors.ts'
import { isCancelled, toEnvelope } from '../../engine/contract/errors.ts'

export interface Toast {
  readonly id: number
  readonly tone: 'ok' | 'bad' | 'info'
  readonly text: string
  readonly error?: ErrorEnvelope
  readonly action?: { readonly label: string; readonly run: () => void }
}

/** Toasts shown at once; the oldest goes first. */
const MOST_TOASTS = 4
const CALM_MS = 5_000
const ERROR_MS = 12_000

const storageKey = (name: string): string => `naru.ui.${name}`

export const useUi = defineStore('ui', () => {
  const toasts = shallowRef<readonly Toast[]>([])
  const paletteOpen = ref(false)
  let nextId = 1

  function dismiss(id: number): void {
    toasts.value = toasts.value.filter((toast) => toast.id !== id)
  }

  function show(toast: Omit<Toast, 'id'>): number {
    const id = nextId++
    toasts.value = [...toasts.value, { ...toast, id }].slice(-MOST_TOASTS)
    setTimeout(() => dismiss(id), toast.tone === 'bad' ? ERROR_MS : CALM_MS)
    return id
  }

  return {
    toasts,
    paletteOpen,
    dismiss,
    show,
    say: (text: string, action?: Toast['action']): number => show({ tone: 'ok', text, ...(action && { action }) }),
    /** Shows a failure; a cancelled one says nothing. `text` names what was tried. */
    fail(reason: unknown, text = ''): void {
      if (isCancelled(reason)) return
      show({ tone: 'bad', text, error: toEnvelope(reason) })
    },
    /** A size or choice of the interface that this machine remembers. */
    recall(name: string, fallback: string): string {
      try {
        return localStorage.getItem(storageKey(name)) ?? fallback
      } catch {
        return fallback
      }
    },
    remember(name: string, value: string): void {
      try {
        localStorage.setItem(storageKey(name), value)
      } catch {
        // A browser that keeps nothing: the choice lasts as long as the page.
      }
    },
  }
})
