/** A root of its own for dpkg: an empty database, a shell and the few programs that scripts of a package call; nothing else. */
import { chmod, copyFile, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { exec } from '../../engine/system/exec.ts'

const PROGRAMS = ['sh', 'sed', 'tr', 'ln', 'rm', 'cp', 'chmod', 'readlink', 'cat', 'grep', 'true', 'false']

export interface ScratchRoot {
  readonly folder: string
  readonly dpkg: (args: readonly string[]) => Promise<string>
  /** All that is in it but dpkg's own database. */
  readonly paths: () => Promise<string[]>
  readonly remove: () => Promise<void>
}

/** The libraries a program of this machine needs, and its loader. */
async function librariesOf(program: string): Promise<string[]> {
  return [...(await exec('ldd', [program])).stdout.matchAll(/(\/\S+) \(0x/g)].flatMap(([, path]) => path ?? [])
}

export async function makeScratchRoot(busybox: string): Promise<ScratchRoot> {
  const folder = await mkdtemp(join(tmpdir(), 'naru-dpkg-'))
  const at = (name: string): string => join(folder, name)
  for (const name of ['bin', 'etc', 'tmp', 'usr/bin', 'var/lib/dpkg/info', 'var/lib/dpkg/updates', 'var/lib/dpkg/triggers']) await mkdir(at(name), { recursive: true })
  for (const name of ['status', 'available']) await writeFile(at(`var/lib/dpkg/${name}`), '')
  await copyFile(busybox, at('bin/busybox'))
  await chmod(at('bin/busybox'), 0o755)
  for (const name of PROGRAMS) await symlink('busybox', at(`bin/${name}`))
  for (const path of ['/bin/bash', ...(await librariesOf('/bin/bash'))]) {
    await mkdir(dirname(at(path)), { recursive: true })
    await copyFile(path, at(path))
  }
  return {
    folder,
    dpkg: async (args) => {
      const options = [`--root=${folder}`, `--log=${at('var/lib/dpkg/log')}`, '--force-depends', '--force-unsafe-io']
      const { stdout, stderr } = await exec('dpkg', [...options, ...args], { timeoutMs: 300_000, env: { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' } })
      return stdout + stderr
    },
    paths: async () => {
      const entries = await readdir(folder, { withFileTypes: true, recursive: true })
      return entries.map((entry) => join(entry.parentPath, entry.name).slice(folder.length)).filter((path) => !path.startsWith('/var/lib/dpkg')).sort()
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}
