/** Bundles the benches for Node: TypeScript and the tree's modules inside, packages outside. */
import { mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pid } from 'node:process'
import { pathToFileURL } from 'node:url'

/** A module finds files beside itself; in a bundle it must be told where it was. */
const keepPlaces = {
  name: 'keep-places',
  transform(code, id) {
    if (!/\.ts$/.test(id) || !code.includes('import.meta.')) return null
    return code
      .replaceAll('import.meta.dirname', JSON.stringify(dirname(id)))
      .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href))
  },
}

/**
 * Bundles `names` (`link` → link.bench.ts) into a folder below `root`, where packages are found.
 * @param {string} root
 * @param {readonly string[]} names
 * @returns {Promise<{ scripts: ReadonlyMap<string, string>, remove: () => void }>}
 */
export async function bundleBenches(root, names) {
  const { build } = await import('vite')
  const folder = join(root, '.naru', `bench-${pid}`)
  mkdirSync(folder, { recursive: true })
  const remove = () => rmSync(folder, { recursive: true, force: true })
  const scripts = new Map()
  try {
    for (const name of names) {
      await build({
        root,
        configFile: false,
        logLevel: 'error',
        plugins: [keepPlaces],
        build: {
          ssr: join(root, `test/bench/${name}.bench.ts`),
          outDir: folder,
          emptyOutDir: false,
          target: 'node20',
          minify: false,
          copyPublicDir: false,
          rolldownOptions: { output: { format: 'es', entryFileNames: `${name}.mjs`, codeSplitting: false } },
        },
      })
      scripts.set(name, join(folder, `${name}.mjs`))
    }
  } catch (error) {
    remove()
    throw error
  }
  return { scripts, remove }
}
