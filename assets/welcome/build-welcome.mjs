/**
 * Builds the welcome image as a docker-archive (`naru/welcome:latest`) from Debian's busybox-static and a static page.
 * Plain Node, no dependencies, no root, no container engine.
 *   node assets/welcome/build-welcome.mjs --out FILE [--cache DIR] [--quiet]
 * Same inputs, same bytes. Does nothing when FILE is already what this recipe makes.
 */
import { createHash } from 'node:crypto'
import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { BuildError, openApt, osRelease, run, withLock } from '../../engine/providers/native/bundle/apt.mjs'
import { SUITES } from '../../engine/providers/native/bundle/recipe.mjs'
import { MTIME, tar } from './tar.mjs'

const HELP = `Builds Naru's welcome image as an archive that POST /images/load takes.

Usage: node build-welcome.mjs --out FILE [--cache DIR] [--quiet]
`
const HERE = new URL('.', import.meta.url)
const IMAGE = 'naru/welcome:latest'
/** Names under which BusyBox can be called in the image; the rest is one `busybox NAME` away. */
const APPLETS = (
  'ash awk basename cat chmod chown clear cp cut date df diff dirname dmesg du echo env expr false find free grep gunzip gzip head ' +
  'hexdump hostname httpd id ifconfig ip kill less ln ls md5sum mkdir mktemp more mount mv nc netstat nslookup pidof ping printf ' +
  'ps pwd readlink realpath rm rmdir route sed seq sh sha256sum sleep sort stat stty tail tar tee test time top touch tr true ' +
  'tty umount uname uniq uptime vi watch wc wget which whoami xargs yes'
).split(' ')

const digest = (bytes) => createHash('sha256').update(bytes).digest('hex')
const read = (name) => readFile(new URL(name, HERE))

/** Hash of everything in the recipe but the BusyBox package. */
async function recipeHash() {
  const pages = (await readdir(new URL('www/', HERE))).sort()
  const parts = [process.arch]
  for (const name of ['build-welcome.mjs', 'tar.mjs', 'start.sh', ...pages.map((page) => `www/${page}`)]) {
    parts.push(name, digest(await read(name)))
  }
  return digest(parts.join('\n'))
}

async function isCurrent(out, recipe) {
  try {
    const stamp = JSON.parse(await readFile(`${out}.stamp`, 'utf8'))
    return stamp.recipe === recipe && stamp.sha256 === digest(await readFile(out))
  } catch {
    return false
  }
}

/** The static BusyBox binary and its licence. The newest: being static it fits any machine, and older ones crash in wget. */
async function busybox(cache, say) {
  const release = await osRelease()
  const codename = release.VERSION_CODENAME ?? ''
  const suites = release.ID === 'debian' ? [...new Set([...SUITES, codename])] : [codename]
  const apt = await openApt({ folder: join(cache, 'apt'), suites, codename, names: ['busybox-static'], say })
  const version = suites.map((suite) => apt.version('busybox-static', suite)).find(Boolean)
  if (!version) throw new BuildError('the package busybox-static was not found; is the package mirror reachable?')
  const folder = join(cache, `busybox-${process.pid}`)
  try {
    await run('dpkg-deb', ['-x', await apt.fetch('busybox-static', version), folder])
    const binary = await readFile(join(folder, 'bin/busybox')).catch(() => readFile(join(folder, 'usr/bin/busybox')))
    return { version, binary, licence: await readFile(join(folder, 'usr/share/doc/busybox-static/copyright')) }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function baseLayer({ binary, licence }) {
  const folders = ['bin/', 'dev/', 'etc/', 'proc/', 'root/', 'sys/', 'tmp/', 'usr/', 'usr/share/', 'usr/share/doc/', 'usr/share/doc/busybox/', 'var/']
  return tar([
    ...folders.map((path) => ({ path, mode: path === 'tmp/' ? 0o1777 : 0o755 })),
    { path: 'bin/busybox', data: binary, mode: 0o755 },
    ...APPLETS.map((name) => ({ path: `bin/${name}`, link: 'busybox' })),
    { path: 'etc/passwd', data: 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n' },
    { path: 'etc/group', data: 'root:x:0:\nnogroup:x:65534:\n' },
    { path: 'usr/share/doc/busybox/copyright', data: licence },
  ])
}

async function pageLayer() {
  const entries = [{ path: 'www/' }]
  for (const name of (await readdir(new URL('www/', HERE))).sort()) entries.push({ path: `www/${name}`, data: await read(`www/${name}`) })
  return tar(entries)
}

async function settingsLayer() {
  return tar([
    { path: 'etc/' },
    { path: 'etc/httpd.conf', data: 'I:index.html\n.html:text/html; charset=utf-8\n.css:text/css; charset=utf-8\n' },
    { path: 'start.sh', data: await read('start.sh'), mode: 0o755 },
  ])
}

/** The image's config: what runs, and a history that reads like the Dockerfile it stands for. */
function imageConfig(layers, version) {
  const created = new Date(MTIME * 1000).toISOString()
  const step = (created_by, empty) => ({ created, created_by, ...(empty ? { empty_layer: true } : { comment: 'naru welcome recipe' }) })
  const architecture = { x64: 'amd64', arm64: 'arm64', arm: 'arm', ppc64: 'ppc64le', s390x: 's390x', riscv64: 'riscv64' }[process.arch]
  return {
    architecture,
    os: 'linux',
    created,
    config: {
      Env: ['PATH=/bin'],
      Cmd: ['/start.sh'],
      WorkingDir: '/',
      ExposedPorts: { '80/tcp': {} },
      Labels: {
        'org.opencontainers.image.title': 'Naru welcome',
        'org.opencontainers.image.description': 'A tiny web server that explains what a container is. Works offline.',
        'org.opencontainers.image.version': version,
      },
    },
    history: [
      step(`COPY busybox /bin/busybox # busybox-static ${version}`),
      step('COPY www /www # the page'),
      step('COPY httpd.conf /etc/ start.sh / # settings'),
      step('ENV PATH=/bin', true),
      step('EXPOSE 80/tcp', true),
      step('CMD ["/start.sh"]', true),
    ],
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => `sha256:${digest(layer)}`) },
  }
}

async function archive({ version, binary, licence }) {
  const layers = [baseLayer({ binary, licence }), await pageLayer(), await settingsLayer()]
  const config = Buffer.from(JSON.stringify(imageConfig(layers, version)))
  const names = layers.map((layer) => `${digest(layer)}.tar`)
  const manifest = [{ Config: `${digest(config)}.json`, RepoTags: [IMAGE], Layers: names }]
  return tar([
    ...layers.map((layer, index) => ({ path: names[index], data: layer })),
    { path: `${digest(config)}.json`, data: config },
    { path: 'manifest.json', data: JSON.stringify(manifest) },
  ])
}

async function main() {
  let options
  try {
    const text = { type: 'string' }
    const flag = { type: 'boolean' }
    options = parseArgs({ options: { out: text, cache: text, quiet: flag, help: flag } }).values
  } catch (error) {
    throw new BuildError(`${error.message} (see --help)`)
  }
  if (options.help) return void process.stdout.write(HELP)
  if (!options.out) throw new BuildError('--out FILE is needed (see --help)')
  const say = (line) => options.quiet || process.stdout.write(`welcome image: ${line}\n`)
  const out = resolve(options.out)
  const cache = resolve(options.cache ?? join(dirname(out), 'packages'))
  const recipe = await recipeHash()
  if (await isCurrent(out, recipe)) return say('current')
  await mkdir(dirname(out), { recursive: true })
  await withLock(cache, async () => {
    if (await isCurrent(out, recipe)) return
    const source = await busybox(cache, say)
    const bytes = await archive(source)
    await writeFile(`${out}.new`, bytes)
    await rename(`${out}.new`, out)
    const stamp = { image: IMAGE, recipe, sha256: digest(bytes), busybox: source.version, busyboxSha256: digest(source.binary) }
    await writeFile(`${out}.stamp`, JSON.stringify(stamp, null, 2) + '\n')
    say(`built ${out} (busybox-static ${source.version}, ${bytes.length} bytes)`)
  })
}

main().catch((error) => {
  process.stderr.write(`welcome image: ${error instanceof BuildError ? error.message : error.stack}\n`)
  process.exitCode = 1
})
