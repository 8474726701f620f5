/** What lies in the layers of the invented images; one directory at a time, as the engine room answers. */
import type { CompareEntry, FileMark, LayerAnalysis, LayerEntry, MarkCounts } from '../../engine/contract/models.ts'
import { NaruError } from '../../engine/contract/errors.ts'
import type { MethodHandlers, StreamHandlers } from '../../engine/link/handlers.ts'
import { imageDetail } from './more-images.ts'
import type { Scenario } from './scenarios.ts'
import { MB, NOW } from './seed.ts'

type Node = readonly [path: string, mark: FileMark, kB: number, more?: Partial<LayerEntry>]

const FILES: readonly Node[] = [
  ['app/node_modules/@aws-sdk/client-s3/dist-cjs/index.js', 'added', 21_400], ['app/node_modules/typescript/lib/typescript.js', 'added', 18_900],
  ['app/node_modules/express/index.js', 'added', 224], ['app/node_modules/express/lib/router/index.js', 'added', 1_876],
  ['app/node_modules/.bin/tsc', 'added', 0, { type: 'symlink', linkTarget: '../typescript/bin/tsc', mode: 0o777 }],
  ['app/package-lock.json', 'changed', 118], ['root/.npm/_logs/2026-11-19T09_12_44_113Z-debug-0.log', 'added', 31],
  ['tmp/npm-cache', 'removed', 4_200], ['usr/bin/node', 'unmodified', 98_300, { mode: 0o755 }],
  ['usr/bin/nodejs', 'unmodified', 0, { type: 'hardlink', linkTarget: 'usr/bin/node', mode: 0o755 }], ['etc/ssl/보안-인증서.pem', 'added', 212],
]
const NONE: MarkCounts = { added: 0, changed: 0, removed: 0, unmodified: 0 }

/** The children of a directory, with sums and counts of what is below. */
function children(folder: string, files: readonly Node[]): LayerEntry[] {
  const names = new Map<string, Node[]>()
  for (const node of files) {
    if (folder !== '' && !node[0].startsWith(`${folder}/`)) continue
    const [name = ''] = node[0].slice(folder === '' ? 0 : folder.length + 1).split('/')
    names.set(name, [...(names.get(name) ?? []), node])
  }
  return [...names].map(([name, below]) => {
    const path = folder === '' ? name : `${folder}/${name}`
    const [only] = below
    const leaf = only && below.length === 1 && only[0] === path ? only : null
    const counts = below.reduce((sum, [, mark]) => ({ ...sum, [mark]: sum[mark] + 1 }), NONE)
    const mark = leaf?.[1] ?? (below.every(([, each]) => each === 'added') ? 'added' : 'unmodified')
    const base = { name, path, mark, uid: 0, gid: 0, modifiedAt: NOW - 3 * 86_400_000, layer: 7, sizeBytes: below.reduce((sum, [, each, kB]) => sum + (each === 'removed' && !leaf ? 0 : kB * 1_000), 0) }
    return leaf ? { ...base, type: 'file', mode: 0o644, hasChildren: false, ...leaf[3] } : { ...base, type: 'directory', mode: 0o755, hasChildren: true, below: counts }
  })
}

function analysis(scenario: Scenario, imageId: string): LayerAnalysis {
  const { layers } = imageDetail(scenario, imageId)
  const counts = FILES.reduce((sum, [, mark]) => ({ ...sum, [mark]: sum[mark] + 1 }), NONE)
  return {
    imageId, efficiency: 0.978, totalBytes: 192_600_000, wastedBytes: 4_300_000, wastedCount: 214, exportBytes: 193_400_000, milliseconds: 904,
    layers: layers.map((layer, index) => ({
      index, diffId: layer.diffId, digest: layer.diffId.replace(/[0-9a-f]{12}/, '9d71c04be5a2'), command: layer.instruction, empty: layer.diffId === '',
      sizeBytes: layer.sizeBytes, blobBytes: Math.round(layer.sizeBytes * 0.41),
      counts: index % 2 === 0 ? counts : { ...counts, added: 3_412, unmodified: 0 },
    })),
    wasted: [
      { path: 'tmp/npm-cache', count: 2, bytes: 4_200_000 }, { path: 'app/package-lock.json', count: 2, bytes: 62_000 }, { path: 'root/.npm/_logs/2026-11-19T09_12_44_113Z-debug-0.log', count: 2, bytes: 31_000 },
      { path: 'var/cache/apk/APKINDEX.d5f1e1a6b3c0.tar.gz', count: 3, bytes: 4_100 },
    ],
  }
}

type Query = { readonly path: string; readonly marks?: readonly FileMark[]; readonly text?: string; readonly sort: 'name' | 'size' }

function list({ path, marks, text, sort }: Query): readonly LayerEntry[] {
  const fitting = FILES.filter(([name, mark]) => (!marks || marks.includes(mark)) && (!text || name.toLowerCase().includes(text.toLowerCase())))
  return children(path, fitting).sort((a, b) => (sort === 'size' ? b.sizeBytes - a.sizeBytes : a.name.localeCompare(b.name)))
}

const TEXT = `{
  "name": "shop-api",
  "lockfileVersion": 3,
  "packages": {
    "": { "dependencies": { "@aws-sdk/client-s3": "^3.700.0", "express": "^5.1.0" } },
    "node_modules/express": {
      "version": "5.1.0",
      "license": "MIT",
      "engines": { "node": ">= 18" }
    }
  }
}
`

export function layerMethods(scenario: Scenario): Partial<MethodHandlers> {
  const analysed = (imageId: string): boolean => scenario.layers === 'ready' && imageId !== ''
  return {
    'layers.summary': async ({ imageId }) => (analysed(imageId) ? { state: 'ready', ...analysis(scenario, imageId) } : { state: 'absent' }),
    'layers.list': async (query) => {
      const entries = list(query)
      return { path: query.path, entries, total: entries.length }
    },
    'layers.stat': async ({ path }) => {
      const found = children(path.split('/').slice(0, -1).join('/'), FILES).find((entry) => entry.path === path)
      if (!found) throw new NaruError('not-found', path)
      return found
    },
    'layers.compare': async (query) => {
      const entries = list(query).map((entry): CompareEntry => ({ ...entry, beforeBytes: entry.mark === 'added' ? 0 : Math.round(entry.sizeBytes * 0.8), sizeBytes: entry.mark === 'removed' ? 0 : entry.sizeBytes }))
      return { path: query.path, entries, total: entries.length, totals: { counts: { added: 812, changed: 3, removed: 41, unmodified: 2_918 }, beforeBytes: 192.6 * MB, afterBytes: 211 * MB } }
    },
    'layers.read': async ({ path, offset }) => {
      const bytes = path.endsWith('node') ? Uint8Array.from({ length: 4_096 }, (_, n) => (n * 37 + (n >> 4)) % 256) : new TextEncoder().encode(TEXT)
      return { offset, bytes, totalBytes: path.endsWith('node') ? 98.3 * MB : bytes.length }
    },
  }
}

export const layerStreams: Partial<StreamHandlers> = {
  'layers.extract': async function* () {
    yield new TextEncoder().encode(TEXT)
  },
}
