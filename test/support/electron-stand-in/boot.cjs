'use strict'
// Argument contract of the executable: [-r module]… [chromium switches] <app folder | script> [arguments of the app]
const Module = require('node:module')
const fs = require('node:fs')
const path = require('node:path')
const { context } = require('./context.cjs')
const { findArchive, unpack } = require('./archive.cjs')

/** Version of Electron the stand-in speaks for. */
const ELECTRON_VERSION = process.env.STANDIN_ELECTRON_VERSION || '45.4.1'

/** @param {string[]} argv */
function readArguments(argv) {
  const preload = []
  const switches = []
  const kept = []
  let app
  for (let at = 0; at < argv.length; at += 1) {
    const argument = argv[at]
    if (app === undefined && (argument === '-r' || argument === '--require')) {
      preload.push(argv[(at += 1)])
      continue
    }
    kept.push(argument)
    if (app !== undefined) continue
    if (argument.startsWith('-')) switches.push(argument)
    else app = argument
  }
  return { preload, switches, app, kept }
}

const { preload, switches, app, kept } = readArguments(process.argv.slice(2))
/** An app that was packaged lies beside the executable; it is what runs, and every argument is its own. */
const archive = findArchive(path.join(__dirname, 'resources'))
if (app === undefined && !archive) {
  console.error('stand-in: no app given')
  process.exit(64)
}
const target = archive ? unpack(archive) : path.resolve(app)
const isFolder = fs.statSync(target).isDirectory()
const pkg = isFolder
  ? JSON.parse(fs.readFileSync(path.join(target, 'package.json'), 'utf8'))
  : { name: 'Electron', version: '0.0.0' }
const entry = isFolder ? path.resolve(target, pkg.main ?? 'index.js') : target

const executable = process.env.STANDIN_EXE || path.join(__dirname, 'electron')
process.argv = [executable, ...kept]
Object.defineProperty(process, 'execPath', { value: executable, writable: true })
Object.defineProperty(process.versions, 'electron', { value: ELECTRON_VERSION, enumerable: true })
Object.assign(process, { type: 'browser', ...(!archive && { defaultApp: true }), resourcesPath: path.join(__dirname, 'resources') })

context.boot = { packaged: archive !== null, appPath: isFolder ? target : path.dirname(target), pkg, switches }

const electron = require('./electron.cjs')
const names = new Set(['electron', 'electron/main', 'electron/common'])
const load = Module._load
Module._load = function (request, ...rest) {
  return names.has(request) ? electron : load.call(this, request, ...rest)
}
for (const module of preload) require(path.resolve(module))

try {
  require(entry)
} catch (error) {
  console.error(error)
  process.exit(1)
}
electron.__begin().catch((error) => {
  console.error(error)
  process.exit(1)
})
