/** Layers laid over each other the slow and plain way: what the real ones must agree with. */
import type { TestEntry } from './image-archive.ts'

export type Op =
  | { readonly kind: 'file'; readonly path: string; readonly content: string; readonly mode: number }
  | { readonly kind: 'dir'; readonly path: string; readonly mode: number }
  | { readonly kind: 'symlink'; readonly path: string; readonly target: string }
  | { readonly kind: 'whiteout'; readonly path: string }
  | { readonly kind: 'opaque'; readonly path: string }

export interface Node {
  readonly type: 'file' | 'directory' | 'symlink'
  /** A directory that no entry tells of. */
  readonly implicit: boolean
  readonly content: string
  readonly mode: number
}

export type Mark = 'added' | 'changed' | 'removed' | 'unmodified'
export type State = ReadonlyMap<string, Node>

export const parentOf = (path: string): string => (path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '')
const ancestors = (path: string): string[] => (path === '' ? [] : [...ancestors(parentOf(path)), parentOf(path)])
const isBelow = (path: string, top: string): boolean => path !== top && (top === '' || path.startsWith(`${top}/`))
const isDirectory = (node: Node | undefined): boolean => node?.type === 'directory'

/** The entries of a layer's tar. */
export function entriesOf(ops: readonly Op[]): TestEntry[] {
  return ops.map((op): TestEntry => {
    const folder = parentOf(op.path)
    const name = op.path.slice(folder ? folder.length + 1 : 0)
    switch (op.kind) {
      case 'file':
        return { name: op.path, content: op.content, mode: op.mode }
      case 'dir':
        return { name: `${op.path}/`, type: 'directory', mode: op.mode }
      case 'symlink':
        return { name: op.path, type: 'symlink', linkname: op.target, mode: 0o777 }
      case 'whiteout':
        return { name: `${folder ? `${folder}/` : ''}.wh.${name}` }
      case 'opaque':
        return { name: `${op.path}/.wh..wh..opq` }
    }
  })
}

/** What a layer carries: the last entry of a path counts, and what has something in it is a directory. */
function carriedBy(ops: readonly Op[]): Map<string, Node> {
  const carried = new Map<string, Node>()
  for (const op of ops) {
    if (op.kind === 'file') carried.set(op.path, { type: 'file', implicit: false, content: op.content, mode: op.mode })
    if (op.kind === 'dir') carried.set(op.path, { type: 'directory', implicit: false, content: '', mode: op.mode })
    if (op.kind === 'symlink') carried.set(op.path, { type: 'symlink', implicit: false, content: op.target, mode: 0o777 })
  }
  for (const path of [...carried.keys()]) {
    for (const above of ancestors(path)) {
      const node = carried.get(above)
      if (!node) carried.set(above, { type: 'directory', implicit: true, content: '', mode: 0o755 })
      else if (node.type !== 'directory') carried.set(above, { ...node, type: 'directory', content: '' })
    }
  }
  return carried
}

function same(a: Node, b: Node): boolean {
  if (a.type !== b.type) return false
  if (a.implicit || b.implicit) return true
  return a.content === b.content && (a.type === 'symlink' || a.mode === b.mode)
}

export interface Laid {
  readonly after: State
  /** Every path the layer touches, and what it did. */
  readonly marks: ReadonlyMap<string, Mark>
}

export function lay(before: State, ops: readonly Op[]): Laid {
  const carried = carriedBy(ops)
  const after = new Map(before)
  const drop = (fits: (path: string) => boolean) => {
    for (const path of [...after.keys()]) if (fits(path)) after.delete(path)
  }
  for (const op of ops) {
    if (op.kind === 'whiteout') drop((path) => path === op.path || isBelow(path, op.path))
    if (op.kind === 'opaque') drop((path) => isBelow(path, op.path))
  }
  for (const [top, node] of carried) if (node.type !== 'directory') drop((path) => isBelow(path, top))
  const marks = new Map<string, Mark>()
  for (const [path, node] of carried) {
    const old = before.get(path)
    const stays = node.implicit && isDirectory(after.get(path)) ? after.get(path) : undefined
    const now = stays ?? node
    after.set(path, now)
    marks.set(path, !old ? 'added' : same(old, now) ? 'unmodified' : 'changed')
  }
  for (const path of before.keys()) if (!after.has(path)) marks.set(path, 'removed')
  return { after, marks }
}

/** dive's formula over all layers. */
export function score(layers: readonly (readonly Op[])[]): { efficiency: number; total: number; wasted: Map<string, { count: number; bytes: number }> } {
  const sizes = new Map<string, number[]>()
  const push = (path: string, size: number) => sizes.set(path, [...(sizes.get(path) ?? []), size])
  let state: State = new Map()
  for (const ops of layers) {
    const carried = carriedBy(ops)
    const { after } = lay(state, ops)
    for (const [path, node] of carried) if (node.type !== 'directory') push(path, node.type === 'file' ? node.content.length : 0)
    for (const [path, node] of state) {
      const now = after.get(path)
      if (node.type !== 'directory' && (!now || isDirectory(now))) push(path, 0)
    }
    state = after
  }
  let least = 0
  let total = 0
  const wasted = new Map<string, { count: number; bytes: number }>()
  for (const [path, all] of sizes) {
    const bytes = all.reduce((sum, size) => sum + size, 0)
    total += bytes
    least += Math.min(...all)
    if (all.length > 1 && bytes > 0) wasted.set(path, { count: all.length, bytes })
  }
  return { efficiency: total === 0 ? 1 : least / total, total, wasted }
}
