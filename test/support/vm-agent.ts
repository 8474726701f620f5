/** The guest's agent on this machine: compiled with whatever compiler there is, its port one end of a socket pair. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { exec } from '../../engine/system/exec.ts'

const SOURCE = fileURLToPath(new URL('../../engine/providers/vm/image/guest/agent.c', import.meta.url))

export interface BuiltAgent {
  readonly path: string
  readonly remove: () => Promise<void>
}

/** Null when this machine has no C compiler. */
export async function buildAgent(): Promise<BuiltAgent | null> {
  const folder = await mkdtemp(join(tmpdir(), 'naru-agent-'))
  const path = join(folder, 'agent')
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true })
  const compile = (...more: string[]) => exec('cc', ['-O1', '-g', '-Wall', '-Wextra', '-Werror', ...more, '-o', path, SOURCE], { timeoutMs: 120_000 })
  try {
    // Not every compiler comes with the sanitizers' libraries.
    await compile('-fsanitize=address,undefined').catch(() => compile())
    return { path, remove }
  } catch (error) {
    await remove()
    if (error instanceof Error && 'code' in error && error.code === 'not-found') return null
    throw error
  }
}

export interface RunningAgent {
  /** The host's end of its port. */
  readonly line: Socket
  /** Resolves with its exit code and what it said last (a sanitizer's report). */
  readonly ended: Promise<{ readonly code: number | null; readonly said: string }>
}

export function runAgent(path: string): RunningAgent {
  const child = spawn(path, ['--fd', '3'], { stdio: ['ignore', 'ignore', 'pipe', 'pipe'] })
  let said = ''
  child.stderr?.on('data', (part: Buffer) => (said += part.toString()))
  const ended = new Promise<{ code: number | null; said: string }>((resolve) => child.once('close', (code) => resolve({ code, said })))
  return { line: child.stdio[3] as unknown as Socket, ended }
}
