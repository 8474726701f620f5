/** What the package's script says and does before its files go, to processes that are named as an engine's are. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { copyFile, mkdir, mkdtemp, readFile, readlink, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isMounted, unmountBelow } from '../../engine/providers/native/mounts.ts'
import { waitUntil } from '../../engine/system/clock.ts'
import { exec } from '../../engine/system/exec.ts'
import { hasBusybox } from '../support/busybox-image.ts'

const reason = process.platform !== 'linux' || process.getuid?.() !== 0 ? 'only root removes packages' : hasBusybox ? null : 'no static busybox'
if (reason) console.log(`skipped: the script before a removal is not run (${reason})`)

describe.skipIf(reason !== null)('before the package is removed', () => {
  let folder: string
  let started: ChildProcess[]
  const at = (path: string): string => join(folder, path)
  /** A network namespace of its own: rules of this machine are not touched. */
  const apart = (file: string, ...args: readonly string[]): ReturnType<typeof exec> => exec('nsenter', [`--net=${at('apart.net')}`, file, ...args], { okCodes: [0, 1] })
  const script = (...args: readonly string[]): ReturnType<typeof exec> => apart('sh', at('prerm'), ...args)
  const lives = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode === null && signalCode === null

  beforeEach(async () => {
    started = []
    folder = await mkdtemp(join(tmpdir(), 'naru-prerm-'))
    const text = await readFile(join(import.meta.dirname, '../../main/setup/deb-before-remove.sh'), 'utf8')
    expect(text).toContain('HOME_OF_PACKAGE=/opt/Naru/\n')
    await writeFile(at('prerm'), text.replace('HOME_OF_PACKAGE=/opt/Naru/\n', `HOME_OF_PACKAGE=${at('opt/Naru/')}\n`))
    await writeFile(at('apart.net'), '')
    await exec('unshare', [`--net=${at('apart.net')}`, 'true'])
  })
  afterEach(async () => {
    for (const child of started.filter(lives)) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    await unmountBelow(folder)
    await rm(folder, { recursive: true, force: true })
  })

  /** Runs busybox as a program of the package: its file is what counts. */
  async function start(path: string, ...args: readonly string[]): Promise<ChildProcess> {
    const file = at(`opt/Naru/${path}`)
    await mkdir(dirname(file), { recursive: true })
    await copyFile('/bin/busybox', file)
    await exec('chmod', ['755', file])
    const child = spawn(file, ['-c', 'read -r wait', 'x', ...args], { argv0: 'sh', stdio: ['pipe', 'ignore', 'ignore'] })
    started.push(child)
    await waitUntil(async () => (await readlink(`/proc/${child.pid}/exe`).catch(() => '')) === file, { withinMs: 10_000, everyMs: 10 })
    return child
  }

  it('an upgrade touches nothing', async () => {
    const all = [await start('naru'), await start('resources/engine/bin/dockerd'), await start('resources/engine/bin/containerd-shim-runc-v2')]
    expect(await script('upgrade', '0.1.1')).toMatchObject({ code: 0, stdout: '', stderr: '' })
    expect(all.filter(lives)).toHaveLength(3)
  })

  it.each([
    ['Naru is open', 'naru', 'naru'],
    ['a container runs', 'resources/engine/bin/containerd-shim-runc-v2', 'containerd-shim-runc-v2'],
    ['a virtual machine runs', 'resources/qemu/lib/ld-linux-x86-64.so.2', 'qemu'],
  ])('a removal is refused while %s: said in words, and nothing is ended', async (_what, path, name) => {
    const all = [await start('resources/engine/bin/dockerd'), await start('resources/engine/bin/containerd'), await start(path)]
    const { code, stdout, stderr } = await script('remove')
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toBe(`Naru is not removed: it is open, or a container or a virtual machine of it runs:\n  process ${all[2]?.pid} ${name}\nStop them (Naru: Engines, Stop), close Naru, and remove it again. Nothing was changed.\n`)
    expect(all.filter(lives)).toHaveLength(3)
  })

  it('an engine without containers is ended, with its own rules and namespace', async () => {
    const state = at('state')
    const tag = `naru-${createHash('sha256').update(state).digest('hex').slice(0, 8)}`
    await mkdir(at('state/run/exec'), { recursive: true })
    await writeFile(at('state/run/engine.net'), '')
    await exec('mount', ['--bind', '/proc/self/ns/net', at('state/run/engine.net')])
    for (const name of [tag, 'naru-ffffffff']) await apart('iptables', '-t', 'nat', '-I', 'POSTROUTING', '-s', '192.0.2.0/24', '-m', 'comment', '--comment', name, '-j', 'MASQUERADE')
    const all = [await start('resources/engine/bin/dockerd', `--data-root=${state}/data`, `--exec-root=${state}/run/exec`), await start('resources/engine/bin/containerd')]
    expect(await script('remove')).toMatchObject({ code: 0, stdout: '', stderr: '' })
    expect(all.filter(lives)).toEqual([])
    const { stdout } = await apart('iptables-save', '-t', 'nat')
    expect(stdout).not.toContain(tag)
    expect(stdout).toContain('naru-ffffffff')
    expect(await isMounted(at('state/run/engine.net'))).toBe(false)
  })
})
