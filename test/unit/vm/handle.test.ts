import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Balloon } from '../../../engine/providers/vm/balloon.ts'
import { createVmHandle } from '../../../engine/providers/vm/handle.ts'
import { Nap } from '../../../engine/providers/vm/nap.ts'
import { PortForwards } from '../../../engine/providers/vm/forwards.ts'
import { vmPaths } from '../../../engine/providers/vm/paths.ts'
import type { VmPaths } from '../../../engine/providers/vm/paths.ts'
import type { Qmp } from '../../../engine/providers/vm/qmp.ts'
import { findMachine, waitForEnding, writeRecord } from '../../../engine/providers/vm/record.ts'
import { StartTimes } from '../../../engine/providers/vm/start-times.ts'
import type { MachineRecord } from '../../../engine/providers/vm/record.ts'
import type { Running } from '../../../engine/providers/vm/start.ts'
import { argumentsOf, isAlive, readProcess } from '../../../engine/system/processes.ts'
import { headless } from '../../support/tiny-elf.ts'

if (!headless()) console.log('skipped: a machine that is ending (no program for that on this processor)')

let folder = ''
let paths: VmPaths
let child: ChildProcess
let executed: string[] = []
let letGo = 0
let closeQmp: (reason: string) => void = () => undefined

/** A process that holds the socket's path among its arguments, in QEMU's place. */
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'naru-handle-'))
  paths = vmPaths(join(folder, 'vm'), folder)
  await mkdir(paths.run, { recursive: true })
  child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)', `path=${paths.qmp}`], { stdio: 'ignore' })
  executed = []
  letGo = 0
})
afterEach(async () => {
  child.kill('SIGKILL')
  await rm(folder, { recursive: true, force: true })
})

const told = (folders: readonly string[] = []): Pick<MachineRecord, 'acceleration' | 'facts' | 'qemu'> => ({
  qemu: 'bundled',
  acceleration: { name: 'tcg', software: true, why: 'failed', tried: [{ accel: 'kvm -cpu host', why: 'no byte' }] },
  facts: { memoryMiB: 1024, cpus: 2, folders: folders.map((path) => ({ path, readonly: false })), hostLoopback: false, publishEverywhere: false },
})

async function running(): Promise<Running> {
  const info = (await readProcess(child.pid ?? 0)) ?? expect.fail('no process')
  const qmp: Qmp = {
    version: '7.2.22',
    execute: async (command) => {
      executed.push(command)
      if (command === 'quit') child.kill('SIGTERM')
    },
    onEvent: () => () => undefined,
    closed: new Promise((resolve) => (closeQmp = resolve)),
    close: () => undefined,
  }
  const link = {
    ready: async () => undefined,
    open: () => expect.fail('not opened'),
    ask: async () => Promise.reject(new Error('no agent')),
    setTime: async () => undefined,
    rest: () => undefined,
    close: () => undefined,
  }
  const disk = { now: () => null, onChange: () => () => undefined, resume: async () => undefined, close: () => undefined }
  const nap = new Nap({ rules: { afterMs: 0, withContainers: false }, pause: async () => undefined, resume: async () => undefined, log: () => undefined })
  const idle = { nap, balloon: new Balloon({ qmp, ask: link.ask, idleMs: () => 0, awake: () => false, log: () => undefined }), onPhase: () => () => undefined, end: async () => void executed.push('awake') }
  return { process: { pid: info.pid, startTime: info.startTime }, adopted: false, ...told(['/home']), qmp, link, disk, idle, forwards: new PortForwards(() => expect.fail('not opened'), () => undefined), starts: new StartTimes(), letGo: async () => void (letGo += 1) }
}

describe('a running virtual machine', () => {
  it('that dies is told with the console’s last lines', async () => {
    const handle = createVmHandle(paths, await running())
    await writeFile(paths.console, 'NARU: dockerd up=3\nKernel panic\n')
    child.kill('SIGKILL')
    await once(child, 'exit')
    closeQmp('QEMU closed the connection')
    expect(await handle.ended).toMatchObject({ kind: 'exited', error: { code: 'provider.exited', detail: expect.stringContaining('Kernel panic') } })
    await expect(handle.dial()).rejects.toMatchObject({ code: 'engine.unreachable' })
    expect(letGo).toBe(1)
  })

  it('whose QMP connection breaks while it lives is not taken for dead', async () => {
    const handle = createVmHandle(paths, await running())
    closeQmp('broken')
    const state = await Promise.race([handle.ended.then(() => 'ended'), new Promise((resolve) => setTimeout(() => resolve('lives'), 300))])
    expect(state).toBe('lives')
    handle.release()
    expect(await handle.ended).toEqual({ kind: 'stopped' })
    expect(child.exitCode ?? child.signalCode).toBeNull()
  })

  it('stops by the power button and then by force when its agent is gone; the second stop is the first', async () => {
    await writeRecord(paths, { process: (await running()).process, accel: 'tcg', ...told() })
    const handle = createVmHandle(paths, await running())
    const first = handle.stop({ graceMs: 50 })
    expect(handle.stop({ graceMs: 50 })).toBe(first)
    await first
    expect(executed).toEqual(['awake', 'system_powerdown', 'quit'])
    expect(await handle.ended).toEqual({ kind: 'stopped' })
    expect(await findMachine(paths)).toBeNull()
  })

  it('is dialled by its socket', async () => {
    const server = createServer((socket) => socket.end('x'))
    await once(server.listen(paths.socket), 'listening')
    const handle = createVmHandle(paths, await running())
    const stream = await handle.dial()
    expect(String((await once(stream, 'data'))[0])).toBe('x')
    expect(handle.dockerHost).toBe(`unix://${paths.socket}`)
    handle.release()
    stream.destroy()
    server.close()
  })
})

describe('the record of a machine', () => {
  it('names exactly one process: by number, start time and its own socket', async () => {
    const { process: ref } = await running()
    await writeRecord(paths, { process: ref, accel: 'tcg,thread=multi', ...told(['/home']) })
    expect(await findMachine(paths)).toEqual({ process: ref, accel: 'tcg,thread=multi', ...told(['/home']) })
    await writeRecord(paths, { process: { ...ref, startTime: ref.startTime + 1 }, accel: 'tcg', ...told() })
    expect(await findMachine(paths)).toBeNull()
    // A process that happens to have the number and the start time, but is none of ours.
    const own = (await readProcess(process.pid)) ?? expect.fail('no process')
    await writeRecord(paths, { process: own, accel: 'tcg', ...told() })
    expect(await findMachine(paths)).toBeNull()
    await writeFile(paths.record, '{"process":1}')
    expect(await findMachine(paths)).toBeNull()
  })

  it.skipIf(!headless())('is waited for while it ends: a process without arguments may still hold the disk', async () => {
    const file = join(folder, 'headless')
    await writeFile(file, headless() ?? '', { mode: 0o755 })
    const ending = spawn(file, { stdio: 'ignore' })
    try {
      const ref = (await readProcess(ending.pid ?? 0)) ?? expect.fail('no process')
      await writeRecord(paths, { process: ref, accel: 'kvm', ...told() })
      await expect.poll(() => argumentsOf(ref.pid)).toEqual([])
      const { signal } = new AbortController()
      await expect(waitForEnding(paths, signal, 100)).rejects.toMatchObject({ code: 'provider.boot-failed', hint: 'vm-boot' })
      const waiting = waitForEnding(paths, signal)
      ending.kill('SIGKILL')
      await waiting
      expect(await isAlive(ref)).toBe(false)
      await waitForEnding(paths, signal, 0)
    } finally {
      ending.kill('SIGKILL')
    }
  })
})
