/**
 * The main process's half of the keychain: seals and opens texts for the engine process with Electron's safeStorage,
 * which only exists here. On Linux without a keyring Electron falls back to a fixed password (`basic_text`); that is no
 * protection and counts as no keychain.
 */
import { safeStorage } from './electron.ts'
import type { SecretAnswer, SecretQuestion } from './engine-messages.ts'

/** Longest text that is sealed or opened, characters. */
const LONGEST = 512 * 1024

/** Before the app is ready, Electron does not know its backend; the engine process is started after that. */
export function hasKeychain(): boolean {
  if (!safeStorage.isEncryptionAvailable()) return false
  return process.platform !== 'linux' || !['basic_text', 'unknown'].includes(safeStorage.getSelectedStorageBackend())
}

/** Never throws; what fails is told without the text. */
export function answerSecret({ id, act, text }: SecretQuestion): SecretAnswer {
  try {
    if (act === 'available') return { kind: 'secret', id, ok: true, text: hasKeychain() ? 'yes' : '' }
    if (text.length > LONGEST || !hasKeychain()) return { kind: 'secret', id, ok: false, text: 'there is no keychain' }
    const done = act === 'seal' ? safeStorage.encryptString(text).toString('base64') : safeStorage.decryptString(Buffer.from(text, 'base64'))
    return { kind: 'secret', id, ok: true, text: done }
  } catch {
    return { kind: 'secret', id, ok: false, text: `the keychain did not ${act} the text` }
  }
}
