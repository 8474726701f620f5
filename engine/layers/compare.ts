/** Two images laid over each other, file by file, each as it is after all its layers. */
import type { AnalysedTree } from './analyse.ts'
import { Fold, MARK, sameEntry } from './fold.ts'
import type { Mark } from './fold.ts'
import { ROOT } from './path-table.ts'
import { ShownTree } from './shown.ts'
import type { Naming } from './shown.ts'
import { layerOf, linkedPath } from './view.ts'

const NONE = -1

/** All layers of an image laid on each other: the row at each path. */
function finalRows({ paths, entries, layers }: AnalysedTree): Int32Array {
  const fold = new Fold(paths, entries)
  for (const { blob } of layers) fold.lay(blob)
  return fold.now
}

/**
 * `before` against `after`. Numbers below `after.paths.count` are paths of `after`; those behind stand for what only
 * `before` has, so that parents keep the smaller numbers.
 */
export function compareImages(before: AnalysedTree, after: AnalysedTree): ShownTree {
  const oldRows = finalRows(before)
  const newRows = finalRows(after)
  const base = after.paths.count
  /** Number of each path of `before` here, or -1. */
  const idOf = new Int32Array(before.paths.count).fill(NONE)
  /** The other way: path of `before`, or -1. */
  const oldOf: number[] = []
  const oldOfNew = new Int32Array(base).fill(NONE)
  idOf[ROOT] = ROOT
  oldOfNew[ROOT] = ROOT
  for (let old = 1; old < before.paths.count; old++) {
    if (oldRows[old] === NONE) continue
    const up = idOf[before.paths.parent(old)] ?? NONE
    const twin = up >= 0 && up < base ? after.paths.find(up, before.paths.nameOf(old)) : NONE
    if (twin !== NONE) {
      idOf[old] = twin
      oldOfNew[twin] = old
    } else idOf[old] = base + oldOf.push(old) - 1
  }
  const oldPath = (id: number): number => (id < base ? oldOfNew[id] : oldOf[id - base]) ?? NONE
  const names = naming()
  const shown = new ShownTree(base + oldOf.length, names)
  for (let id = 0; id < base + oldOf.length; id++) put(id)
  shown.sum()
  return shown

  function put(id: number): void {
    const old = oldPath(id)
    const oldRow = old === NONE ? NONE : (oldRows[old] ?? NONE)
    const newRow = id < base ? (newRows[id] ?? NONE) : NONE
    if (oldRow === NONE && newRow === NONE) return
    const { entries } = newRow === NONE ? before : after
    const row = newRow === NONE ? oldRow : newRow
    const oldBytes = oldRow === NONE ? 0 : (before.entries.size[oldRow] ?? 0)
    const newBytes = newRow === NONE ? 0 : (after.entries.size[newRow] ?? 0)
    shown.show(id, markOf(oldRow, newRow), oldBytes, newBytes, entries.isDirectory(row))
  }

  function markOf(oldRow: number, newRow: number): Mark {
    if (oldRow === NONE) return MARK.added
    if (newRow === NONE) return MARK.removed
    return sameEntry(before.entries, oldRow, after.entries, newRow) ? MARK.unmodified : MARK.changed
  }

  function naming(): Naming {
    /** Rows of `before` are told by their table. */
    const treeOf = (entries: AnalysedTree['entries']): AnalysedTree => (entries === after.entries ? after : before)
    return {
      lookUp: (path) => {
        const found = after.paths.lookUp(path)
        if (found !== NONE) return found
        const old = before.paths.lookUp(path)
        return old === NONE ? NONE : (idOf[old] ?? NONE)
      },
      textOf: (id) => (id < base ? after.paths.textOf(id) : before.paths.textOf(oldPath(id))),
      nameOf: (id) => (id < base ? after.paths.nameOf(id) : before.paths.nameOf(oldPath(id))),
      parent: (id) => (id < base ? after.paths.parent(id) : (idOf[before.paths.parent(oldPath(id))] ?? ROOT)),
      children: function* (id) {
        if (id < base) yield* after.paths.children(id)
        const old = oldPath(id)
        if (old === NONE) return
        for (const child of before.paths.children(old)) {
          const here = idOf[child] ?? NONE
          if (here >= base) yield here
        }
      },
      entryOf: (id) => {
        const row = id < base ? (newRows[id] ?? NONE) : NONE
        return row === NONE ? { entries: before.entries, row: oldRows[oldPath(id)] ?? NONE } : { entries: after.entries, row }
      },
      pathOfRow: ({ entries, row }) => linkedPath(treeOf(entries), row),
      layerOf: (place) => layerOf(treeOf(place.entries), place),
    }
  }
}
