/** The QEMU a machine runs in: Naru's own when it is there, else this machine's; and which version it is. */
import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { NaruError } from '../../contract/errors.ts'
import { exec } from '../../system/exec.ts'
import type { ExecOptions, ExecResult } from '../../system/exec.ts'
import type { HostKind } from './platform.ts'
import { qemuProgram } from './platform.ts'
import { readQemuBundle } from './qemu-bundle.ts'
import type { Program, Qemu } from './qemu-bundle.ts'

export type { Program, Qemu } from './qemu-bundle.ts'

/** What Debian and Ubuntu call them. */
const PACKAGES = 'qemu-system-x86 qemu-utils'

/** A desktop session's PATH often lacks these. */
const FOLDERS = ['/usr/bin', '/usr/local/bin', '/opt/homebrew/bin', 'C:\\Program Files\\qemu']

export interface QemuPlaces {
  /** Folder of the QEMU that comes with Naru; need not be there. */
  readonly bundle?: string
  /** PATH. */
  readonly path?: string
  /** Looked through after PATH. */
  readonly folders?: readonly string[]
}

async function findProgram(name: string, folders: readonly string[]): Promise<Program | null> {
  for (const folder of folders) {
    const file = join(folder, name)
    if (await access(file, constants.X_OK).then(() => true, () => false)) return { file, args: [] }
  }
  return null
}

/** @throws NaruError `provider.absent` with hint `vm-qemu-missing`; `provider.image-corrupt` for a bundle that makes no sense */
export async function findQemu(host: HostKind, { bundle, path = process.env.PATH ?? '', folders = FOLDERS }: QemuPlaces = {}): Promise<Qemu> {
  const own = bundle === undefined ? null : await readQemuBundle(bundle, host)
  if (own) return own
  const all = [...path.split(delimiter).filter((each) => each !== ''), ...folders]
  const emulator = await findProgram(qemuProgram(host), all)
  const img = await findProgram(host.platform === 'win32' ? 'qemu-img.exe' : 'qemu-img', all)
  if (emulator && img) return { origin: 'machine', emulator, img, digests: {} }
  const missing = emulator ? 'qemu-img' : qemuProgram(host)
  throw new NaruError('provider.absent', `${missing} was not found`, {
    params: { program: missing, ...(host.platform === 'linux' && { command: `sudo apt-get install ${PACKAGES}` }) },
    hint: 'vm-qemu-missing',
  })
}

/** Runs a program of QEMU to its end. */
export const runProgram = ({ file, args }: Program, more: readonly string[], options: ExecOptions): Promise<ExecResult> => exec(file, [...args, ...more], options)

/** `7.2.22` out of `QEMU emulator version 7.2.22 (Debian …)`; empty when it says something else. */
export const parseVersion = (text: string): string => /version (\d+\.\d+(?:\.\d+)?)/.exec(text)?.[1] ?? ''

export async function qemuVersion(emulator: Program, signal: AbortSignal): Promise<string> {
  return parseVersion((await runProgram(emulator, ['--version'], { signal, timeoutMs: 10_000 })).stdout)
}
