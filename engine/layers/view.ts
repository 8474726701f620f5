/** What a layer carries, or everything as it is after it, as a tree to show. */
import type { AnalysedTree } from './analyse.ts'
import { KIND } from './entry-table.ts'
import { Fold, MARK } from './fold.ts'
import type { Mark } from './fold.ts'
import { ROOT } from './path-table.ts'
import { ShownTree } from './shown.ts'
import type { Naming, RowPlace } from './shown.ts'

/** The view of layer `layer`; see `LayerView` of the contract. */
export function makeView(tree: AnalysedTree, kind: 'layer' | 'stack', layer: number): ShownTree {
  const { paths, entries, layers } = tree
  const fold = new Fold(paths, entries)
  for (let at = 0; at < layer; at++) fold.lay(layers[at]?.blob ?? null)
  const marks = new Uint8Array(paths.count)
  const touched = new Uint8Array(paths.count)
  /** Of what is removed: the row it was. */
  const rows = new Int32Array(paths.count).fill(-1)
  fold.lay(layers[layer]?.blob ?? null, (path, mark, before) => {
    marks[path] = mark
    touched[path] = 1
    if (mark === MARK.removed) rows[path] = before
  })
  const shown = new ShownTree(paths.count, namingOf(tree, rows))
  for (let path = 0; path < paths.count; path++) {
    const now = fold.now[path] ?? -1
    if (now >= 0) rows[path] = now
    const row = rows[path] ?? -1
    if (row < 0 || (kind === 'layer' && touched[path] === 0 && path !== ROOT)) continue
    const mark = (marks[path] ?? MARK.unmodified) as Mark
    const bytes = entries.size[row] ?? 0
    const isRemoved = mark === MARK.removed
    shown.show(path, mark, isRemoved ? bytes : 0, isRemoved ? 0 : bytes, entries.isDirectory(row))
  }
  shown.sum()
  return shown
}

/** Names and rows of one image. */
export function namingOf(tree: AnalysedTree, rows: Int32Array): Naming {
  const { paths, entries } = tree
  return {
    lookUp: (path) => paths.lookUp(path),
    textOf: (id) => paths.textOf(id),
    nameOf: (id) => paths.nameOf(id),
    parent: (id) => paths.parent(id),
    children: (id) => paths.children(id),
    entryOf: (id) => ({ entries, row: rows[id] ?? -1 }),
    pathOfRow: ({ row }) => linkedPath(tree, row),
    layerOf: (place) => layerOf(tree, place),
  }
}

/** Path of the file that a hard link names. */
export function linkedPath({ paths, entries }: AnalysedTree, row: number): string {
  const link = entries.link[row] ?? -1
  return paths.textOf(entries.kind[row] === KIND.hardlink && link < 0 ? -2 - link : (entries.path[link] ?? ROOT))
}

/** The first layer whose blob has the row: two layers may be one blob. */
export function layerOf({ layers }: AnalysedTree, { row }: RowPlace): number {
  return layers.findIndex(({ blob }) => blob && row >= blob.from && row < blob.to)
}
