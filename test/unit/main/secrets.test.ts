import { createRequire } from 'node:module'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createSecretPort } from '../../../main/secret-port.ts'

const storage = { isEncryptionAvailable: vi.fn(() => true), getSelectedStorageBackend: vi.fn(() => 'gnome_libsecret'), encryptString: vi.fn(), decryptString: vi.fn() }
vi.mock('../../../main/electron.ts', () => ({ safeStorage: storage }))
const { answerSecret, hasKeychain } = await import('../../../main/safe-storage.ts')
const standIn = createRequire(import.meta.url)('../../support/electron-stand-in/safe-storage.cjs') as { safeStorage: { encryptString: (text: string) => Buffer; decryptString: (sealed: Buffer) => string } }

afterEach(() => {
  storage.isEncryptionAvailable.mockReturnValue(true)
  storage.getSelectedStorageBackend.mockReturnValue('gnome_libsecret')
})

describe('the keychain of Electron', () => {
  storage.encryptString.mockImplementation(standIn.safeStorage.encryptString)
  storage.decryptString.mockImplementation(standIn.safeStorage.decryptString)

  it('seals and opens across the two processes', async () => {
    const port = createSecretPort((question) => queueMicrotask(() => port.answered(answerSecret(question))))
    expect(await port.available()).toBe(true)
    const sealed = await port.seal('päss word')
    expect(Buffer.from(sealed, 'base64').toString()).not.toContain('word')
    expect(await port.open(sealed)).toBe('päss word')
  })

  it.each(['basic_text', 'unknown'])('is none with the backend %s', async (backend) => {
    storage.getSelectedStorageBackend.mockReturnValue(backend)
    expect(hasKeychain()).toBe(process.platform !== 'linux')
    const port = createSecretPort((question) => port.answered(answerSecret(question)))
    expect(await port.available()).toBe(process.platform !== 'linux')
    if (process.platform === 'linux') await expect(port.seal('x')).rejects.toThrow('there is no keychain')
  })

  it('is none when Electron says so', () => {
    storage.isEncryptionAvailable.mockReturnValue(false)
    expect(hasKeychain()).toBe(false)
  })

  it('that fails says so without the text', () => {
    storage.encryptString.mockImplementationOnce(() => {
      throw new Error('cannot encrypt hunter2')
    })
    expect(answerSecret({ kind: 'secret', id: 1, act: 'seal', text: 'hunter2' })).toEqual({ kind: 'secret', id: 1, ok: false, text: 'the keychain did not seal the text' })
  })

  it('that does not answer ends in an error', async () => {
    await expect(createSecretPort(() => undefined, 5).seal('x')).rejects.toThrow('does not answer')
  })
})
