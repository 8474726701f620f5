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
import { ping } from '../../engine/providers/native/ping.ts'
import { unmountBelow } from '../../engine/providers/native/mounts.ts'
import { bundleEnv, networkTools } from '../../engine/providers/native/tools.ts'
import { exec } from '../../engine/system/exec.ts'
import { waitUntil } from '../../engine/system/clock.ts'

const FORWARD = '/proc/sys/net/ipv4/ip_forward'
const CHAINS: Readonly<Record<string, readonly string[]>> = {
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  raw: ['PREROUTING', 'OUTPUT'],
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
      const missing = Object.entries(CHAINS).filter(([name]) => !savedRules.includes(`*${name}\n`))
      const empty = missing.map(([name, chains]) => `*${name}\n${chains.map((chain) => `:${chain} ACCEPT [0:0]\n`).join('')}COMMIT\n`)
      await exec(tools.iptablesRestore, [], { env: tools.env, input: savedRules + empty.join('') })
      await writeFile(FORWARD, savedForward)
      await unmountBelow(folder)
      await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
    },
  }
}
