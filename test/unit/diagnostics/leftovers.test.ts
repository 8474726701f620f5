/** Real processes that look like those of a stopped engine. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { EngineStatus } from '../../../engine/contract/models.ts'
import { leftoversCheck } from '../../../engine/diagnostics/checks/leftovers.ts'
import { nativePaths } from '../../../engine/providers/native/paths.ts'
import { vmPaths } from '../../../engine/providers/vm/paths.ts'
import { readProcess } from '../../../engine/system/processes.ts'
import { afterwards, makeFolder, outcomeOf } from './support.ts'

/** A program of this name that waits for its input to close. */
async function program(folder: string, name: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<number> {
  const file = join(folder, name)
  await copyFile('/bin/sh', file)
  const child: ChildProcess = spawn(file, ['-c', 'echo up; read -r _', ...args], { env, stdio: ['pipe', 'pipe', 'ignore'] })
  afterwards(
    () =>
      new Promise((resolve) => {
        child.once('exit', resolve)
        child.stdin?.end()
      }),
  )
  await new Promise((resolve) => child.stdout?.once('data', resolve))
  return child.pid ?? 0
}

describe.runIf(process.platform === 'linux')('what is left of an engine', () => {
  const native = (folder: string, status: EngineStatus) => ({ engineId: 'native', status, paths: nativePaths(folder) })

  it('is found by what it runs and for whom, and can be taken over by a start or ended by hand', async () => {
    const folder = await makeFolder()
    expect(await outcomeOf(leftoversCheck({ native: native(folder, 'stopped'), vm: null }))).toMatchObject({ state: 'passed', why: 'none' })
    const pid = await program(folder, 'containerd', ['--config', nativePaths(folder).containerdConfig])
    const result = await outcomeOf(leftoversCheck({ native: native(folder, 'stopped'), vm: null }))
    expect(result).toMatchObject({ state: 'warned', why: 'found', params: { engineId: 'native', processes: `containerd (${pid})` } })
    expect(result.fixes).toEqual([{ kind: 'start', engineId: 'native' }, { kind: 'command', command: `sudo kill ${pid}` }])
    // The same process is no leftover of an engine that runs, nor of another one.
    expect((await outcomeOf(leftoversCheck({ native: native(folder, 'ready'), vm: null }))).state).toBe('passed')
    expect((await outcomeOf(leftoversCheck({ native: native(`${folder}x`, 'stopped'), vm: null }))).state).toBe('passed')
    expect(await outcomeOf(leftoversCheck({ native: native(folder, 'stopping'), vm: null }))).toMatchObject({ state: 'skipped', why: 'moving' })
  })

  it('proxies without a daemon are left over, unless containers that outlive their engine still use them', async () => {
    const folder = await makeFolder()
    const paths = nativePaths(folder)
    const pid = await program(folder, 'docker-proxy', [], { NARU_HOST_NET: paths.hostNet })
    await program(folder, 'docker-proxy.of-another', [], { NARU_HOST_NET: '/elsewhere' })
    expect(await outcomeOf(leftoversCheck({ native: native(folder, 'failed'), vm: null }))).toMatchObject({ state: 'warned', params: { processes: `docker-proxy (${pid})` } })
    await program(folder, 'containerd-shim-runc-v2', ['-address', paths.containerdSocket])
    expect(await outcomeOf(leftoversCheck({ native: native(folder, 'stopped'), vm: null }))).toMatchObject({ state: 'passed', why: 'containers', params: { count: 1 } })
  })

  it('a virtual machine that runs although its engine does not is found by its record', async () => {
    const folder = await makeFolder()
    const paths = vmPaths(folder)
    await mkdir(paths.run)
    const pid = await program(folder, 'qemu-stand-in', [`unix:${paths.qmp}`])
    const process = await readProcess(pid)
    await writeFile(paths.record, JSON.stringify({ process: { pid, startTime: process?.startTime }, accel: 'tcg', acceleration: { tried: [] }, facts: { folders: [] }, qemu: null }))
    const vm = { engineId: 'vm', status: 'failed' as const, paths }
    expect(await outcomeOf(leftoversCheck({ native: null, vm }))).toMatchObject({ state: 'warned', why: 'found', params: { engineId: 'vm', processes: `qemu (${pid})` } })
  })
})
