/** QEMU on this machine: where it is and which version. */
import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { NaruError } from '../../contract/errors.ts'
import { exec } from '../../system/exec.ts'
import type { HostKind } from './platform.ts'
import { qemuProgram } from './platform.ts'

export interface QemuPrograms {
  /** Absolute path of the emulator. */
  readonly emulator: string
  /** Absolute path of qemu-img. */
  readonly img: string
}

/** What Debian and Ubuntu call them. */
const PACKAGES = 'qemu-system-x86 qemu-utils'

/** A desktop session's PATH often lacks these. */
const FOLDERS = ['/usr/bin', '/usr/local/bin', '/opt/homebrew/bin', 'C:\\Program Files\\qemu']

async function findProgram(name: string, folders: readonly string[]): Promise<string | null> {
  for (const folder of folders) {
    const path = join(folder, name)
    if (await access(path, constants.X_OK).then(() => true, () => false)) return path
  }
  return null
}

/** @param bundled folder of a QEMU that came with Naru; looked at first */
export async function findQemu(host: HostKind, path = process.env.PATH ?? '', bundled?: string): Promise<QemuPrograms> {
  const folders = [...(bundled ? [bundled] : []), ...path.split(delimiter).filter((each) => each !== ''), ...FOLDERS]
  const emulator = await findProgram(qemuProgram(host), folders)
  const img = await findProgram(host.platform === 'win32' ? 'qemu-img.exe' : 'qemu-img', folders)
  if (emulator && img) return { emulator, img }
  const missing = emulator ? 'qemu-img' : qemuProgram(host)
  throw new NaruError('provider.absent', `${missing} was not found`, {
    params: { program: missing, ...(host.platform === 'linux' && { command: `sudo apt-get install ${PACKAGES}` }) },
    hint: 'vm-qemu-missing',
  })
}

/** `7.2.22` out of `QEMU emulator version 7.2.22 (Debian …)`; empty when it says something else. */
export const parseVersion = (text: string): string => /version (\d+\.\d+(?:\.\d+)?)/.exec(text)?.[1] ?? ''

export async function qemuVersion(emulator: string, signal: AbortSignal): Promise<string> {
  return parseVersion((await exec(emulator, ['--version'], { signal, timeoutMs: 10_000 })).stdout)
}
