'use strict'
// Electron's safeStorage. Its key is fixed, as the keyring of one login session is; NARU_STAND_IN_KEYRING names the
// backend: `gnome_libsecret` (default) or `basic_text` for a desktop without one.
const { createCipheriv, createDecipheriv, createHash, randomBytes } = require('node:crypto')

const key = createHash('sha256').update('the keyring of the stand-in').digest()

const safeStorage = {
  isEncryptionAvailable: () => true,
  getSelectedStorageBackend: () => process.env.NARU_STAND_IN_KEYRING ?? 'gnome_libsecret',
  encryptString(text) {
    const nonce = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', key, nonce)
    return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
  },
  decryptString(sealed) {
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12))
    decipher.setAuthTag(sealed.subarray(-16))
    return decipher.update(sealed.subarray(12, -16), undefined, 'utf8') + decipher.final('utf8')
  },
}

module.exports = { safeStorage }
