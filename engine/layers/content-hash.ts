/**
 * A hash that tells equal content from other: GMAC (the authentication half of AES-GCM) under a key of this process. About
 * five times as fast as SHA-1, and unlike a checksum nothing an image can be made to collide with: the key is unknown and
 * no hash ever leaves the process. Of its 128 bits 64 are kept.
 */
import { createCipheriv, randomBytes } from 'node:crypto'
import type { CipherGCM } from 'node:crypto'

const KEY = randomBytes(16)
/** The same for all: the tags are compared with each other and shown to nobody. */
const NONCE = Buffer.alloc(12)

export class ContentHash {
  readonly #cipher: CipherGCM = createCipheriv('aes-128-gcm', KEY, NONCE)

  update(bytes: Uint8Array): this {
    this.#cipher.setAAD(bytes)
    return this
  }

  /** Two halves of the 64 bits; call it once, at the end. */
  digest(): readonly [high: number, low: number] {
    this.#cipher.final()
    const tag = this.#cipher.getAuthTag()
    return [tag.readInt32LE(0), tag.readInt32LE(4)]
  }
}
