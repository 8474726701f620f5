/** Whether the embedded engine can run here, found out without changing anything. Each obstacle names its cure. */
import { access, constants, readFile, stat } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { NaruError } from '../../contract/errors.ts'
import { readManifest } from './manifest.ts'
import { findProgram } from './tools.ts'

const absent = (message: string, hint: string, params: Record<string, string>): NaruError =>
  new NaruError('provider.absent', message, { hint, params })

/** Bits of the effective capability set (capabilities(7)). */
const CAP_NET_ADMIN = 12n
const CAP_SYS_ADMIN = 21n

/** True when the `CapEff` line of a /proc/PID/status text holds every one of `bits`. */
export function hasCapabilities(status: string, bits: readonly bigint[]): boolean {
  const hex = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1]
  return hex !== undefined && bits.every((bit) => (BigInt(`0x${hex}`) >> bit) % 2n === 1n)
}

const exists = (path: string): Promise<boolean> => stat(path).then(() => true, () => false)

async function requirePrograms(names: readonly string[], packageName: string): Promise<void> {
  for (const name of names) {
    if (await findProgram(name)) continue
    throw absent(`the program ${name} is missing`, 'program-missing', { program: name, command: `sudo apt-get install ${packageName}` })
  }
}

/** Where the kernel shows control groups. */
export const CGROUP_ROOT = '/sys/fs/cgroup'

/** Which control groups are mounted at `root`; null: none. */
export async function cgroupVersion(root = CGROUP_ROOT): Promise<'1' | '2' | null> {
  if (await exists(join(root, 'cgroup.controllers'))) return '2'
  return (await exists(join(root, 'memory'))) ? '1' : null
}

/** Needs of both kinds: Linux, a bundle, control groups. Throws `provider.absent`. */
export async function checkCommon(bundleFolder: string): Promise<void> {
  if (process.platform !== 'linux') throw absent('the embedded engine runs on Linux only', 'not-linux', { platform: process.platform })
  if (!(await readManifest(bundleFolder))) {
    throw absent('the engine bundle is missing', 'bundle-missing', { path: bundleFolder, command: 'npm start' })
  }
  if ((await cgroupVersion()) === null) throw absent('control groups are not mounted', 'cgroups-missing', { path: CGROUP_ROOT })
}

/** Needs of the engine as root. Throws `provider.absent`. */
export async function checkRoot(bundleFolder: string): Promise<void> {
  await checkCommon(bundleFolder)
  await requirePrograms(['nsenter', 'unshare', 'setpriv', 'mount', 'umount'], 'util-linux')
  if (!hasCapabilities(await readFile('/proc/self/status', 'utf8'), [CAP_NET_ADMIN, CAP_SYS_ADMIN])) {
    throw absent('this root may not manage networks or mounts (a container without privileges?)', 'no-admin-capability', {})
  }
}

/** Numbers a user namespace needs, and where they begin on most systems. */
const SUBORDINATES = 65_536
const FIRST_SUBORDINATE = 100_000

/** True when an `/etc/subuid` or `/etc/subgid` text gives `user` (or `uid`) at least 65536 numbers. */
export function hasSubordinateIds(text: string, user: string, uid: number): boolean {
  return text.split('\n').some((line) => {
    const [name, , count] = line.split(':')
    return (name === user || name === String(uid)) && Number(count) >= SUBORDINATES
  })
}

/** First of 65536 numbers that no line of these /etc/subuid and /etc/subgid texts has: nobody's containers may be another's. */
export function freeSubordinates(texts: readonly string[]): number {
  const ends = texts.join('\n').split('\n').flatMap((line) => {
    const [, first, count] = line.split(':')
    const end = Number(first) + Number(count)
    return Number.isFinite(end) ? [end] : []
  })
  return Math.max(FIRST_SUBORDINATE, ...ends)
}

async function readNumber(path: string): Promise<number | null> {
  const text = await readFile(path, 'utf8').catch(() => null)
  return text === null ? null : Number(text)
}

/** Name and number of this process' account. Throws `provider.absent` for a number without a name: newuidmap refuses those. */
function ownAccount(): { readonly user: string; readonly uid: number } {
  const uid = process.getuid?.() ?? -1
  try {
    return { user: userInfo().username, uid }
  } catch {
    throw absent(`the account ${uid} has no name`, 'account-nameless', { uid: String(uid) })
  }
}

/** Needs of the rootless engine for this account. Throws `provider.absent`. */
export async function checkRootless(bundleFolder: string): Promise<void> {
  const { user, uid } = ownAccount()
  await checkCommon(bundleFolder)
  await requirePrograms(['newuidmap', 'newgidmap'], 'uidmap')
  const files = ['/etc/subuid', '/etc/subgid'] as const
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')))
  for (const [at, file] of files.entries()) {
    if (hasSubordinateIds(texts[at] ?? '', user, uid)) continue
    const first = freeSubordinates(texts)
    const range = `${first}-${first + SUBORDINATES - 1}`
    const command = `sudo usermod --add-subuids ${range} --add-subgids ${range} ${user}`
    throw absent(`${file} gives ${user} no numbers`, 'subuid-missing', { path: file, user, command })
  }
  const limits: readonly (readonly [string, (value: number) => boolean, string])[] = [
    ['/proc/sys/kernel/unprivileged_userns_clone', (value) => value === 0, 'kernel.unprivileged_userns_clone=1'],
    ['/proc/sys/user/max_user_namespaces', (value) => value === 0, 'user.max_user_namespaces=15000'],
    ['/proc/sys/kernel/apparmor_restrict_unprivileged_userns', (value) => value === 1, 'kernel.apparmor_restrict_unprivileged_userns=0'],
  ]
  for (const [path, blocks, setting] of limits) {
    const value = await readNumber(path)
    if (value === null || !blocks(value)) continue
    throw absent('user namespaces are switched off', 'userns-off', { path, command: `sudo sysctl -w ${setting}` })
  }
  await requireDevice('/dev/net/tun')
}

/** Throws unless this user may read and write the device. */
async function requireDevice(path: string): Promise<void> {
  if (await access(path, constants.R_OK | constants.W_OK).then(() => true, () => false)) return
  const there = await exists(path)
  const command = there ? `sudo chmod 666 ${path}` : 'sudo modprobe tun'
  throw absent(`${path} cannot be used`, there ? 'device-denied' : 'device-missing', { path, command })
}
