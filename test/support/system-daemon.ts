/**
 * A dockerd as a distribution would run it: in the machine's own network namespace, with docker0 and its rules. Only on
 * machines that have none; everything it changes is put back.
 */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { existsSync, openSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { restoreRules } from '../../engine/providers/native/restore.ts'
import { ping } from '../../engine/providers/native/ping.ts'
import { unmountBelow } from '../../engine/providers/native/mounts.ts'
import { bundleEnv, networkTools } from '../../engine/providers/native/tools.ts'
import { exec } from '../../engine/system/exec.ts'
import { waitUntil } from '../../engine/system/clock.ts'

const FORWARD = '/proc/sys/net/ipv4/ip_forward'

/** Input for `iptables-restore --noflush` that takes away what came since `before`, except rules of embedded engines. */
function undoing(before: string, after: string): string {
  const known = new Set(before.split('\n').map((line) => line.replace(/ \[\d+:\d+\]$/, '')))
  return [...after.matchAll(/^\*(\w+)\n([\s\S]*?)^COMMIT$/gm)]
    .map(([, table, body = '']) => {
      const lines = body.split('\n').map((line) => line.replace(/ \[\d+:\d+\]$/, '')).filter((line) => !known.has(line))
      const chains = lines.filter((line) => /^:.* -$/.test(line)).map((line) => line.slice(1, -2))
      const rules = lines.filter((line) => line.startsWith('-A ') && !/naru-[0-9a-f]{8}/.test(line)).map((line) => `-D${line.slice(2)}`)
      const policies = lines.filter((line) => /^:.* DROP$/.test(line)).map((line) => line.replace(/ DROP$/, ' ACCEPT [0:0]'))
      const commands = [...policies, ...rules, ...chains.map((chain) => `-X ${chain}`)]
      return commands.length === 0 ? '' : `*${table}\n${commands.join('\n')}\nCOMMIT\n`
    })
    .join('')
}

/** Why no such daemon may be run here; null when it may. */
export function whyNoSystemDaemon(): string | null {
  if (process.getuid?.() !== 0) return 'not root'
  if (existsSync('/sys/class/net/docker0')) return 'docker0 is in use'
  return existsSync('/run/docker.sock') ? 'a system dockerd runs' : null
}

export interface SystemDaemon {
  readonly docker: (...args: string[]) => Promise<string>
  readonly restart: () => Promise<void>
  /** Rules and chains of the machine without counters. */
  readonly rules: () => Promise<readonly string[]>
  readonly close: () => Promise<void>
}

export async function startSystemDaemon(bundle: string): Promise<SystemDaemon> {
  const folder = await mkdtemp(join(tmpdir(), 'naru-s-'))
  const socket = join(folder, 'd.sock')
  const tools = await networkTools(bundle)
  const save = async (): Promise<string> => (await exec(tools.iptablesSave, [], { env: tools.env })).stdout
  const [savedRules, savedForward] = [await save(), await readFile(FORWARD, 'utf8')]
  let child: ChildProcess | undefined
  const start = async (): Promise<void> => {
    const log = openSync(join(folder, 'log'), 'a')
    const args = [
      `--config-file=${join(folder, 'none.json')}`, `--data-root=${join(folder, 'data')}`, `--exec-root=${join(folder, 'exec')}`,
      `--pidfile=${join(folder, 'd.pid')}`, `--host=unix://${socket}`, '--ip6tables=false', '--live-restore',
    ]
    child = spawn(join(bundle, 'bin/dockerd'), args, { env: bundleEnv(bundle), stdio: ['ignore', log, log] })
    if (!(await waitUntil(() => ping(socket, 1_000), { withinMs: 30_000, everyMs: 50 }))) {
      throw new Error(`the system daemon did not come up: ${(await readFile(join(folder, 'log'), 'utf8')).slice(-800)}`)
    }
  }
  const end = async (): Promise<void> => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGTERM')
    await once(child, 'exit')
  }
  await writeFile(join(folder, 'none.json'), '{}')
  await start()
  const docker = async (...args: string[]): Promise<string> =>
    (await exec(join(bundle, 'bin/docker'), ['-H', `unix://${socket}`, ...args], { env: { ...bundleEnv(bundle), DOCKER_CONFIG: folder }, timeoutMs: 60_000 })).stdout.trim()
  return {
    docker,
    rules: async () => (await save()).split('\n').filter((line) => /^(-A|:|\*)/.test(line)).map((line) => line.replace(/ \[\d+:\d+\]$/, '')),
    restart: async () => {
      await end()
      await start()
    },
    close: async () => {
      const ids = await docker('ps', '-aq').catch(() => '')
      if (ids !== '') await docker('rm', '-f', ...ids.split('\n')).catch(() => '')
      await end()
      await exec(tools.ip, ['link', 'delete', 'docker0']).catch(() => undefined)
      const input = undoing(savedRules, await save())
      if (input !== '') await restoreRules([tools.iptablesRestore, []], input, { env: tools.env })
      await writeFile(FORWARD, savedForward)
      await unmountBelow(folder)
      await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
    },
  }
}
