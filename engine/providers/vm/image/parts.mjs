/** The three files of the guest image, out of unpacked packages. */
import { chmod, copyFile, mkdir, readFile, readdir, realpath, stat, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { BuildError, run } from '../../native/bundle/apt.mjs'
import { cpio } from './cpio.mjs'
import { neededLibraries } from './elf.mjs'
import { atFixedPlace } from './fixed-place.mjs'
import { payloadOf, unpackKernel } from './kernel.mjs'
import { closure, readModules, tables } from './kernel-modules.mjs'
import { withOrderedWrites } from './ordered-writes.mjs'
import { ELSEWHERE, EXTRA_LIBRARIES, FOLDERS, INITRD_MODULES, LINKS, ORDERED, PROGRAMS, ROOT_MODULES, SOURCE_DATE_EPOCH, TEXTS } from './recipe.mjs'

const LIBRARY = 'lib/x86_64-linux-gnu'
const ROOM_FOR_LIBRARIES = [LIBRARY, `usr/${LIBRARY}`]

const exists = (path) => stat(path).then(() => true, () => false)

/** Environment of programs that lie in an unpacked tree. */
const inTree = (tree) => ({
  ...process.env,
  PATH: [join(tree, 'usr/bin'), process.env.PATH].join(':'),
  LD_LIBRARY_PATH: ROOM_FOR_LIBRARIES.map((folder) => join(tree, folder)).join(':'),
  SOURCE_DATE_EPOCH: String(SOURCE_DATE_EPOCH),
  LC_ALL: 'C',
})

const zstd = (tools, from, to) => run(join(tools, 'usr/bin/zstd'), ['-q', '-f', '-19', '--single-thread', '--no-progress', from, '-o', to], { env: inTree(tools) })

/** Programs that unpack, out of the packages: the machine may have none. */
function unpackers({ guest, tools }) {
  const env = { ...inTree(tools), LD_LIBRARY_PATH: [inTree(tools).LD_LIBRARY_PATH, inTree(guest).LD_LIBRARY_PATH].join(':') }
  return { xz: join(guest, 'usr/bin/xz'), zstd: join(tools, 'usr/bin/zstd'), env }
}

/** `vmlinux` and `vmlinux.zst`; gives the kernel's release. */
export async function makeKernel({ guest, tools, kernel, out, say }) {
  const image = (await readdir(join(kernel, 'boot'))).find((name) => name.startsWith('vmlinuz-'))
  if (!image) throw new BuildError('the kernel’s package holds no kernel')
  const payload = payloadOf(await readFile(join(kernel, 'boot', image)))
  await writeFile(join(out, 'vmlinux'), await unpackKernel(payload, unpackers({ guest, tools })))
  await zstd(tools, join(out, 'vmlinux'), join(out, 'vmlinux.zst'))
  const release = image.slice('vmlinuz-'.length)
  say(`kernel ${release}`)
  return release
}

/** Newer packages have it below usr. */
const modulesFolder = async (tree, release) => {
  const [older, newer] = ['lib/modules', 'usr/lib/modules'].map((folder) => join(tree, folder, release))
  return (await exists(older)) ? older : newer
}

/** `initrd.zst`: busybox and what reaches the root disk. */
export async function makeInitrd({ guest, tools, kernel, work, out, source }, release) {
  const modules = await closure(await readModules(await modulesFolder(kernel, release), unpackers({ guest, tools })), INITRD_MODULES)
  const archive = cpio([
    ...['bin', 'proc', 'sys', 'dev', 'newroot', 'm'].map((path) => ({ path, kind: 'folder' })),
    { path: 'bin/busybox', kind: 'file', content: await readFile(join(guest, 'bin/busybox')), executable: true },
    { path: 'bin/sh', kind: 'link', content: 'busybox' },
    { path: 'init', kind: 'file', content: await readFile(new URL('guest/initrd-init.sh', source)), executable: true },
    // Loaded in the order of their names.
    ...modules.map(({ name, bytes }, index) => ({ path: `m/${String(index + 10)}-${name}.ko`, kind: 'file', content: bytes })),
  ])
  await writeFile(join(work, 'initrd'), archive)
  await zstd(tools, join(work, 'initrd'), join(out, 'initrd.zst'))
}

/** A newer program than the pinned one may be otherwise: the guest then orders all writes itself, which costs more. */
async function ordered(program, root, { pinned, say }) {
  try {
    const changed = withOrderedWrites(program)
    await place(root, 'etc/naru-ordered', '')
    return changed
  } catch (error) {
    if (pinned) throw new BuildError(`the engine's writes cannot be ordered: ${error.message}`)
    say(`the engine's writes cannot be ordered (${error.message}); the guest orders all of them`)
    return program
  }
}

/** Copies a program by name, wherever its package has it. */
async function placeProgram(parts, root, path) {
  const { guest } = parts
  for (const candidate of [path, ...(ELSEWHERE[path] ?? [])]) {
    if (!(await exists(join(guest, candidate)))) continue
    const program = atFixedPlace(await readFile(await realpath(join(guest, candidate))))
    await place(root, path, ORDERED.has(path) ? await ordered(program, root, parts) : program, 0o755)
    return
  }
  throw new BuildError(`the packages hold no ${path}`)
}

async function place(root, path, content, mode = 0o644) {
  await mkdir(dirname(join(root, path)), { recursive: true })
  await writeFile(join(root, path), content)
  await chmod(join(root, path), mode)
}

/** Libraries the programs below `root` ask for, and those these ask for. */
async function placeLibraries(guest, root) {
  const find = async (name) => {
    for (const folder of ROOM_FOR_LIBRARIES) if (await exists(join(guest, folder, name))) return join(guest, folder, name)
    return undefined
  }
  const queue = []
  for (const entry of await readdir(root, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) queue.push(...neededLibraries(await readFile(join(entry.parentPath ?? entry.path, entry.name))))
  }
  queue.push(...EXTRA_LIBRARIES, 'ld-linux-x86-64.so.2')
  const placed = new Set()
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    if (placed.has(name)) continue
    placed.add(name)
    const source = await find(name)
    if (!source && EXTRA_LIBRARIES.includes(name)) continue
    if (!source) throw new BuildError(`the packages hold no ${name}`)
    const bytes = await readFile(await realpath(source))
    await place(root, `${LIBRARY}/${name}`, bytes, 0o755)
    queue.push(...neededLibraries(bytes))
  }
  await mkdir(join(root, 'lib64'), { recursive: true })
  await symlink(`../${LIBRARY}/ld-linux-x86-64.so.2`, join(root, 'lib64/ld-linux-x86-64.so.2'))
}

/** One bundle of every authority, what update-ca-certificates would write. */
async function certificates(guest) {
  const folder = join(guest, 'usr/share/ca-certificates/mozilla')
  const names = (await readdir(folder)).filter((name) => name.endsWith('.crt')).sort()
  return (await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))).join('')
}

/** A program of our own, static, by the compiler of the packages. */
async function compile({ tools, source }, name, target) {
  const gcc = join(tools, 'usr/bin/x86_64-linux-gnu-gcc-12')
  const args = ['-O2', '-static', '-s', '-Wall', '-Wextra', '-Werror', `--sysroot=${tools}`, '-B', join(tools, 'usr/bin/x86_64-linux-gnu-'), '-Wl,--build-id=none', '-o', target]
  // Relative to its folder, so that no path of this machine gets into the program.
  await run(gcc, [...args, name], { env: inTree(tools), cwd: new URL('guest/', source) })
}

async function placeModules({ guest, tools, kernel }, root, release) {
  const folder = `lib/modules/${release}`
  const chosen = await closure(await readModules(await modulesFolder(kernel, release), unpackers({ guest, tools })), ROOT_MODULES)
  for (const { path, bytes } of chosen) await place(root, `${folder}/${path}`, bytes)
  for (const [name, content] of Object.entries(tables(chosen))) await place(root, `${folder}/${name}`, content)
  for (const name of ['modules.builtin', 'modules.order']) {
    await copyFile(join(await modulesFolder(kernel, release), name), join(root, folder, name)).catch(() => undefined)
  }
}

/** `rootfs.sqfs` */
export async function makeRoot(parts, release) {
  const { guest, tools, work, out, source, say } = parts
  const root = join(work, 'root')
  for (const folder of FOLDERS) await mkdir(join(root, folder), { recursive: true })
  for (const path of PROGRAMS) await placeProgram(parts, root, path)
  for (const [path, target] of Object.entries(LINKS)) await symlink(target, join(root, path))
  const applets = (await run(join(root, 'bin/busybox'), ['--list'])).trim().split('\n')
  const own = new Set(['bin/busybox', ...PROGRAMS])
  for (const applet of applets) if (!own.has(`bin/${applet}`)) await symlink('busybox', join(root, 'bin', applet))
  await symlink('../bin/busybox', join(root, 'sbin/modprobe'))
  for (const name of await readdir(join(guest, `usr/${LIBRARY}/xtables`))) {
    await place(root, `usr/${LIBRARY}/xtables/${name}`, await readFile(await realpath(join(guest, `usr/${LIBRARY}/xtables`, name))))
  }
  await placeLibraries(guest, root)
  for (const [path, text] of Object.entries(TEXTS)) await place(root, path, text)
  await place(root, 'etc/mke2fs.conf', await readFile(join(guest, 'etc/mke2fs.conf')))
  await place(root, 'etc/ssl/certs/ca-certificates.crt', await certificates(guest))
  await place(root, 'sbin/init', await readFile(new URL('guest/init.sh', source)), 0o755)
  await compile(parts, 'agent.c', join(root, 'sbin/naru-agent'))
  await compile(parts, 'first-rules.c', join(root, 'sbin/naru-first-rules'))
  await placeModules(parts, root, release)
  for (const entry of await readdir(root, { withFileTypes: true, recursive: true })) {
    if (entry.isDirectory()) await chmod(join(entry.parentPath ?? entry.path, entry.name), 0o755)
  }
  await chmod(root, 0o755)
  say('packing the root')
  const packing = ['-comp', 'zstd', '-Xcompression-level', '19', '-b', '256K', '-all-root', '-no-xattrs', '-noappend', '-quiet', '-no-progress']
  await run(join(tools, 'usr/bin/mksquashfs'), [root, join(out, 'rootfs.sqfs'), ...packing], { env: inTree(tools) })
}
