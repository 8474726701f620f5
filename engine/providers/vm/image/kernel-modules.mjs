/** Kernel modules: which belong together, and the tables modprobe reads. What depmod does, for a few of them. */
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { moduleInfo } from './elf.mjs'
import { unpacked } from './kernel.mjs'

/** The kernel takes `-` and `_` for the same in names. @param {string} name */
const plain = (name) => name.replaceAll('-', '_')

/**
 * Every module below a folder: name → {path below it, without what packed it, and how to read it}.
 * @param {string} folder lib/modules/VERSION
 * @param {Parameters<typeof unpacked>[1]} tools newer packages hold them packed
 */
export async function readModules(folder, tools) {
  const entries = await readdir(join(folder, 'kernel'), { withFileTypes: true, recursive: true })
  const found = new Map()
  for (const entry of entries) {
    const [, name, packed] = /^(.+)\.ko(\.xz)?$/.exec(entry.name) ?? []
    if (!entry.isFile() || name === undefined) continue
    const full = join(entry.parentPath ?? entry.path, entry.name)
    const path = full.slice(folder.length + 1, packed ? -packed.length : undefined)
    found.set(plain(name), { path, read: async () => unpacked(await readFile(full), tools) })
  }
  return found
}

/**
 * The wanted modules and all they depend on, each after what it needs. Modules a kernel has built in, or not at all, are
 * left out: which those are differs between kernels.
 */
export async function closure(modules, wanted) {
  const out = []
  const seen = new Set()
  const visit = async (name) => {
    const module = modules.get(plain(name))
    if (!module || seen.has(module.path)) return
    seen.add(module.path)
    const bytes = await module.read()
    const info = moduleInfo(bytes)
    for (const each of info.depends) await visit(each)
    out.push({ name: plain(name), path: module.path, bytes, ...info })
  }
  for (const name of wanted) await visit(name)
  return out
}

/** modules.dep and modules.alias for exactly these modules. @param {Awaited<ReturnType<typeof closure>>} chosen */
export function tables(chosen) {
  const byName = new Map(chosen.map((each) => [each.name, each]))
  const all = (each) => each.depends.flatMap((name) => {
    const found = byName.get(plain(name))
    return found ? [found.path, ...all(found)] : []
  })
  // modprobe loads from the right: what several need stands behind all of them, so of each name the last one stays.
  const needs = (each) => [...new Set(all(each).reverse())].reverse()
  const sorted = [...chosen].sort((a, b) => (a.path < b.path ? -1 : 1))
  return {
    'modules.dep': sorted.map((each) => `${each.path}: ${needs(each).join(' ')}`.trim()).join('\n') + '\n',
    'modules.alias': sorted.flatMap((each) => each.aliases.map((alias) => `alias ${alias} ${each.name}`)).join('\n') + '\n',
  }
}
