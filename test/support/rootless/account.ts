/**
 * An unprivileged account for one test: made by root, its devices and paths shown to it in a mount namespace of its own
 * (nothing of the machine changes its mode), and removed with everything that belongs to it.
 */
import { chmod, chown, cp, mkdir, mkdtemp, readFile, readdir, realpath, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { mountsBelow } from '../../../engine/providers/native/mounts.ts'
import { freeSubordinates } from '../../../engine/providers/native/preflight.ts'
import { findProgram } from '../../../engine/providers/native/tools.ts'
import { exec } from '../../../engine/system/exec.ts'
import type { ExecResult } from '../../../engine/system/exec.ts'
import { argumentsOf, endProcess, listProcesses, readProcess } from '../../../engine/system/processes.ts'

/** The machine cannot do it; the message says why. */
export class Impossible extends Error {}

export interface Account {
  readonly name: string
  readonly uid: number
  /** Reached by the account; its `home` below belongs to it. */
  readonly folder: string
  /** `program` with `args` as this account, in its own mount namespace; `node` and the bundle are where `paths` says. */
  readonly run: (program: string, args: readonly string[], timeoutMs?: number) => Promise<ExecResult>
  /** The command of `run` for who starts it otherwise; `before` is a script that root runs in the namespace first. */
  readonly command: (before: string, program: string, args: readonly string[]) => readonly [string, readonly string[]]
  readonly paths: { readonly node: string; readonly bundle: string; readonly home: string }
  /** Processes, mounts, sockets and temporary files of this account's numbers. */
  readonly traces: () => Promise<readonly string[]>
  readonly remove: () => Promise<void>
}

const PROGRAMS = { useradd: 'passwd', usermod: 'passwd', userdel: 'passwd', setpriv: 'util-linux', unshare: 'util-linux', newuidmap: 'uidmap', newgidmap: 'uidmap' }
const COMMENT = 'Naru test account'
const PREFIX = 'narutest'
const FOLDER = 'naru-u-'
/** Numbers a user namespace needs. */
const SUBORDINATES = 65_536
const IDS = ['/etc/subuid', '/etc/subgid'] as const

/**
 * Devices a desktop lets everybody use, as copies everybody may use; the bundle and this Node at paths that everybody
 * may walk. Arguments: folder, bundle, Node's path, then the command.
 */
const VIEW = `set -e
folder=$1 bundle=$2 node=$3; shift 3
mount -t tmpfs -o mode=711,size=64k naru-test "$folder/devices"
for device in /dev/net/tun /dev/fuse; do
  [ -c "$device" ] || continue
  copy=$folder/devices/\${device##*/}
  cp -a "$device" "$copy"
  chmod 666 "$copy"
  mount --bind "$copy" "$device"
done
mount --bind "$bundle" "$folder/engine"
mount --bind "$node" "$folder/node"
exec "$@"`

interface Entry {
  readonly name: string
  readonly uid: number
  readonly gid: number
  readonly comment: string
  readonly home: string
}

async function accounts(): Promise<readonly Entry[]> {
  return (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => {
    const [name = '', , uid, gid, comment = '', home = ''] = line.split(':')
    return { name, uid: Number(uid), gid: Number(gid), comment, home }
  })
}

/** First and last number of each range of `name` (of everybody without a name) in an /etc/subuid text. */
export function subordinateRanges(text: string, name?: string): readonly (readonly [number, number])[] {
  return text.split('\n').flatMap((line) => {
    const [owner, first, count] = line.split(':')
    const range = [Number(first), Number(first) + Number(count) - 1] as const
    return owner && range.every(Number.isFinite) && (name === undefined || owner === name) ? [range] : []
  })
}

async function giveSubordinates(name: string): Promise<void> {
  for (const [file, option] of [[IDS[0], '--add-subuids'], [IDS[1], '--add-subgids']] as const) {
    const text = await readFile(file, 'utf8').catch(() => null)
    // usermod refuses when there is no such file.
    if (text === null) await writeFile(file, '', { mode: 0o644 })
    if (subordinateRanges(text ?? '', name).some(([first, last]) => last - first + 1 >= SUBORDINATES)) continue
    const first = freeSubordinates([text ?? ''])
    await exec('usermod', [option, `${first}-${first + SUBORDINATES - 1}`, name])
  }
}

async function takeSubordinates(name: string): Promise<void> {
  for (const [file, option] of [[IDS[0], '--del-subuids'], [IDS[1], '--del-subgids']] as const) {
    const text = await readFile(file, 'utf8').catch(() => '')
    for (const [first, last] of subordinateRanges(text, name)) await exec('usermod', [option, `${first}-${last}`, name])
  }
}

/** Every process whose real user satisfies `owns`, zombies left out. */
async function processesOf(owns: (uid: number) => boolean): Promise<readonly number[]> {
  const found = await Promise.all(
    (await listProcesses()).map(async (pid) => {
      const uid = /^Uid:\s+(\d+)/m.exec(await readFile(`/proc/${pid}/status`, 'utf8').catch(() => ''))?.[1]
      const alive = uid !== undefined && owns(Number(uid)) && (await readProcess(pid))?.state !== 'Z'
      return alive ? [pid] : []
    }),
  )
  return found.flat()
}

async function endAll(owns: (uid: number) => boolean): Promise<void> {
  // What is ended may have begun others meanwhile.
  for (let round = 0; round < 5; round++) {
    const pids = await processesOf(owns)
    if (pids.length === 0) return
    const alive = (await Promise.all(pids.map(readProcess))).filter((each) => each !== null)
    await Promise.all(alive.map((each) => endProcess(each, [{ signal: 'SIGKILL', waitMs: 3_000 }])))
  }
}

async function owner(name: string): Promise<(uid: number) => boolean> {
  const uid = (await accounts()).find((each) => each.name === name)?.uid
  const ranges = subordinateRanges(await readFile(IDS[0], 'utf8').catch(() => ''), name)
  return (id) => id === uid || ranges.some(([first, last]) => id >= first && id <= last)
}

const removeFolder = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })

async function removeAccount(name: string): Promise<void> {
  await endAll(await owner(name))
  // 6: there is none of this name.
  await exec('userdel', [name], { okCodes: [0, 6] })
}

/** Accounts of test runs that were killed, with their folders. */
async function removeOrphans(): Promise<void> {
  for (const { name, comment, home } of await accounts()) {
    const pid = new RegExp(`^${PREFIX}(\\d+)$`).exec(name)?.[1]
    if (!pid || comment !== COMMENT || (await readProcess(Number(pid)))) continue
    await removeAccount(name)
    const folder = dirname(home)
    if (basename(folder).startsWith(FOLDER)) await removeFolder(folder)
  }
}

/** The bundle, or a copy when its own mode shuts others out. */
async function readableBundle(bundle: string, folder: string): Promise<string> {
  const modes = await Promise.all(['', 'bin', 'bin/dockerd'].map(async (path) => (await stat(join(bundle, path))).mode))
  if (modes.every((mode) => (mode & 0o005) === 0o005)) return bundle
  const copy = join(folder, 'copy')
  await cp(bundle, copy, { recursive: true, verbatimSymlinks: true })
  await exec('chmod', ['-R', 'a+rX', copy])
  return copy
}

async function leftovers(folder: string, owns: (uid: number) => boolean): Promise<readonly string[]> {
  const processes = await Promise.all((await processesOf(owns)).map(async (pid) => `process ${pid} ${(await argumentsOf(pid)).join(' ')}`))
  const unix = (await readFile('/proc/net/unix', 'utf8')).split('\n').filter((line) => line.includes(folder))
  const tables = await Promise.all(['tcp', 'tcp6', 'udp', 'udp6'].map((name) => readFile(`/proc/net/${name}`, 'utf8').catch(() => '')))
  const sockets = tables.flatMap((text) => text.split('\n').slice(1)).filter((line) => line !== '' && owns(Number(line.trim().split(/\s+/)[7])))
  const files: string[] = []
  for (const place of ['/tmp', '/var/tmp', '/run', '/dev/shm', '/run/user', '/run/lock']) {
    for (const name of await readdir(place).catch(() => [])) {
      const info = await stat(join(place, name)).catch(() => null)
      if (info && owns(info.uid)) files.push(`file ${join(place, name)}`)
    }
  }
  const mounts = (await mountsBelow(folder)).map((path) => `mount ${path}`)
  return [...processes, ...mounts, ...[...unix, ...sockets].map((line) => `socket ${line}`), ...files]
}

async function requireMachine(): Promise<void> {
  for (const [program, from] of Object.entries(PROGRAMS)) {
    if (!(await findProgram(program))) throw new Impossible(`the program ${program} is missing (package ${from})`)
  }
  if (!(await stat('/dev/net/tun').catch(() => null))) throw new Impossible('there is no /dev/net/tun')
}

export interface AccountOptions {
  /** False: it gets no numbers for a user namespace, as accounts of `useradd --system` have none. */
  readonly subordinates?: boolean
}

/**
 * Makes an account that may run the bundle rootless.
 * @throws Impossible when this machine does not allow it; nothing is left then
 */
export async function makeAccount(bundleFolder: string, options: AccountOptions = {}): Promise<Account> {
  await requireMachine()
  await removeOrphans()
  const name = `${PREFIX}${process.pid}`
  const folder = await realpath(await mkdtemp(join(tmpdir(), FOLDER)))
  const remove = async (): Promise<void> => {
    await removeAccount(name)
    await removeFolder(folder)
  }
  try {
    const account = await furnish(name, folder, bundleFolder, options)
    return { ...account, remove }
  } catch (error) {
    await remove()
    throw error
  }
}

async function furnish(name: string, folder: string, bundleFolder: string, { subordinates = true }: AccountOptions): Promise<Omit<Account, 'remove'>> {
  const paths = { node: join(folder, 'node'), bundle: join(folder, 'engine'), home: join(folder, 'home') }
  await exec('useradd', ['--user-group', '--no-create-home', '--no-log-init', '--home-dir', paths.home, '--shell', '/usr/sbin/nologin', '--comment', COMMENT, name])
  if (subordinates) await giveSubordinates(name)
  // Some systems give every account its numbers.
  else await takeSubordinates(name)
  const { uid, gid } = (await accounts()).find((each) => each.name === name) ?? {}
  if (uid === undefined || gid === undefined) throw new Impossible('useradd made no account')
  await chmod(folder, 0o711)
  for (const path of [paths.bundle, paths.home, join(folder, 'devices')]) await mkdir(path, { mode: 0o755 })
  await writeFile(paths.node, '', { mode: 0o755 })
  await chown(paths.home, uid, gid)
  const bundle = await readableBundle(bundleFolder, folder)
  const view = ['--mount', '--propagation', 'private', 'sh', '-c', VIEW, 'sh', folder, bundle, process.execPath]
  const identity = ['setpriv', '--reuid', String(uid), '--regid', String(gid), '--init-groups', '--reset-env']
  const command = (before: string, program: string, args: readonly string[]) =>
    ['unshare', [...view, 'sh', '-ec', `${before}\nexec "$@"`, 'sh', ...identity, program, ...args]] as const
  const run = (program: string, args: readonly string[], timeoutMs = 30_000) => exec(...command('', program, args), { cwd: '/', timeoutMs })
  const probe = async (what: string, program: string, ...args: string[]): Promise<void> => {
    await run(program, args).catch((error: unknown) => {
      const detail = error instanceof Error && 'detail' in error ? String(error.detail) : String(error)
      throw new Impossible(`${what}: ${detail}`)
    })
  }
  await probe('an account cannot be given its own view of the machine', 'true')
  await probe('this Node does not run for other accounts', paths.node, '--version')
  await probe('user namespaces are refused', 'unshare', '--user', '--map-root-user', '--mount', 'true')
  return { name, uid, folder, run, command, paths, traces: async () => leftovers(folder, await owner(name)) }
}
