/** The package on a minimal Debian: installed by apt, used, upgraded over, removed. One root for all, so the tests are steps. */
import { copyFile, mkdir, mkdtemp, open, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { waitUntil } from '../../engine/system/clock.ts'
import { exec } from '../../engine/system/exec.ts'
import { isMounted } from '../../engine/providers/native/mounts.ts'
import { listProcesses } from '../../engine/system/processes.ts'
import { aptInstall, makeDebianRoot, RunError, SourcesError, whyNoDebianRoot } from '../support/debian-root.ts'
import type { DebianRoot } from '../support/debian-root.ts'
import { buildPackaged, filesBelow, whyNoPackages } from '../support/packaged.ts'
import type { Packaged } from '../support/packaged.ts'

const reason = whyNoPackages() ?? whyNoDebianRoot()
if (reason) console.log(`skipped: the package is not installed on a minimal Debian (${reason})`)

const HERE = '/opt/Naru/resources'
/** As Naru's own paths below a state folder of root (engine/providers/native/paths.ts). */
const STATE = '/root/.local/share/naru/engine'
const RUN = `${STATE}/run`
const SETTINGS = '/root/.local/share/naru/settings.json'
const TAG = `naru-${createHash('sha256').update(STATE).digest('hex').slice(0, 8)}`
/** Programs of the system that Naru starts, and the package that brings each. */
const PROGRAMS = { nsenter: 'util-linux', setpriv: 'util-linux', unshare: 'util-linux', mount: 'mount', umount: 'mount', du: 'coreutils', iptables: 'iptables', 'iptables-save': 'iptables', 'iptables-restore': 'iptables', 'xdg-open': 'xdg-utils' }
/** Those only one kind of engine needs; without them another is taken, and says why. */
const OPTIONAL = { newuidmap: 'uidmap', newgidmap: 'uidmap' }

/** The engine as Naru starts it, with the environment that its programs get, and without the rest of Naru. */
const ENGINE = `
export PATH=${HERE}/engine/bin:${HERE}/engine/iptables:$PATH XTABLES_LIBDIR=${HERE}/engine/iptables/xtables
mkdir -p ${RUN}/exec ${STATE}/data ${STATE}/logs
exec setsid dockerd --data-root=${STATE}/data --exec-root=${RUN}/exec --pidfile=${RUN}/docker.pid --host=unix://${RUN}/docker.sock --live-restore >${STATE}/logs/dockerd.log 2>&1 </dev/null &
`
const docker = (...args: readonly string[]): readonly [string, ...string[]] => [`${HERE}/engine/bin/docker`, '-H', `unix://${RUN}/docker.sock`, ...args]

/** Process ids of what runs out of the installed package. */
async function running(root: DebianRoot): Promise<number[]> {
  const all = await Promise.all((await listProcesses()).map(async (pid) => ((await readlink(`/proc/${pid}/exe`).catch(() => '')).startsWith(`${root.folder}/opt/Naru/`) ? [pid] : [])))
  return all.flat()
}

/** The same app under another version: one file is gone, one is new. */
async function nextVersion(packaged: Packaged): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'naru-next-'))
  const tree = join(folder, 'tree')
  await mkdir(join(tree, 'opt'), { recursive: true })
  await exec('dpkg-deb', ['-e', packaged.deb, join(tree, 'DEBIAN')])
  const control = await readFile(join(tree, 'DEBIAN/control'), 'utf8')
  await writeFile(join(tree, 'DEBIAN/control'), control.replace('Version: 0.1.0', 'Version: 0.1.1'))
  // The files of the cache, not copies of them: nothing here writes into one.
  await exec('cp', ['-al', packaged.app, join(tree, 'opt/Naru')])
  await rm(join(tree, 'opt/Naru/LICENSES.chromium.html'))
  await writeFile(join(tree, 'opt/Naru/new-in-0.1.1'), '')
  await exec('sh', ['-c', 'dpkg-deb --fsys-tarfile "$1" | tar -x -C "$2" ./usr', 'sh', packaged.deb, tree], { timeoutMs: 60_000 })
  await exec('dpkg-deb', ['--root-owner-group', '-Znone', '--build', tree, join(folder, 'next.deb')], { timeoutMs: 120_000 })
  await rm(tree, { recursive: true })
  return folder
}

async function isElf(path: string): Promise<boolean> {
  const file = await open(path)
  try {
    return (await file.read(Buffer.alloc(4), 0, 4, 0)).buffer.toString('latin1') === '\x7fELF'
  } finally {
    await file.close()
  }
}

describe.skipIf(reason !== null)('on a minimal Debian', () => {
  let packaged: Packaged
  let root: DebianRoot
  let next: string
  let unreachable = ''
  /** All there was with what the package depends on, and without it. */
  let before: readonly string[]
  const at = (path: string): string => join(root.folder, path)
  /** Tells a failure of the sources from one of the package. */
  const step = (name: string, body: () => Promise<void>): void => {
    it(name, async (context) => {
      if (unreachable) context.skip(unreachable)
      await body()
    }, 300_000)
  }

  beforeAll(async () => {
    packaged = await buildPackaged()
    next = await nextVersion(packaged)
    try {
      root = await makeDebianRoot()
      await copyFile(packaged.deb, at('tmp/naru.deb'))
      await copyFile(join(next, 'next.deb'), at('tmp/next.deb'))
      await aptInstall(root, '/tmp/naru.deb')
    } catch (error) {
      if (!(error instanceof SourcesError)) throw error
      unreachable = error.message
      console.log(`skipped: the package is not installed on a minimal Debian (${unreachable})`)
    }
  }, 960_000)
  afterAll(async () => {
    if (!root) return
    for (const pid of await running(root)) process.kill(pid, 'SIGKILL')
    await waitUntil(async () => (await running(root)).length === 0, { withinMs: 10_000, everyMs: 50 })
    await root.remove()
    if (next) await rm(next, { recursive: true, force: true })
  }, 120_000)

  step('apt installs it with all it depends on, and takes it away again without a question', async () => {
    expect(await root.run('dpkg-query', '-W', '-f', '${db:Status-Status}', 'naru')).toBe('installed')
    expect(await root.runApart('apt-get', 'purge', '-y', '-q', 'naru')).not.toMatch(/\[y\/n\]|^[WE]:/im)
    before = await root.paths()
    // Nothing is fetched any more: this namespace has no network.
    expect(await root.runApart('apt-get', 'install', '-y', '-q', '--no-install-recommends', '/tmp/naru.deb')).not.toMatch(/\[y\/n\]/i)
    expect(await root.run('dpkg', '--verify', 'naru')).toBe('')
  })

  step('every program and library in it finds what it is linked to', async () => {
    const files = (await filesBelow(join(root.folder, HERE))).filter((path) => !path.startsWith('vm-image/'))
    const elf = (await Promise.all(files.map(async (path) => ((await stat(join(root.folder, HERE, path))).isFile() && (await isElf(join(root.folder, HERE, path))) ? [path] : [])))).flat()
    expect(elf.length).toBeGreaterThan(30)
    const missing: string[] = []
    for (const path of elf) {
      const own = path.startsWith('qemu/')
      const loader = own ? [`${HERE}/qemu/lib/ld-linux-x86-64.so.2`, '--inhibit-cache', '--library-path', `${HERE}/qemu/lib`, '--list'] : ['/usr/bin/ldd']
      const output = await root.run(loader[0] ?? '', ...loader.slice(1), `${HERE}/${path}`).catch((error: unknown) => (error instanceof RunError ? error.output : Promise.reject(error)))
      missing.push(...[...output.matchAll(/^\s*(\S+) => not found|error while loading.*?: (\S+):/gm)].map((match) => `${path}: ${match[1] ?? match[2]}`))
    }
    expect(missing).toEqual([])
  })

  step('every program that Naru starts is there; what only one kind of engine needs is recommended', async () => {
    const control = await readFile(at('var/lib/dpkg/status'), 'utf8')
    const fields = control.split('\n\n').find((entry) => entry.startsWith('Package: naru\n')) ?? ''
    const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(fields)?.[1] ?? ''
    for (const [program, name] of Object.entries(PROGRAMS)) {
      expect((await root.run('sh', '-c', `command -v ${program}`)).trim(), program).toMatch(/^\//)
      // Said, not just brought by something else.
      const essential = await root.run('dpkg-query', '-W', '-f', '${Essential}', name)
      expect(essential === 'yes' || field('Depends').split(/, | \| /).includes(name), name).toBe(true)
    }
    for (const name of new Set(Object.values(OPTIONAL))) expect(field('Recommends'), name).toContain(name)
    // For what engines fetch over TLS.
    expect((await stat(at('etc/ssl/certs/ca-certificates.crt'))).size).toBeGreaterThan(100_000)
    for (const [file, words] of [['containerd', 'containerd'], ['runc', 'runc version'], ['dockerd', 'Docker version']] as const) expect(await root.run(`${HERE}/engine/bin/${file}`, '--version')).toContain(words)
    expect(await root.run(`${HERE}/qemu/lib/ld-linux-x86-64.so.2`, '--inhibit-cache', '--library-path', `${HERE}/qemu/lib`, `${HERE}/qemu/bin/qemu-system-x86_64`, '--version')).toContain('QEMU emulator version')
  })

  step('the engine it carries runs a container there', async () => {
    await mkdir(at(RUN), { recursive: true, mode: 0o700 })
    await writeFile(at(SETTINGS), '{"theme":"dark"}\n', { mode: 0o600 })
    await root.runApart('sh', '-c', ENGINE)
    const answers = await waitUntil(() => root.runApart(...docker('version')).then(() => true, () => false), { withinMs: 60_000, everyMs: 100 })
    expect(answers, await readFile(at(`${STATE}/logs/dockerd.log`), 'utf8')).toBe(true)
    await root.runApart(...docker('load', '-i', `${HERE}/welcome.tar`))
    await root.runApart(...docker('run', '-d', '--name', 'keeper', '-v', 'kept:/kept', '-p', '127.0.0.1:8080:80', 'naru/welcome:latest'))
    expect(await root.runApart(...docker('inspect', '-f', '{{.State.Running}}', 'keeper'))).toBe('true\n')
    // What Naru leaves on the machine around it: a rule of its tag, one of somebody else's, and the handle of a namespace.
    for (const name of [TAG, 'naru-ffffffff']) await root.runApart('iptables', '-t', 'nat', '-I', 'POSTROUTING', '-s', '192.0.2.0/24', '-m', 'comment', '--comment', name, '-j', 'MASQUERADE')
    await writeFile(at(`${RUN}/engine.net`), '')
    await exec('mount', ['--bind', '/proc/self/ns/net', at(`${RUN}/engine.net`)])
  })

  const pidOf = async (name: string): Promise<string> => (await root.runApart(...docker('inspect', '-f', '{{.State.Pid}}', name))).trim()

  step('an upgrade over it, while it runs, ends nothing and touches no data; old files are gone', async () => {
    const [container, daemon] = [await pidOf('keeper'), await readFile(at(`${RUN}/docker.pid`), 'utf8')]
    const data = (await filesBelow(at(`${STATE}/data/volumes`))).join()
    expect(await root.runApart('apt-get', 'install', '-y', '-q', '--no-install-recommends', '/tmp/next.deb')).not.toMatch(/\[y\/n\]/i)
    expect(await root.run('dpkg-query', '-W', '-f', '${Version}', 'naru')).toBe('0.1.1')
    expect(await root.run('sh', '-c', 'ls /opt/Naru')).toContain('new-in-0.1.1')
    expect(await root.run('sh', '-c', 'ls -a /opt/Naru')).not.toMatch(/LICENSES\.chromium\.html|dpkg-/)
    expect(await readFile(at(SETTINGS), 'utf8')).toBe('{"theme":"dark"}\n')
    expect((await stat(at(SETTINGS))).mode & 0o777).toBe(0o600)
    expect((await filesBelow(at(`${STATE}/data/volumes`))).join()).toBe(data)
    expect([await pidOf('keeper'), await readFile(at(`${RUN}/docker.pid`), 'utf8')]).toEqual([container, daemon])
    // The engine of before works with the programs of now.
    await root.runApart(...docker('exec', 'keeper', 'true'))
    await root.runApart(...docker('restart', '-t', '1', 'keeper'))
    expect(await pidOf('keeper')).not.toBe(container)
  })

  step('a removal while a container runs is refused, said in words, and changes nothing', async () => {
    const [container, files] = [await pidOf('keeper'), await root.paths()]
    const failure = await root.runApart('apt-get', 'purge', '-y', '-q', 'naru').then(() => expect.fail('it was removed'), (error: unknown) => error)
    expect((failure as RunError).output).toMatch(/Naru is not removed: .*\r?\n {2}process \d+ containerd-shim-runc-v2\r?\nStop them/)
    expect(await root.run('dpkg-query', '-W', '-f', '${db:Status-Status}', 'naru')).toBe('installed')
    expect(await pidOf('keeper')).toBe(container)
    expect(await root.paths()).toEqual(files)
  })

  step('without containers a removal ends the engine, its rules and its namespace; what stays is the person’s data', async () => {
    await root.runApart(...docker('rm', '-f', 'keeper'))
    await root.runApart('apt-get', 'purge', '-y', '-q', 'naru')
    expect(await running(root)).toEqual([])
    const rules = await root.runApart('iptables-save', '-t', 'nat')
    expect(rules).not.toContain(TAG)
    expect(rules).toContain('naru-ffffffff')
    expect(await isMounted(at(`${RUN}/engine.net`))).toBe(false)
    const after = await root.paths()
    expect(before.filter((path) => !after.includes(path))).toEqual([])
    // Emptied at every start of a machine; and what containerd makes without the settings that Naru gives it.
    const passing = /^\/run\/|^\/opt(?:\/containerd(?:\/bin|\/lib)?)?$/
    const strays = after.filter((path) => !before.includes(path) && !passing.test(path))
    expect(strays.filter((path) => !`${path}/`.startsWith('/root/.local/share/naru/') && !['/root/.local', '/root/.local/share'].includes(path))).toEqual([])
    expect(await readFile(at(SETTINGS), 'utf8')).toBe('{"theme":"dark"}\n')
    expect(await filesBelow(at(`${STATE}/data/volumes`))).toContain('metadata.db')
  })
})
