/**
 * Every path of an image once, whatever layer it is in: a number for it, its parent and its children. Parents have
 * smaller numbers than their children, the root is 0. About 45 bytes a path, names included.
 */
import { withRoom } from './grow.ts'
import { nameBytes, shownName } from './names.ts'

export const ROOT = 0
const NONE = -1

export class PathTable {
  #count = 1
  #parent = new Int32Array(1024).fill(NONE, 0, 1)
  #firstChild = new Int32Array(1024).fill(NONE, 0, 1)
  #nextSibling = new Int32Array(1024).fill(NONE, 0, 1)
  #nameAt = new Uint32Array(1024)
  #nameLength = new Uint32Array(1024)
  #hash = new Int32Array(1024)
  #names: Uint8Array = new Uint8Array(16 * 1024)
  #namesEnd = 0
  /** Open addressing; 0 = free (the root is never looked up). */
  #slots = new Int32Array(2048)

  get count(): number {
    return this.#count
  }

  /** Bytes held. */
  get bytes(): number {
    return this.#parent.length * 24 + this.#names.length + this.#slots.byteLength
  }

  /** Bytes of all names. */
  get nameBytes(): number {
    return this.#namesEnd
  }

  parent(path: number): number {
    return this.#parent[path] ?? NONE
  }

  /** The child of that name, or -1. */
  find(parent: number, name: Uint8Array): number {
    const mask = this.#slots.length - 1
    const hash = hashOf(parent, name)
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const path = this.#slots[slot] ?? 0
      if (path === 0) return NONE
      if (this.#hash[path] === hash && this.#parent[path] === parent && this.#isNamed(path, name)) return path
    }
  }

  /** The child of that name, made when it is new. */
  add(parent: number, name: Uint8Array): number {
    const found = this.find(parent, name)
    if (found !== NONE) return found
    const path = this.#count++
    this.#makeRoom(name.length)
    this.#names.set(name, this.#namesEnd)
    this.#nameAt[path] = this.#namesEnd
    this.#nameLength[path] = name.length
    this.#namesEnd += name.length
    this.#parent[path] = parent
    this.#firstChild[path] = NONE
    this.#nextSibling[path] = this.#firstChild[parent] ?? NONE
    this.#firstChild[parent] = path
    const hash = hashOf(parent, name)
    this.#hash[path] = hash
    this.#occupy(path, hash)
    return path
  }

  *children(path: number): Generator<number, void, undefined> {
    for (let child = this.firstChild(path); child !== NONE; child = this.nextSibling(child)) yield child
  }

  firstChild(path: number): number {
    return this.#firstChild[path] ?? NONE
  }

  nextSibling(path: number): number {
    return this.#nextSibling[path] ?? NONE
  }

  nameOf(path: number): Uint8Array {
    const at = this.#nameAt[path] ?? 0
    return this.#names.subarray(at, at + (this.#nameLength[path] ?? 0))
  }

  /** The path as text, without a leading slash; `''` for the root. */
  textOf(path: number): string {
    const parts: string[] = []
    for (let at = path; at > ROOT; at = this.parent(at)) parts.push(shownName(this.nameOf(at)))
    return parts.reverse().join('/')
  }

  /** The path a text (as `textOf` gives it) stands for, or -1. */
  lookUp(text: string): number {
    let path = ROOT
    for (const part of text === '' ? [] : text.split('/')) {
      const found = this.find(path, nameBytes(part))
      path = found !== NONE ? found : this.#byShownName(path, part)
      if (path === NONE) return NONE
    }
    return path
  }

  /** Names with bytes that are no UTF-8 are found by how they look. */
  #byShownName(parent: number, name: string): number {
    if (!name.includes('\\x')) return NONE
    for (const child of this.children(parent)) if (shownName(this.nameOf(child)) === name) return child
    return NONE
  }

  #isNamed(path: number, name: Uint8Array): boolean {
    if (this.#nameLength[path] !== name.length) return false
    const at = this.#nameAt[path] ?? 0
    for (let byte = 0; byte < name.length; byte++) if (this.#names[at + byte] !== name[byte]) return false
    return true
  }

  #makeRoom(nameLength: number): void {
    const length = this.#count
    this.#parent = withRoom(this.#parent, length)
    this.#firstChild = withRoom(this.#firstChild, length)
    this.#nextSibling = withRoom(this.#nextSibling, length)
    this.#nameAt = withRoom(this.#nameAt, length)
    this.#nameLength = withRoom(this.#nameLength, length)
    this.#hash = withRoom(this.#hash, length)
    this.#names = withRoom(this.#names, this.#namesEnd + nameLength)
    if (length * 2 <= this.#slots.length) return
    this.#slots = new Int32Array(this.#slots.length * 2)
    for (let path = 1; path < length - 1; path++) this.#occupy(path, this.#hash[path] ?? 0)
  }

  #occupy(path: number, hash: number): void {
    const mask = this.#slots.length - 1
    let slot = hash & mask
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask
    this.#slots[slot] = path
  }
}

/** FNV-1a over the name, begun with the parent. */
function hashOf(parent: number, name: Uint8Array): number {
  let hash = Math.imul(parent ^ 0x811c9dc5, 0x01000193)
  for (let at = 0; at < name.length; at++) hash = Math.imul(hash ^ (name[at] ?? 0), 0x01000193)
  hash ^= hash >>> 15
  return Math.imul(hash, 0x2c1b3c6d) | 0
}
