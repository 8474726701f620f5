/** Where the virtual machine keeps what: everything is named after its state folder. */
import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface VmPaths {
  readonly state: string
  /** Images, containers, volumes: the only thing worth a backup. */
  readonly data: string
  /** 0700: sockets of QEMU (they are as private as the engine's), console, the engine's socket. */
  readonly run: string
  readonly api: string
  readonly qmp: string
  readonly socket: string
  /** What the guest's console printed since its start. */
  readonly console: string
  /** What QEMU itself said. */
  readonly errors: string
  /** The running QEMU; see record.ts. */
  readonly record: string
  /** Which acceleration worked; see acceleration.ts. */
  readonly memory: string
  readonly lock: string
  /** Bytes of the disk while they are looked at. */
  readonly scratch: string
}

/** Longest run folder in bytes: macOS takes socket paths of 103 bytes, and the longest name below is `/docker.sock`. */
export const RUN_FOLDER_MAX = 90

function runtimeFolder(): string {
  return process.getuid?.() === 0 ? '/run' : (process.env.XDG_RUNTIME_DIR ?? tmpdir())
}

/** Paths for an absolute, real state folder. */
export function vmPaths(stateFolder: string, runtime = runtimeFolder()): VmPaths {
  const hash = createHash('sha256').update(stateFolder).digest('hex').slice(0, 8)
  const inside = join(stateFolder, 'run')
  const run = Buffer.byteLength(inside) <= RUN_FOLDER_MAX ? inside : join(runtime, `naru-vm-${hash}`)
  return {
    state: stateFolder,
    data: join(stateFolder, 'data.qcow2'),
    run,
    api: join(run, 'api.sock'),
    qmp: join(run, 'qmp.sock'),
    socket: join(run, 'docker.sock'),
    console: join(run, 'console.log'),
    errors: join(run, 'qemu.log'),
    record: join(run, 'machine.json'),
    memory: join(stateFolder, 'acceleration.json'),
    lock: join(stateFolder, 'machine.lock'),
    scratch: join(run, 'look.raw'),
  }
}
