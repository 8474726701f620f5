/** What the virtual machine needs on this machine, and making what is missing, where that can be done. */
import { access, readFile } from 'node:fs/promises'
import { createLineSplitter } from '../../builds/line-splitter.ts'
import { NaruError } from '../../contract/errors.ts'
import { exec } from '../../system/exec.ts'
import { areThere } from '../digests.ts'
import { readImage } from './image.ts'
import type { HostKind } from './platform.ts'
import { findQemu } from './qemu.ts'
import type { QemuPlaces } from './qemu.ts'

/** The program that makes it: QEMU and the guest image, out of Debian's packages; a line on stdout for each step. */
export interface VmSetup {
  readonly file: string
  readonly args: readonly string[]
  /** Added to this process' environment. */
  readonly env?: Readonly<Record<string, string>>
}

/** Packages are fetched and packed: minutes on a slow machine. */
export const PROVIDE_MS = 1_800_000

/** What is missing, with its next step as an error (`provider.absent`); null when all is there. Changes nothing. */
export async function whatIsMissing(host: HostKind, { imageFolder, qemu }: { readonly imageFolder: string; readonly qemu?: QemuPlaces }): Promise<NaruError | null> {
  try {
    await findQemu(host, qemu)
    if (await areThere((await readImage(imageFolder)).digests)) return null
    return new NaruError('provider.absent', `no guest image in ${imageFolder}`, { params: { path: imageFolder }, hint: 'vm-image-missing' })
  } catch (error) {
    if (error instanceof NaruError && error.code === 'provider.absent') return error
    throw error
  }
}

/** Whether {@link provide} has a chance: all of it is made from Debian's packages. */
export async function canProvide(setup: VmSetup | undefined): Promise<boolean> {
  if (!setup) return false
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '')
  return /^ID="?debian"?$/m.test(release) && (await access('/usr/bin/apt-get').then(() => true, () => false))
}

/** @throws NaruError `provider.absent` with the program's last words; `cancelled`, `timeout` */
export async function provide({ file, args, env }: VmSetup, signal: AbortSignal, tell: (line: string) => void): Promise<void> {
  const lines = createLineSplitter()
  try {
    await exec(file, args, {
      signal,
      timeoutMs: PROVIDE_MS,
      env: { ...process.env, ...env },
      onOutput: (chunk) => lines.push(chunk).forEach(tell),
    })
  } catch (error) {
    if (!(error instanceof NaruError) || error.code === 'cancelled' || error.code === 'timeout') throw error
    throw new NaruError('provider.absent', 'the virtual machine’s files could not be made', { hint: 'vm-provide', detail: error.detail ?? error.message, cause: error })
  }
}
