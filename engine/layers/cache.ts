/** Analyses and what was made of them, newest last, within a bound of bytes. */
import { NaruError } from '../contract/errors.ts'
import type { LayerView } from '../contract/models.ts'
import type { AnalysedTree } from './analyse.ts'
import { compareImages } from './compare.ts'
import { matching } from './list.ts'
import type { ShownTree } from './shown.ts'
import type { KeptAnalysis } from './summary.ts'
import { makeView } from './view.ts'

/** Views and comparisons kept at a time. */
const MOST_VIEWS = 4

export class AnalysisCache {
  readonly #memoryBytes: number
  readonly #kept = new Map<string, KeptAnalysis>()
  readonly #views = new Map<string, { readonly keys: readonly string[]; readonly shown: ShownTree }>()
  #matches: { readonly shown: ShownTree; readonly text: string; readonly fits: Uint8Array } | null = null

  constructor(memoryBytes: number) {
    this.#memoryBytes = memoryBytes
  }

  get bytes(): number {
    let bytes = 0
    for (const { tree } of this.#kept.values()) bytes += tree.bytes
    for (const { shown } of this.#views.values()) bytes += shown.bytes
    return bytes
  }

  /** Takes an analysis in; older ones go when there are too many bytes. */
  keep(key: string, analysis: KeptAnalysis): void {
    this.#forget(key)
    this.#kept.set(key, analysis)
    this.#shrink(key)
  }

  find(key: string): KeptAnalysis | undefined {
    const found = this.#kept.get(key)
    if (found) {
      this.#kept.delete(key)
      this.#kept.set(key, found)
    }
    return found
  }

  /** @throws NaruError `not-found` (hint `layers-absent`) */
  tree(key: string): AnalysedTree {
    const found = this.find(key)
    if (!found) throw new NaruError('not-found', 'the image was not analysed', { hint: 'layers-absent' })
    return found.tree
  }

  view(key: string, { kind, layer }: LayerView): ShownTree {
    const tree = this.tree(key)
    if (layer >= tree.layers.length) throw new NaruError('not-found', `the image has no layer ${layer}`, { params: { name: String(layer) } })
    return this.#made(`${kind} ${layer} ${key}`, [key], () => makeView(tree, kind, layer))
  }

  comparison(key: string, other: string): ShownTree {
    const before = this.tree(key)
    const after = this.tree(other)
    return this.#made(`compare ${key} ${other}`, [key, other], () => compareImages(before, after))
  }

  /** What a text filter leaves; null without one. */
  matches(shown: ShownTree, text: string | undefined): Uint8Array | null {
    if (!text) return null
    if (this.#matches?.shown !== shown || this.#matches.text !== text) this.#matches = { shown, text, fits: matching(shown, text) }
    return this.#matches.fits
  }

  #made(name: string, keys: readonly string[], make: () => ShownTree): ShownTree {
    const found = this.#views.get(name)
    this.#views.delete(name)
    const made = found ?? { keys, shown: make() }
    this.#views.set(name, made)
    for (const oldest of this.#views.keys()) {
      if (this.#views.size <= MOST_VIEWS && this.bytes <= this.#memoryBytes) break
      if (oldest === name) break
      this.#views.delete(oldest)
    }
    return made.shown
  }

  #shrink(newest: string): void {
    for (const key of [...this.#kept.keys()]) {
      if (this.bytes <= this.#memoryBytes) return
      if (key !== newest) this.#forget(key)
    }
  }

  #forget(key: string): void {
    this.#kept.delete(key)
    for (const [name, { keys }] of [...this.#views]) if (keys.includes(key)) this.#views.delete(name)
    this.#matches = null
  }
}
