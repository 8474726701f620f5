/** The QEMU that comes with Naru (qemu-bundle/build-qemu.mjs): how its programs are called from wherever it lies. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { QemuOrigin } from '../../contract/models.ts'
import { areThere, digestsIn } from '../digests.ts'
import { corruptFile } from './image.ts'
import type { HostKind } from './platform.ts'

/** A program as it is called: these arguments come before all others. */
export interface Program {
  /** Absolute. */
  readonly file: string
  readonly args: readonly string[]
}

export interface Qemu {
  readonly origin: QemuOrigin
  readonly emulator: Program
  readonly img: Program
  /** SHA-256, hex, by path, of what must be whole before a start; empty for this machine's own. */
  readonly digests: Readonly<Record<string, string>>
}

/**
 * Its programs are Debian's own and name a loader of the machine. Started through the loader beside them they use the
 * libraries beside them and none of the machine's, whatever C library it has; ld.so(8).
 */
function program(folder: string, name: string): Program {
  const library = join(folder, 'lib')
  return { file: join(library, 'ld-linux-x86-64.so.2'), args: ['--inhibit-cache', '--library-path', library, join(folder, 'bin', name)] }
}

/**
 * The bundle in `folder`; null when there is none for this host, or a file of it is gone.
 * @throws NaruError `provider.image-corrupt` when its manifest makes no sense
 */
export async function readQemuBundle(folder: string, host: HostKind): Promise<Qemu | null> {
  if (host.platform !== 'linux' || host.arch !== 'x64') return null
  const path = join(folder, 'manifest.json')
  const text = await readFile(path, 'utf8').catch(() => null)
  if (text === null) return null
  const digests = digestsIn(text, folder, (name) => /^(?:bin|lib|share)\//.test(name))
  const emulator = program(folder, 'qemu-system-x86_64')
  if (!digests || !(join(folder, 'bin/qemu-system-x86_64') in digests)) throw corruptFile(path, 'its manifest makes no sense')
  if (!(await areThere(digests))) return null
  return { origin: 'bundled', emulator: { ...emulator, args: [...emulator.args, '-L', join(folder, 'share')] }, img: program(folder, 'qemu-img'), digests }
}
