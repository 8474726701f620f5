/** A minimal Debian of this machine's release, made from its own apt sources: what a package may rely on without asking. */
import { existsSync } from 'node:fs'
import { copyFile, link, mkdir, mkdtemp, readFile, readdir, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exec } from '../../engine/system/exec.ts'
import { mountsBelow, unmountBelow } from '../../engine/providers/native/mounts.ts'
import { findProgram } from '../../main/setup/apt.mjs'

const CACHE = join(process.env['NARU_TEST_CACHE'] ?? join(import.meta.dirname, '../../.naru/cache'), 'debian-root')
const PACKAGES = join(CACHE, 'packages')
const ARCHIVES = 'var/cache/apt/archives'
const LIMIT_MS = 600_000
/** Lists older than this are fetched anew with the root, ms. */
const FRESH_MS = 14 * 24 * 3600_000
// Nothing in it outlives the test, so nothing waits for the disk.
const ENV = { PKGSYSTEM_ENABLE_FSYNC: '0', PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', LC_ALL: 'C.UTF-8', DEBIAN_FRONTEND: 'noninteractive' }

export interface DebianRoot {
  readonly folder: string
  /** Runs a program inside, its input closed; gives what it printed, both outputs. @throws RunError when it fails */
  readonly run: (file: string, ...args: readonly string[]) => Promise<string>
  /** The same in a network namespace of the root's own, with nothing but loopback. */
  readonly runApart: (file: string, ...args: readonly string[]) => Promise<string>
  /** All that is in it, but for what apt, dpkg and the linker keep for themselves, logs and temporary files. */
  readonly paths: () => Promise<string[]>
  /** Keeps fetched packages for the next time, unmounts, and removes it. */
  readonly remove: () => Promise<void>
}

/** A program inside failed; `output` is all it printed. */
export class RunError extends Error {
  readonly output: string
  constructor(command: string, code: number, output: string) {
    super(`${command} ended with ${code}:\n${output.slice(-4_000)}`)
    this.output = output
  }
}

/** apt's sources cannot be reached from here. */
export class SourcesError extends Error {}

/** Why there can be none here; null when it can be tried. */
export function whyNoDebianRoot(): string | null {
  if (process.getuid?.() !== 0) return 'only root can change the root'
  return findProgram('mmdebstrap') && findProgram('apt-get') ? null : 'no mmdebstrap'
}

/** Debian's parts of this machine's sources, one line each. */
async function sources(): Promise<string> {
  const format = ['--format', '$(ORIGIN)\t$(REPO_URI) $(RELEASE) $(COMPONENT)', 'Identifier: Packages']
  const lines = (await exec('apt-get', ['indextargets', ...format])).stdout.trim().split('\n')
  return [...new Set(lines)].flatMap((line) => (line.startsWith('Debian\t') ? [`deb ${line.slice(7)}\n`] : [])).join('')
}

const isUnreachable = (text: string): boolean => /Could not (?:connect|resolve)|Temporary failure|Unable to (?:connect|fetch)|Failed to fetch|Connection (?:timed out|refused)/i.test(text)

/** Every way a program can end by itself. */
const ANY_CODE = Array.from({ length: 256 }, (_, code) => code)
async function runProgram(file: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const { code, stdout, stderr } = await exec(file, args, { env, timeoutMs: LIMIT_MS, maxBytes: 64 << 20, okCodes: ANY_CODE })
  if (code !== 0) throw new RunError([file, ...args].join(' '), code, stdout + stderr)
  return stdout + stderr
}

/** The archive of the root, made when there is none: 25 s, 40 MB to fetch. @throws SourcesError */
async function archive(): Promise<string> {
  const codename = /^VERSION_CODENAME=(\w+)$/m.exec(await readFile('/etc/os-release', 'utf8'))?.[1] ?? 'stable'
  const path = join(CACHE, `${codename}.tar`)
  if (existsSync(path) && Date.now() - (await stat(path)).mtimeMs < FRESH_MS) return path
  await mkdir(CACHE, { recursive: true })
  const list = join(CACHE, 'sources.list')
  await writeFile(list, await sources())
  const fresh = `${path}.${process.pid}`
  try {
    await runProgram('mmdebstrap', ['--quiet', '--mode=root', '--variant=minbase', '--format=tar', '--skip=cleanup/apt', '--aptopt=Acquire::Languages "none"', codename, fresh, list])
    await rename(fresh, path)
  } catch (error) {
    if (!(error instanceof RunError && isUnreachable(error.output))) throw error
    // An old one serves as well as none.
    if (!existsSync(path)) throw new SourcesError('apt cannot reach its sources')
    await utimes(path, new Date(), new Date())
  } finally {
    await rm(fresh, { force: true })
  }
  return path
}

/** @throws SourcesError when it has to be made and cannot be */
export async function makeDebianRoot(): Promise<DebianRoot> {
  const from = await archive()
  const folder = await mkdtemp(join(tmpdir(), 'naru-debian-'))
  const at = (path: string): string => join(folder, path)
  await exec('tar', ['--numeric-owner', '--xattrs', '-xf', from, '-C', folder, '--exclude=./dev/*'], { timeoutMs: LIMIT_MS })
  // A daemon that a dependency brings is not started in here; nothing waits for disks.
  await writeFile(at('usr/sbin/policy-rc.d'), '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  await writeFile(at('etc/dpkg/dpkg.cfg.d/quick'), 'force-unsafe-io\n')
  await copyFile('/etc/resolv.conf', at('etc/resolv.conf'))
  for (const file of await readdir(PACKAGES).catch(() => [])) await copyFile(join(PACKAGES, file), at(`${ARCHIVES}/${file}`))
  const apart = at('tmp/apart.net')
  await writeFile(apart, '')
  // Its own root has to be a mount: whoever makes a namespace of mounts in there begins with that one.
  for (const mount of [['--bind', folder, folder], ['--make-private', folder], ['-t', 'proc', 'proc', at('proc')], ['--rbind', '/sys', at('sys')], ['--make-rslave', at('sys')], ['-t', 'tmpfs', 'tmpfs', at('dev')]]) await exec('mount', mount)
  await mkdir(at('dev/pts'))
  await exec('mount', ['-t', 'devpts', '-o', 'newinstance,ptmxmode=0666', 'devpts', at('dev/pts')])
  await symlink('pts/ptmx', at('dev/ptmx'))
  for (const device of ['null', 'zero', 'random', 'urandom', 'full', 'tty']) {
    await writeFile(at(`dev/${device}`), '')
    await exec('mount', ['--bind', `/dev/${device}`, at(`dev/${device}`)])
  }
  await exec('unshare', [`--net=${apart}`, 'ip', 'link', 'set', 'lo', 'up'])
  return {
    folder,
    run: (file, ...args) => runProgram('chroot', [folder, file, ...args], ENV),
    runApart: (file, ...args) => runProgram('nsenter', [`--net=${apart}`, 'chroot', folder, file, ...args], ENV),
    async paths() {
      const skipped = ['proc', 'sys', 'dev', 'tmp', 'var/lib/dpkg', 'var/lib/apt', 'var/cache', 'var/log'].flatMap((path) => ['-o', '-path', `./${path}`])
      const { stdout } = await exec('find', ['.', '(', ...skipped.slice(1), ')', '-prune', '-o', '-print'], { cwd: folder, maxBytes: 64 << 20 })
      return stdout.trim().split('\n').map((path) => path.slice(1)).sort()
    },
    async remove() {
      await unmountBelow(folder)
      // Never reach into what may still be mounted.
      if ((await mountsBelow(folder)).length > 0) throw new Error(`something is still mounted below ${folder}`)
      await mkdir(PACKAGES, { recursive: true })
      for (const file of await readdir(at(ARCHIVES))) {
        const kept = join(PACKAGES, file)
        if (file.endsWith('.deb') && !existsSync(kept)) await link(at(`${ARCHIVES}/${file}`), kept).catch(() => copyFile(at(`${ARCHIVES}/${file}`), kept))
      }
      await rm(folder, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}

/** Installs with apt, fetching what is not kept; newer lists are fetched when the old ones do not do. @throws SourcesError */
export async function aptInstall(root: DebianRoot, path: string): Promise<string> {
  const install = (): Promise<string> => root.run('apt-get', 'install', '-y', '-q', '--no-install-recommends', path)
  return install().catch(async (error: unknown) => {
    if (!(error instanceof RunError && isUnreachable(error.output))) throw error
    await root.run('apt-get', 'update', '-q')
    return install().catch((again: unknown) => {
      throw again instanceof RunError && isUnreachable(again.output) ? new SourcesError('apt cannot reach its sources') : again
    })
  })
}
