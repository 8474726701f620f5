#!/usr/bin/env node
/**
 * Makes a .deb by dpkg-deb out of what electron-builder would tell fpm, which it has to download first (CUSTOM_FPM_PATH). Knows
 * what it is told and nothing else: an option it does not know ends it. fpm's command line: fpm.readthedocs.io.
 */
import { chmodSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { argv, env, exit, stderr } from 'node:process'

const ONCE = ['s', 't', 'architecture', 'after-install', 'before-remove', 'after-remove', 'description', 'version', 'package', 'name', 'maintainer', 'vendor', 'url', 'deb-priority', 'deb-compression', 'license']
const MANY = ['d', 'deb-recommends']
const SCRIPTS = { 'after-install': 'postinst', 'before-remove': 'prerm', 'after-remove': 'postrm' }

/** `-key value`, `--force`, and `source=target`. @param {string[]} args */
function readArguments(args) {
  const options = { d: [], 'deb-recommends': [] }
  const files = []
  for (let at = 0; at < args.length; at += 1) {
    const key = args[at].replace(/^--?/, '')
    if (!args[at].startsWith('-')) files.push(args[at].split(/=(.*)/s).slice(0, 2))
    else if (MANY.includes(key)) options[key].push(args[(at += 1)])
    else if (ONCE.includes(key)) options[key] = args[(at += 1)]
    else if (key !== 'force') throw new Error(`the option ${args[at]} is not known`)
  }
  if (options.s !== 'dir' || options.t !== 'deb') throw new Error('only a .deb out of folders can be made')
  return { options, files }
}

/** Debian's modes: who runs it changes nothing. Gives the size in bytes. */
function settle(folder) {
  let size = 0
  chmodSync(folder, 0o755)
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) size += settle(path)
    else if (entry.isFile()) {
      const { size: bytes, mode } = statSync(path)
      // What electron's own package has; the script after the installation takes it back where it is not needed.
      chmodSync(path, basename(path) === 'chrome-sandbox' ? 0o4755 : mode & 0o111 ? 0o755 : 0o644)
      size += bytes
    }
  }
  return size
}

function control(options, size) {
  const [synopsis = '', ...text] = options.description.trim().split('\n').map((line) => line.trim())
  const fields = {
    Package: options.name,
    Version: options.version,
    Architecture: options.architecture,
    Maintainer: options.maintainer,
    'Installed-Size': Math.ceil(size / 1024),
    Depends: options.d.join(', '),
    Recommends: options['deb-recommends'].join(', '),
    Section: 'devel',
    Priority: options['deb-priority'] ?? 'optional',
    Homepage: options.url,
    Description: [synopsis, ...text.map((line) => ` ${line === '' ? '.' : line}`)].join('\n'),
  }
  return Object.entries(fields).flatMap(([name, value]) => (value === '' || value === undefined ? [] : [`${name}: ${value}\n`])).join('')
}

function make({ options, files }) {
  const root = mkdtempSync(join(tmpdir(), 'naru-deb-'))
  try {
    for (const [from, to] of files) {
      const target = join(root, to)
      mkdirSync(dirname(target), { recursive: true })
      if (statSync(from).isDirectory()) cpSync(from, target, { recursive: true, verbatimSymlinks: true })
      else copyFileSync(from, target)
    }
    const size = settle(root)
    const folder = join(root, 'DEBIAN')
    mkdirSync(folder, { mode: 0o755 })
    writeFileSync(join(folder, 'control'), control(options, size))
    for (const [option, name] of Object.entries(SCRIPTS)) {
      if (!options[option]) continue
      copyFileSync(options[option], join(folder, name))
      chmodSync(join(folder, name), 0o755)
    }
    // Tests read packages right after they were made: they say so, and nothing is compressed.
    const compression = env.NARU_DEB_COMPRESSION ?? options['deb-compression'] ?? 'xz'
    const args = ['--root-owner-group', `-Z${compression === 'zst' ? 'zstd' : compression}`, '--build', root, options.package]
    const { status, error } = spawnSync('dpkg-deb', args, { stdio: ['ignore', 'ignore', 'inherit'] })
    if (error) throw error
    if (status !== 0) throw new Error(`dpkg-deb ended with ${status}`)
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

try {
  make(readArguments(argv.slice(2)))
} catch (error) {
  stderr.write(`deb: ${error.message}\n`)
  exit(1)
}
