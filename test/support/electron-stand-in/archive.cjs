'use strict'
// A packaged app's archive (resources/app.asar): Node cannot run from one, so it is unpacked into a folder of its own.
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')

/** Path of the archive in a resources folder, or null. @param {string} resources */
function findArchive(resources) {
  const archive = path.join(resources, 'app.asar')
  return fs.existsSync(archive) ? archive : null
}

/**
 * Unpacks an archive into a temporary folder that goes with this process; gives the folder. The format is Chromium's pickle
 * around a JSON index (github.com/electron/asar): u32 4, u32 size of the index' pickle, u32, u32 length, the index, files.
 * @param {string} archive
 */
function unpack(archive) {
  const bytes = fs.readFileSync(archive)
  const index = JSON.parse(bytes.toString('utf8', 16, 16 + bytes.readUInt32LE(12)))
  const base = 8 + bytes.readUInt32LE(4)
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'standin-app-'))
  process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }))
  const write = ({ files }, at) => {
    for (const [name, entry] of Object.entries(files)) {
      const to = path.join(at, name)
      if (entry.files) {
        fs.mkdirSync(to)
        write(entry, to)
      } else if (entry.unpacked) fs.copyFileSync(path.join(`${archive}.unpacked`, path.relative(folder, to)), to)
      else fs.writeFileSync(to, bytes.subarray(base + Number(entry.offset), base + Number(entry.offset) + entry.size))
    }
  }
  write(index, folder)
  return folder
}

module.exports = { findArchive, unpack }
