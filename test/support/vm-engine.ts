/** The virtual machine in the place of a daemon, for suites that are written for any engine. */
import { connectEngine } from '../../engine/docker/connect.ts'
import type { EngineHandle } from '../../engine/providers/provider.ts'
import { findMachine } from '../../engine/providers/vm/record.ts'
import { signalProcess } from '../../engine/system/processes.ts'
import { dialSocket } from '../fake-dockerd/fake-dockerd.ts'
import type { RealEngine } from './real-engine.ts'
import { makeVmHome } from './vm.ts'
import type { VmHome } from './vm.ts'

export interface VmEngine extends RealEngine {
  readonly home: VmHome
  /** Takes away every container, image, volume and what builds kept: the next suite finds an engine like a fresh one. */
  readonly clear: () => Promise<void>
  /** Lets go of the machine, which runs on: somebody else may take it over. */
  readonly letGo: () => Promise<void>
  /** Takes it over again. */
  readonly takeBack: () => Promise<void>
  /** The same machine for one suite: closing it only clears it. */
  readonly lend: () => Promise<RealEngine>
}

/** Boots one in software emulation (what hangs here is tried in vm.test.ts). Its image must be there. */
export async function startVmEngine(): Promise<VmEngine> {
  const home = await makeVmHome()
  let handle: EngineHandle | null = null
  const start = async (): Promise<void> => {
    handle = await home.start({ softwareOnly: true })
  }
  const letGo = async (): Promise<void> => {
    handle?.release()
    await handle?.ended
    handle = null
  }
  const kill = async (): Promise<void> => {
    const machine = await findMachine(home.paths)
    if (machine) await signalProcess(machine.process, 'SIGKILL')
    await handle?.ended
    handle = null
  }
  const clear = async (): Promise<void> => {
    const client = await connectEngine(() => dialSocket(home.paths.socket), { engineId: 'vm', signal: AbortSignal.timeout(60_000) })
    try {
      for (const { Id } of await client.listContainers({ all: true })) await client.removeContainer(Id, { force: true, volumes: true })
    } finally {
      client.close()
    }
    await home.docker(['system', 'prune', '--all', '--volumes', '--force'])
  }
  try {
    await start()
  } catch (error) {
    await home.destroy()
    throw error
  }
  const engine: VmEngine = {
    home,
    socketPath: home.paths.socket,
    pid: () => {
      throw new Error('the network of the virtual machine is not this machine’s')
    },
    kill,
    stop: async () => {
      await handle?.stop({ graceMs: 60_000 })
      handle = null
    },
    restart: start,
    close: async () => {
      await letGo()
      await home.destroy()
    },
    clear,
    letGo,
    takeBack: start,
    lend: async () => ({ ...engine, close: clear }),
  }
  return engine
}
