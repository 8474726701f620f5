/** What this window is called by the engine room: kept over a reload, known to no other window. */

const NAME = 'naru.window'
const BYTES = 16

let key = ''

/** The same for the life of the window, as far as the browser keeps anything. */
export function windowKey(): string {
  key ||= read()
  return key
}

function read(): string {
  const fresh = [...crypto.getRandomValues(new Uint8Array(BYTES))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  try {
    const kept = sessionStorage.getItem(NAME)
    if (kept) return kept
    sessionStorage.setItem(NAME, fresh)
  } catch {
    // A browser that keeps nothing: terminals end with the page.
  }
  return fresh
}
