/** A running virtual machine as an engine: dialling it, noticing its end, stopping it, letting it go. */
import { NaruError, toEnvelope } from '../../contract/errors.ts'
import { tailOfFile } from '../../system/log.ts'
import { isAlive } from '../../system/processes.ts'
import type { EndReason, EngineHandle } from '../provider.ts'
import { socketError } from '../socket/access.ts'
import { DIAL_TIMEOUT_MS, openUnixSocket } from '../socket/dial.ts'
import type { VmPaths } from './paths.ts'
import type { Running } from './start.ts'
import { endMachine } from './stop.ts'

/** Milliseconds between two looks; its QMP connection usually tells first. */
const LOOK_EVERY_MS = 2_000

export function createVmHandle(paths: VmPaths, running: Running): EngineHandle {
  const { process, qmp, link, idle } = running
  let finish: (reason: EndReason) => void = () => undefined
  const ended = new Promise<EndReason>((resolve) => {
    finish = resolve
  })
  let over = false
  const letGo = async (): Promise<void> => {
    over = true
    clearInterval(timer)
    await running.letGo()
  }
  const exited = async (): Promise<void> => {
    if (over) return
    await letGo()
    const detail = (await tailOfFile(paths.console, 40).catch((): string[] => [])).join('\n')
    finish({ kind: 'exited', error: toEnvelope(new NaruError('provider.exited', 'the virtual machine ended by itself', { params: { path: paths.console }, detail })) })
  }
  const look = async (): Promise<void> => {
    if (!over && !(await isAlive(process))) await exited()
  }
  const timer = setInterval(() => void look(), LOOK_EVERY_MS)
  timer.unref()
  void qmp.closed.then(() => setTimeout(() => void look(), 50).unref())
  let stopping: Promise<void> | undefined
  const stop = async (graceMs: number): Promise<void> => {
    over = true
    // A guest that naps hears nothing.
    await idle.end(true)
    await endMachine({ paths, process, graceMs, link, qmp })
    await letGo()
    finish({ kind: 'stopped' })
  }
  return {
    dial: async (signal) => {
      if (over) throw new NaruError('engine.unreachable', 'the virtual machine ended', { params: { path: paths.socket } })
      try {
        return await openUnixSocket(paths.socket, signal, DIAL_TIMEOUT_MS)
      } catch (error) {
        throw socketError(paths.socket, error)
      }
    },
    dockerHost: `unix://${paths.socket}`,
    adopted: running.adopted,
    folders: running.facts.folders.map(({ path }) => path),
    trouble: running.disk,
    nap: { resting: () => idle.nap.resting, onChange: idle.onPhase },
    hostPorts: {
      closed: () => running.forwards.failed().map(({ port: { containerId, address, port, protocol }, error }) => ({ containerId, hostIp: address, hostPort: port, protocol, code: error })),
      onChange: (listener) => running.forwards.onFailed(listener),
    },
    ended,
    stop: ({ graceMs }) => (stopping ??= stop(graceMs)),
    release: () => {
      if (over) return
      void letGo().then(() => finish({ kind: 'stopped' }))
    },
  }
}
