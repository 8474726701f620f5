/** Secrets that can be found again: planted by tests, then looked for in everything Naru wrote or said. */
import { randomBytes } from 'node:crypto'
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { argumentsOf, listProcesses } from '../../engine/system/processes.ts'

export interface Planted {
  readonly secret: string
  /** Where a person put it. */
  readonly where: string
}

export interface Garden {
  /** A new secret. */
  readonly plant: (where: string) => string
  readonly all: () => readonly Planted[]
  /** Which are in a text, plain or in base64 with anything before it: `where: in what`. */
  readonly found: (text: string, what: string) => readonly string[]
}

const alignments = (secret: string): string[] => [0, 1, 2].map((pad) => Buffer.from('x'.repeat(pad) + secret).toString('base64').slice(4, -4))

export function createGarden(): Garden {
  const planted: (Planted & { readonly forms: readonly string[] })[] = []
  return {
    plant(where) {
      const secret = `Zq${randomBytes(12).toString('hex')}7K`
      planted.push({ secret, where, forms: [secret, ...alignments(secret)] })
      return secret
    },
    all: () => planted,
    found: (text, what) => planted.filter(({ forms }) => forms.some((form) => text.includes(form))).map(({ where }) => `${where} → ${what}`),
  }
}

/** Every ordinary file below a folder but below `except` (paths relative to it). */
export async function filesBelow(folder: string, except: readonly string[] = []): Promise<readonly { readonly name: string; readonly text: string }[]> {
  const found: { readonly name: string; readonly text: string }[] = []
  const visit = async (below: string): Promise<void> => {
    for (const entry of await readdir(join(folder, below), { withFileTypes: true }).catch(() => [])) {
      const name = below === '' ? entry.name : `${below}/${entry.name}`
      if (except.includes(name)) continue
      if (entry.isDirectory()) await visit(name)
      else if (entry.isFile()) found.push({ name, text: await readFile(join(folder, name), 'latin1').catch(() => '') })
    }
  }
  await visit('')
  return found
}

export interface ProcessWatch {
  /** `<program>` → arguments and environment of every process that began since, each text once. */
  readonly seen: () => readonly { readonly program: string; readonly arguments: string; readonly environment: string }[]
  readonly stop: () => void
}

/** Looks at every process that begins from now on, as often as it can, until it is stopped. */
export async function watchProcesses(): Promise<ProcessWatch> {
  const before = new Set(await listProcesses())
  const seen = new Map<string, { readonly program: string; readonly arguments: string; readonly environment: string }>()
  let on = true
  const look = async (): Promise<void> => {
    for (const pid of await listProcesses()) {
      if (before.has(pid)) continue
      const words = await argumentsOf(pid)
      const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '')
      if (words[0] !== undefined) seen.set(`${pid} ${words.join(' ')}`, { program: words[0].split('/').at(-1) ?? '', arguments: words.join(' '), environment })
    }
  }
  const going = (async () => {
    while (on) {
      await look()
      await new Promise((resolve) => setImmediate(resolve))
    }
  })()
  return {
    seen: () => [...seen.values()],
    stop: () => {
      on = false
      void going
    },
  }
}
