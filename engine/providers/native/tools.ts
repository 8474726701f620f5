/** Which network programs are used where. */
import { access, constants } from 'node:fs/promises'
import { join } from 'node:path'

export interface NetworkTools {
  readonly ip: string
  /** For the machine's namespace: its own iptables where it has one, so both speak to the same backend. */
  readonly iptablesSave: string
  readonly iptablesRestore: string
  readonly env: NodeJS.ProcessEnv
  /** For the engine's namespace: always the bundle's, as the daemon uses. */
  readonly bundledSave: string
  readonly bundledRestore: string
  readonly bundledEnv: NodeJS.ProcessEnv
}

/** Folders of system programs; a desktop session's PATH often lacks the sbin ones. */
export const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

const isExecutable = (path: string): Promise<boolean> => access(path, constants.X_OK).then(() => true, () => false)

/** Path of a program in the system folders, or null. */
export async function findProgram(name: string): Promise<string | null> {
  for (const folder of SYSTEM_PATH.split(':')) {
    const path = join(folder, name)
    if (await isExecutable(path)) return path
  }
  return null
}

/** Environment in which the bundle's programs find each other. */
export function bundleEnv(bundleFolder: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    PATH: `${join(bundleFolder, 'bin')}:${join(bundleFolder, 'iptables')}:${SYSTEM_PATH}`,
    XTABLES_LIBDIR: join(bundleFolder, 'iptables', 'xtables'),
  }
}

export async function networkTools(bundleFolder: string): Promise<NetworkTools> {
  const bundled = (name: string): string => join(bundleFolder, 'iptables', name)
  const bundledEnv = bundleEnv(bundleFolder)
  const [save, restore] = await Promise.all([findProgram('iptables-save'), findProgram('iptables-restore')])
  const own = save !== null && restore !== null
  return {
    ip: bundled('ip'),
    iptablesSave: own ? save : bundled('iptables-save'),
    iptablesRestore: own ? restore : bundled('iptables-restore'),
    env: own ? process.env : bundledEnv,
    bundledSave: bundled('iptables-save'),
    bundledRestore: bundled('iptables-restore'),
    bundledEnv,
  }
}
