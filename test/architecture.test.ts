/** The rooms and who may know whom (see CONTRIBUTING): every import of the product is held against one table. */
import { readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '..')
/** Lines of a source file: the aim, and what no file may pass. */
const AIM_LINES = 300
const MOST_LINES = 500
/** Files over the aim that may be, all together; a long catalogue is no long program. */
const OVER_AIM_SHARE = 0.05

/** Engine modules without any node: import, which the page may use as well. */
const PURE_ENGINE = [
  'engine/builds/build-command.ts',
  'engine/images/reference.ts',
  'engine/images/prune-forecast.ts',
  'engine/transfers/home-word.ts',
  'engine/registries/address.ts',
  'engine/ports/spec.ts',
  'engine/ports/overlap.ts',
  'engine/logs/ansi.ts',
  'engine/logs/level-words.ts',
  'engine/logs/level.ts',
  'engine/container-files/file-words.ts',
  'engine/containers/run-command.ts',
  'engine/containers/flag-values.ts',
  'engine/containers/run-flags.ts',
  'engine/containers/commit-words.ts',
  'engine/containers/like.ts',
  'engine/containers/update.ts',
  'engine/containers/rules.ts',
  'engine/containers/stats.ts',
  'engine/containers/signals.ts',
  'engine/redact/rules.ts',
  'engine/redact/text.ts',
  'engine/redact/known.ts',
  'engine/redact/command.ts',
  'engine/link/client.ts',
  'engine/link/port.ts',
  'engine/link/websocket.ts',
  'engine/link/transport.ts',
  'engine/link/codec.ts',
]

interface Source {
  /** Path below the project. */
  readonly path: string
  readonly text: string
  /** Targets of its imports: project paths for relative ones, package names or `node:x` otherwise. */
  readonly imports: readonly string[]
}

const CODE = /\.(?:ts|vue|mjs|cjs)$/

function* walk(folder: string): Generator<string> {
  for (const entry of readdirSync(join(ROOT, folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) yield* walk(path)
    else if (CODE.test(entry.name)) yield path
  }
}

/** The code of a file without its comments; strings stay. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[\s;])\/\/[^\n]*/g, '$1')
}

const IMPORT =
  /(?:^|[\s;}])(?:import|export)\s+(?:[\w*${}\s,]+?\sfrom\s+)?['"]([^'"\n]+)['"]|(?:import|require)\(\s*['"]([^'"\n]+)['"]\s*\)/g

function readSource(path: string): Source {
  const text = readFileSync(join(ROOT, path), 'utf8')
  const targets = [...withoutComments(text).matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? '')
  const imports = targets.map((target) =>
    target.startsWith('.') ? relative(ROOT, resolve(ROOT, dirname(path), target.replace(/\?.*$/, ''))) : target,
  )
  return { path, text, imports }
}

const sources = ['engine', 'main', 'renderer'].flatMap((folder) => [...walk(folder)]).map(readSource)
const builtins = new Set([...builtinModules, ...builtinModules.map((name) => `node:${name}`)])
const packageOf = (target: string): string => target.split('/').slice(0, target.startsWith('@') ? 2 : 1).join('/')
const inProject = (target: string): boolean => /^(?:engine|main|renderer|test|assets|out)\//.test(target) || target === 'package.json'

const ENGINE_PACKAGES = new Set(['ws', 'valibot', 'tar-stream', 'fzstd', 're2js'])
const PAGE_PACKAGES = new Set([
  'vue',
  'pinia',
  'vue-router',
  'vue-i18n',
  '@vueuse/core',
  'reka-ui',
  '@lucide/vue',
  '@tanstack/vue-virtual',
  '@xterm/xterm',
  '@xterm/addon-fit',
  '@xterm/addon-search',
  '@xterm/addon-web-links',
  'uplot',
  'tailwindcss',
  'valibot',
])
const isContract = (target: string): boolean => target.startsWith('engine/contract/')

/** What a file may import; the first room whose path fits decides. */
const ROOMS: readonly { name: string; of: (path: string) => boolean; may: (target: string, path: string) => boolean }[] = [
  {
    name: 'contract',
    of: isContract,
    // The one exception: arguments are checked with a library that runs anywhere.
    may: (target, path) => isContract(target) || (target === 'valibot' && path.startsWith('engine/contract/validate')),
  },
  {
    name: 'engine',
    of: (path) => path.startsWith('engine/'),
    may: (target, path) =>
      target.startsWith('engine/') ||
      builtins.has(target) ||
      ENGINE_PACKAGES.has(packageOf(target)) ||
      (packageOf(target) === 'dockerode' && path === 'engine/docker/client.ts'),
  },
  {
    name: 'set-up',
    of: (path) => /^main\/(?:setup\/[\w-]+|start|lockfix)\.mjs$/.test(path),
    may: (target) => builtins.has(target) || target.startsWith('main/setup/') || target === 'main/build.mjs',
  },
  {
    name: 'build',
    of: (path) => path === 'main/build.mjs',
    may: (target) => builtins.has(target) || ['vite', '@vitejs/plugin-vue', '@tailwindcss/vite'].includes(target),
  },
  { name: 'preload', of: (path) => path === 'main/preload.ts', may: (target) => target === 'electron' || isContract(target) },
  {
    name: 'main',
    of: (path) => path.startsWith('main/'),
    may: (target, path) =>
      builtins.has(target) ||
      target.startsWith('main/') ||
      target === 'engine/index.ts' ||
      isContract(target) ||
      (target === 'ws' && path.startsWith('main/web/')) ||
      (target === 'electron' && path === 'main/electron.ts'),
  },
  {
    name: 'renderer',
    of: (path) => path.startsWith('renderer/'),
    may: (target) =>
      target.startsWith('renderer/') || isContract(target) || PURE_ENGINE.includes(target) || PAGE_PACKAGES.has(packageOf(target)),
  },
]

describe('rooms', () => {
  it('found the product', () => {
    expect(sources.length).toBeGreaterThan(50)
    expect(sources.flatMap((source) => source.imports).length).toBeGreaterThan(200)
  })

  it('know only whom they may', () => {
    const broken = sources.flatMap(({ path, imports }) => {
      const room = ROOMS.find((one) => one.of(path))
      if (!room) return [`${path} is in no room`]
      return imports.filter((target) => !room.may(target, path)).map((target) => `${path} → ${target}`)
    })
    expect(broken).toEqual([])
  })

  it('write relative imports with their extension, to files that exist', () => {
    const all = new Set([...sources.map((source) => source.path), 'package.json'])
    const styles = /\.(?:css|svg|png|json)(?:\?\w+)?$/
    const broken = sources
      .filter((source) => !source.path.endsWith('.mjs'))
      .flatMap(({ path, imports }) =>
        imports
          .filter((target) => inProject(target) && !styles.test(target) && !all.has(target))
          .map((target) => `${path} → ${target}`),
      )
    expect(broken).toEqual([])
  })
})

describe('pure engine modules', () => {
  it('need neither Node nor a package, themselves and in what they import', () => {
    const byPath = new Map(sources.map((source) => [source.path, source]))
    const seen = new Set<string>()
    const broken: string[] = []
    const visit = (path: string, from: string): void => {
      if (seen.has(path)) return
      seen.add(path)
      for (const target of byPath.get(path)?.imports ?? []) {
        if (target.startsWith('engine/')) visit(target, from)
        else broken.push(`${from}: ${path} → ${target}`)
      }
    }
    for (const path of PURE_ENGINE) visit(path, path)
    expect(broken.filter((line) => !line.endsWith('→ valibot'))).toEqual([])
    expect(PURE_ENGINE.filter((path) => !byPath.has(path))).toEqual([])
  })
})

describe('size', () => {
  const lines = ({ text }: Source): number => text.split('\n').length - 1

  it('no file is longer than anyone can read', () => {
    const tooLong = sources.filter((source) => lines(source) > MOST_LINES && !source.path.startsWith('engine/contract/models'))
    expect(tooLong.map((source) => `${source.path}: ${lines(source)}`)).toEqual([])
  })

  it('few files are longer than they should be', () => {
    const long = sources.filter((source) => lines(source) > AIM_LINES).map((source) => `${source.path}: ${lines(source)}`)
    expect(long.length, long.join('\n')).toBeLessThanOrEqual(Math.ceil(sources.length * OVER_AIM_SHARE))
  })

  it('the preload stays small enough to be read at a glance', () => {
    const preload = sources.find((source) => source.path === 'main/preload.ts')
    expect(preload && lines(preload)).toBeLessThan(60)
  })
})

describe('words that must not be in the product', () => {
  it('has no switched-off check', () => {
    const markers = ['eslint' + '-disable', '@ts-' + 'ignore', '@ts-' + 'expect-error', '@ts-' + 'nocheck']
    const found = sources
      .filter(({ path }) => path.endsWith('.ts') || path.endsWith('.vue'))
      .flatMap(({ path, text }) => {
        const code = path.endsWith('.vue') ? (/<script[\s\S]*<\/script>/.exec(text)?.[0] ?? '') : text
        return markers.filter((marker) => code.includes(marker)).map((marker) => `${path}: ${marker}`)
      })
    expect(found).toEqual([])
  })
})
