#!/usr/bin/env node
/**
 * Compresses one file for electron-builder, which would download 7-Zip for it (ELECTRON_BUILDER_7ZIP_PATH): `a … -mx=N OUT IN`,
 * where OUT ends in .gz. Whatever else it is asked ends it.
 */
import { createReadStream, createWriteStream, rmSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { argv, exit, stderr } from 'node:process'
import { createGzip } from 'node:zlib'

/** Of 7-Zip's options the level alone means something here; the others ask for silence. */
const SILENCE = /^-(?:bd|y|bso0|bb[0-3]?)$/

/** @param {string[]} args */
function readArguments([command, ...args]) {
  const level = args.map((arg) => /^-mx=([0-9])$/.exec(arg)?.[1]).find(Boolean)
  const unknown = args.filter((arg) => arg.startsWith('-') && !SILENCE.test(arg) && !/^-mx=[0-9]$/.test(arg))
  const [out, from, ...more] = args.filter((arg) => !arg.startsWith('-'))
  if (command !== 'a' || unknown.length > 0 || more.length > 0 || !from || !out?.endsWith('.gz')) throw new Error(`not known: ${[command, ...args].join(' ')}`)
  return { level: Number(level ?? 6), out, from }
}

let unfinished
try {
  const { level, out, from } = readArguments(argv.slice(2))
  unfinished = out
  await pipeline(createReadStream(from, { highWaterMark: 1 << 20 }), createGzip({ level }), createWriteStream(out))
} catch (error) {
  if (unfinished) rmSync(unfinished, { force: true })
  stderr.write(`gzip: ${error.message}\n`)
  exit(1)
}
