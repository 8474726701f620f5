/** Size and place of the main window, remembered between runs in `window.json`. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** All in device-independent pixels. */
export interface WindowState {
  readonly width: number
  readonly height: number
  readonly x?: number
  readonly y?: number
  readonly maximized: boolean
}

export const DEFAULT_WINDOW: WindowState = { width: 1280, height: 820, maximized: false }
const FILE = 'window.json'

const within = (value: unknown, low: number, high: number): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= low && value <= high

/** A remembered state, or the default for anything that does not look like one. */
export function parseWindowState(text: string): WindowState {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return DEFAULT_WINDOW
  }
  if (typeof value !== 'object' || value === null) return DEFAULT_WINDOW
  const { width, height, x, y, maximized } = value as Record<string, unknown>
  if (!within(width, 480, 16_384) || !within(height, 320, 16_384)) return DEFAULT_WINDOW
  const placed = within(x, -32_768, 32_768) && within(y, -32_768, 32_768) ? { x, y } : {}
  return { width, height, ...placed, maximized: maximized === true }
}

/** Reads the state; a missing or broken file gives the default. */
export function readWindowState(stateFolder: string): WindowState {
  try {
    return parseWindowState(readFileSync(join(stateFolder, FILE), 'utf8'))
  } catch {
    return DEFAULT_WINDOW
  }
}

/** Writes the state in one step. Failing to remember a size is no reason to bother anyone. */
export function writeWindowState(stateFolder: string, state: WindowState): void {
  const path = join(stateFolder, FILE)
  try {
    writeFileSync(`${path}.new`, JSON.stringify(state), { mode: 0o600 })
    renameSync(`${path}.new`, path)
  } catch {
    // The next window opens at the default size.
  }
}
