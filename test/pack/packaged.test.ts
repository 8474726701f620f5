/** What a person installs: the packaged app, and the Debian package around it. Built once; the stand-in takes Electron's place. */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { lstat, mkdir, mkdtemp, readFile, readdir, readlink, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { extractFile, listPackage } from '@electron/asar'
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses'
import { _electron } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { verifyBundle } from '../../engine/providers/native/bundle-check.ts'
import { readImage, verifyFiles } from '../../engine/providers/vm/image.ts'
import { findQemu, qemuVersion } from '../../engine/providers/vm/qemu.ts'
import { exec } from '../../engine/system/exec.ts'
import { findPlaces } from '../../main/places.ts'
import { findProgram } from '../../main/setup/apt.mjs'
import { endEngine, whyNoEngine } from '../e2e/support/engine.ts'
import { makeWorld } from '../e2e/support/environment.ts'
import { hasBusybox } from '../support/busybox-image.ts'
import { buildPackaged, filesBelow, whyNoPackages } from '../support/packaged.ts'
import type { Packaged } from '../support/packaged.ts'
import { makeScratchRoot } from '../support/scratch-root.ts'

const HOST = { platform: 'linux', arch: 'x64' } as const
const signal = AbortSignal.timeout(900_000)
const reason = whyNoPackages()
if (reason) console.log(`skipped: nothing is packaged here (${reason})`)
const desktopCheck = findProgram('desktop-file-validate')
if (!reason && !desktopCheck) console.log('skipped: the desktop file is not checked (no desktop-file-validate)')
const noInstall = process.getuid?.() !== 0 ? 'only root can change the root' : hasBusybox ? null : 'no static busybox'
if (!reason && noInstall) console.log(`skipped: the package is not installed into a root of its own (${noInstall})`)
const noLaunch = existsSync('/usr/bin/chromium') ? null : 'no chromium'
if (!reason && noLaunch) console.log(`skipped: the packaged app is not started (${noLaunch})`)

/** All files of the app; what Vite names after its content has a star. */
const ARCHIVE = [
  '/out/engine/engine-process.cjs', '/out/icons/256x256.png', '/out/icons/32x32.png', '/out/main/main.cjs', '/out/preload/preload.cjs',
  ...['BuildPanel', 'FilesTab', 'GoneContainer', 'NErrorNotice', 'NInput', 'RunPanel', 'StatsTab', 'TerminalTab', 'index'].flatMap((name) => [`/out/renderer/assets/${name}-*.css`, `/out/renderer/assets/${name}-*.js`]),
  '/out/renderer/assets/VisuallyHidden-*.js', '/out/renderer/assets/command-*.js', '/out/renderer/assets/naru-*.svg',
  '/out/renderer/favicon.svg', '/out/renderer/index.html', '/out/renderer/recover.js', '/out/web/web.cjs',
  '/out/worker/layer-worker.cjs', '/out/worker/log-worker.cjs', '/package.json',
]
const SIZES = [16, 32, 48, 64, 128, 256, 512]

describe.skipIf(reason !== null)('what a person installs', () => {
  let packaged: Packaged
  beforeAll(async () => (packaged = await buildPackaged()), 960_000)
  const archive = (): string => join(packaged.resources, 'app.asar')
  const resource = (name: string): string => join(packaged.resources, name)

  describe('the app', () => {
    it('holds exactly what was built: no test, no source map, no native code', async () => {
      const files = listPackage(archive(), { isPack: false }).filter((path) => basename(path).includes('.'))
      expect(files.map((path) => path.replace(/-[\w-]{8}\.(css|js|svg)$/, '-*.$1')).sort()).toEqual([...ARCHIVE].sort())
      for (const path of files.filter((each) => /\.c?js$/.test(each))) {
        const text = extractFile(archive(), path.slice(1)).toString('latin1')
        expect(text, path).not.toMatch(/sourceMappingURL=|from "vitest"|@playwright|electron-stand-in/)
      }
      const manifest = JSON.parse(extractFile(archive(), 'package.json').toString()) as Record<string, unknown>
      expect(manifest).toMatchObject({ name: 'naru', main: 'out/main/main.cjs', desktopName: 'naru.desktop' })
      expect(Object.keys(manifest)).not.toContain('devDependencies')
      expect((await filesBelow(packaged.resources)).filter((path) => /\.(?:node|map)$|(?:^|\/)test\//.test(path))).toEqual([])
    })

    it('finds what it carries where it looks, whole and able to run from there', async () => {
      expect((await readdir(packaged.resources)).sort()).toEqual(['THIRD-PARTY-NOTICES.txt', 'app.asar', 'apparmor-profile', 'engine', 'qemu', 'sbom.cdx.json', 'vm-image', 'welcome.tar'])
      const places = findPlaces({ NARU_HOME: '/nonexistent' }, '/nonexistent/out', packaged.resources)
      expect([places.bundle, places.vmImage, places.vmQemu, places.welcomeImage]).toEqual(['engine', 'vm-image', 'qemu', 'welcome.tar'].map(resource))
      expect(places.vmSetup).toBeUndefined()
      const qemu = await findQemu(HOST, { bundle: places.vmQemu, path: '', folders: [] })
      await verifyFiles({ ...qemu.digests, ...(await readImage(places.vmImage)).digests }, signal)
      const scratch = await mkdtemp(join(tmpdir(), 'naru-compared-'))
      await verifyBundle({ bundleFolder: places.bundle, kept: join(scratch, 'compared.json'), signal, log: (line) => expect.unreachable(line) })
      await rm(scratch, { recursive: true })
      expect(await qemuVersion(qemu.emulator, signal)).toMatch(/^\d+\.\d+/)
      expect((await exec(join(places.bundle, 'bin/dockerd'), ['--version'])).stdout).toContain('Docker version')
    })

    it('names all third parties, in words and as a bill of materials', async () => {
      const notices = await readFile(resource('THIRD-PARTY-NOTICES.txt'), 'utf8')
      const bom = JSON.parse(await readFile(resource('sbom.cdx.json'), 'utf8')) as { components: { name: string; version: string; purl: string; properties?: { value: string }[] }[] }
      for (const { name, version } of bom.components) expect(notices, name).toContain(`${name} ${version}`)
      for (const part of ['engine', 'vm-image', 'qemu']) {
        const { packages } = JSON.parse(await readFile(resource(`${part}/manifest.json`), 'utf8')) as { packages: { package: string; role?: string }[] }
        const named = bom.components.filter(({ properties }) => properties?.[0]?.value === part).map(({ name }) => name)
        expect(named, part).toEqual(packages.filter(({ role }) => role !== 'build').map((each) => each.package))
      }
      const npm = bom.components.filter(({ purl }) => purl.startsWith('pkg:npm/')).map(({ name }) => name)
      expect(npm).toEqual(expect.arrayContaining(['vue', 'dockerode', '@xterm/xterm', 'tailwindcss', 'electron']))
      expect(npm.filter((name) => /^(?:typescript|vite|vitest|eslint|playwright-core|ssh2)$/.test(name))).toEqual([])
    })

    it('has every fuse on its closed side, written and read back', async () => {
      const { version: _, ...wire } = await getCurrentFuseWire(join(packaged.app, 'naru'))
      const on = Object.entries(wire).flatMap(([index, state]) => (state === '1'.charCodeAt(0) ? [FuseV1Options[Number(index)]] : []))
      expect(on).toEqual(['EnableCookieEncryption', 'EnableEmbeddedAsarIntegrityValidation', 'OnlyLoadAppFromAsar'])
    })

    it.skipIf(noLaunch !== null)('starts from its archive, opens its window and lists its engines', async () => {
      const engine = whyNoEngine() === null
      const world = makeWorld({ sockets: [], engine: 'none', env: {} })
      // Only what lies beside the app counts.
      const env = Object.fromEntries(Object.entries(world.env).filter(([name]) => !/^NARU_(?:ENGINE_BUNDLE|VM_|WELCOME_IMAGE)/.test(name)))
      const app = await _electron.launch({ executablePath: join(packaged.app, 'naru'), args: [], env, timeout: 60_000 })
      try {
        expect(await app.evaluate(({ app: main }) => [main.isPackaged, main.getName(), main.getVersion()])).toEqual([true, 'Naru', '0.1.0'])
        const page = await app.firstWindow()
        await page.getByRole('link', { name: 'Engines', exact: true }).click({ timeout: 30_000 })
        for (const name of ['Embedded engine', 'Virtual machine']) await page.getByRole('article', { name }).waitFor({ timeout: 60_000 })
        expect(await page.getByRole('article', { name: 'Virtual machine' }).innerText()).not.toMatch(/not on this machine|was not found/)
        // The embedded engine runs from a folder it was not built in.
        if (engine) await page.getByRole('article', { name: 'Embedded engine' }).getByText(/\b28\.\d/).first().waitFor({ timeout: 60_000 })
      } finally {
        await app.close()
        await endEngine(world)
        world.remove()
      }
    }, 240_000)
  })

  describe('the archive for everybody else', () => {
    it('holds the same app in a folder named after the version, with the modes it has', async () => {
      const lines = (await exec('tar', ['--numeric-owner', '-tvzf', packaged.tarball], { maxBytes: 64 << 20 })).stdout.trim().split('\n')
      const entries = lines.map((line) => /^(\S+) \S+ +(\d+) \S+ \S+ naru-0\.1\.0\/(.*?)(?: -> (.*))?$/.exec(line) ?? expect.fail(line))
      const found = entries.flatMap(([, mode = '', size, path = '', target]) => (mode.startsWith('d') ? [] : [`${path} ${target ?? `${size} ${mode[3] === 'x' ? 'runs' : ''}`}`]))
      // The installer of the .deb alone puts this file among the resources, at the same time.
      const files = (await filesBelow(packaged.app)).filter((path) => path !== 'resources/apparmor-profile')
      const wanted = await Promise.all(files.map(async (path) => {
        const at = join(packaged.app, path)
        const info = await lstat(at)
        return `${path} ${info.isSymbolicLink() ? await readlink(at) : `${info.size} ${info.mode & 0o100 ? 'runs' : ''}`}`
      }))
      expect(found.filter((each) => !each.startsWith('resources/apparmor-profile ')).sort()).toEqual(wanted.sort())
      const archived = await exec('sh', ['-c', 'tar -xzOf "$1" naru-0.1.0/resources/app.asar | sha256sum', 'sh', packaged.tarball])
      expect(archived.stdout.split(' ')[0]).toBe(createHash('sha256').update(await readFile(archive())).digest('hex'))
    }, 60_000)
  })

  describe('the Debian package', () => {
    it('says what it is and needs', async () => {
      const field = async (name: string) => (await exec('dpkg-deb', ['-f', packaged.deb, name])).stdout.trim()
      expect(await Promise.all(['Package', 'Version', 'Architecture', 'Section', 'Maintainer'].map(field))).toEqual(['naru', '0.1.0', 'amd64', 'devel', 'Naru <naru@example.invalid>'])
      const needed = (await field('Depends')).split(', ')
      expect(needed).toEqual(expect.arrayContaining(['libnss3', 'libsecret-1-0', 'libseccomp2', 'ca-certificates', 'mount', 'iptables', 'iproute2', 'libgtk-3-0 | libgtk-3-0t64']))
      expect(await field('Recommends')).toContain('uidmap')
      expect(await field('Description')).toMatch(/^A desktop container manager[^\n]*\n /)
      if (!findProgram('apt-cache')) return
      // Each can be had: one of its names is a package here.
      const known = (await exec('apt-cache', ['pkgnames'], { maxBytes: 64 << 20 })).stdout.split('\n')
      expect(needed.filter((each) => !each.split(' | ').some((name) => known.includes(name)))).toEqual([])
    })

    it('holds the app, a desktop file, icons of every size, and nothing anybody else may write to', async () => {
      const lines = (await exec('dpkg-deb', ['-c', packaged.deb], { maxBytes: 64 << 20 })).stdout.trim().split('\n')
      const entries = lines.map((line) => /^(\S+) (\S+)\s+\d+ \S+ \S+ \.(\/[^>]*?)(?: -> .*)?$/.exec(line) ?? expect.fail(line)).map(([, mode = '', owner = '', path = '']) => ({ mode, owner, path }))
      const files = entries.filter(({ path }) => !path.endsWith('/')).map(({ path }) => path)
      const wanted = [...(await filesBelow(packaged.app)).map((path) => `/opt/Naru/${path}`), '/usr/share/applications/naru.desktop', ...SIZES.map((size) => `/usr/share/icons/hicolor/${size}x${size}/apps/naru.png`)]
      expect(files.sort()).toEqual(wanted.sort())
      expect(entries.filter(({ mode, owner }) => owner !== 'root/root' || (!mode.startsWith('l') && mode[8] === 'w'))).toEqual([])
      expect(entries.filter(({ mode }) => /s/i.test(mode)).map(({ path }) => path)).toEqual(['/opt/Naru/chrome-sandbox'])
    })

    it.skipIf(noInstall !== null)('installs and goes again, with its scripts; what stays is the person’s', async () => {
      const root = await makeScratchRoot('/bin/busybox')
      const at = (path: string): string => join(root.folder, path)
      try {
        const before = await root.paths()
        await root.dpkg(['--install', packaged.deb])
        expect(await readlink(at('/usr/bin/naru'))).toBe('/opt/Naru/naru')
        expect((await stat(at('/opt/Naru/naru'))).mode & 0o111).toBe(0o111)
        const desktop = await readFile(at('/usr/share/applications/naru.desktop'), 'utf8')
        expect(desktop).toMatch(/^Exec=\/opt\/Naru\/naru/m)
        expect(desktop).toMatch(/^Icon=naru$/m)
        expect(desktop).toMatch(/^StartupWMClass=\S+$/m)
        if (desktopCheck) expect((await exec(desktopCheck, [at('/usr/share/applications/naru.desktop')])).stdout).toBe('')
        for (const size of SIZES) {
          const png = await readFile(at(`/usr/share/icons/hicolor/${size}x${size}/apps/naru.png`))
          expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([size, size])
        }
        const kept = '/home/person/.local/share/naru/settings.json'
        await mkdir(dirname(at(kept)), { recursive: true })
        await writeFile(at(kept), '{}')
        await root.dpkg(['--purge', 'naru'])
        expect(await root.paths()).toEqual([...before, ...kept.split('/').slice(1).map((_, index, all) => `/${all.slice(0, index + 1).join('/')}`)].sort())
      } finally {
        await root.remove()
      }
    }, 300_000)
  })
})
