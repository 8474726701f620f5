/** Bundles the log worker the way the product does, into a temporary folder, for tests that run it as a thread. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

export interface BuiltWorker {
  /** CommonJS bundle for `new Worker(path)`. */
  readonly path: string
  readonly remove: () => Promise<void>
}

/** Takes well under a second. Remove it when the tests are done. */
export async function buildLogWorker(): Promise<BuiltWorker> {
  return bundle('engine/logs/worker.ts', 'log-worker.cjs')
}

export async function buildLayerWorker(): Promise<BuiltWorker> {
  return bundle('engine/layers/worker.ts', 'layer-worker.cjs')
}

/** As in main/build.mjs: ssh2, below dockerode, tries native add-ons and falls back to JavaScript. */
const noNative = {
  name: 'no-native',
  enforce: 'pre' as const,
  resolveId: (id: string) => (/\.node$/.test(id) || id === 'cpu-features' ? '\0no-native' : null),
  load: (id: string) => (id === '\0no-native' ? 'throw new Error("native add-on left out")' : null),
}

/** Bundles any module of the tree for Node, CommonJS. */
export async function bundle(entry: string, fileName: string): Promise<BuiltWorker> {
  const folder = await mkdtemp(join(tmpdir(), 'naru-bundle-'))
  await build({
    root: ROOT,
    configFile: false,
    logLevel: 'error',
    plugins: [noNative],
    build: {
      outDir: folder,
      emptyOutDir: false,
      ssr: true,
      target: 'node20',
      minify: false,
      rollupOptions: { input: join(ROOT, entry), output: { format: 'cjs', entryFileNames: fileName } },
    },
    ssr: { noExternal: true },
  })
  return { path: join(folder, fileName), remove: () => rm(folder, { recursive: true, force: true }) }
}
