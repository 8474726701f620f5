/** The guest's first-rules.c on this machine, before the real iptables, each run in a network namespace of its own. */
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { exec } from '../../engine/system/exec.ts'

const SOURCE = fileURLToPath(new URL('../../engine/providers/vm/image/guest/first-rules.c', import.meta.url))

export interface Answers {
  /** Exit codes in the order of the commands. */
  readonly codes: readonly number[]
  /** `iptables-save` at the end, without its comments and counters. */
  readonly rules: string
  /** How often the real program ran. */
  readonly real: number
  /** Whether the program still answered by itself at the end. */
  readonly active: boolean
}

export interface FirstRules {
  /** Runs `iptables` with each line's arguments; `straight`: without first-rules in between. */
  readonly run: (commands: readonly string[], how: 'straight' | 'known') => Promise<Answers>
  readonly remove: () => Promise<void>
}

/** Null when this machine has no C compiler or no iptables. */
export async function buildFirstRules(): Promise<FirstRules | null> {
  const folder = await mkdtemp(join(tmpdir(), 'naru-rules-'))
  const at = (name: string): string => join(folder, name)
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true })
  try {
    await symlink(await realpath('/usr/sbin/iptables-nft'), at('iptables'))
    await writeFile(at('real'), `#!/bin/sh\necho >>${at('count')}\nexec ${at('iptables')} "$@"\n`, { mode: 0o755 })
    const names = [`-DSTATE="${at('state')}"`, `-DREAL="${at('real')}"`]
    const compile = (...more: string[]) => exec('cc', ['-O1', '-g', '-Wall', '-Wextra', '-Werror', ...more, ...names, '-o', at('known'), SOURCE], { timeoutMs: 120_000 })
    await compile('-fsanitize=address,undefined').catch(() => compile())
  } catch (error) {
    await remove()
    if (error instanceof Error && 'code' in error && (error.code === 'not-found' || error.code === 'ENOENT')) return null
    throw error
  }
  return {
    remove,
    run: async (commands, how) => {
      const program = how === 'known' ? at('known') : at('real')
      // A start of the engine: nobody else has touched the tables of this namespace.
      await Promise.all([writeFile(at('state'), ''), writeFile(at('count'), '')])
      // Arguments hold no blanks and nothing a shell reads but the exclamation mark.
      const lines = commands.map((line) => `${program} ${line.replaceAll('!', "'!'")} >/dev/null 2>&1; echo $?`)
      const child = spawn('unshare', ['-n', 'sh'], { stdio: ['pipe', 'pipe', 'inherit'] })
      child.stdin.end([...lines, 'echo --', 'iptables-nft-save', ''].join('\n'))
      const [codes = '', rules = ''] = (await text(child.stdout)).split('--\n')
      return {
        codes: codes.trim().split('\n').map(Number),
        rules: rules.replaceAll(/^#.*\n/gm, '').replaceAll(/\[\d+:\d+\]/g, ''),
        real: (await readFile(at('count'), 'utf8')).length,
        active: await readFile(at('state')).then(() => true, () => false),
      }
    },
  }
}
