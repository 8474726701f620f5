/** An initial memory disk: the "newc" archive Linux reads (Documentation/driver-api/early-userspace/buffer-format.rst). */

const FOLDER = 0o040755
const LINK = 0o120777

/**
 * Archive of the given entries, in their order. Owners are root, times are 0: the same entries are the same bytes.
 * @param {readonly { path: string, kind: 'folder' | 'link' | 'file', content?: Buffer | string, executable?: boolean }[]} entries
 */
export function cpio(entries) {
  const all = [...entries, { path: 'TRAILER!!!', kind: 'end' }]
  return Buffer.concat(all.flatMap((entry, index) => record(entry, index + 1)))
}

const modeOf = ({ kind, executable }) => ({ folder: FOLDER, link: LINK, end: 0 })[kind] ?? (executable ? 0o100755 : 0o100644)

function record(entry, inode) {
  const content = Buffer.from(entry.content ?? '')
  const name = Buffer.from(`${entry.path}\0`)
  const end = entry.kind === 'end'
  const fields = [end ? 0 : inode, modeOf(entry), 0, 0, 1, 0, content.length, 0, 0, 0, 0, name.length, 0]
  const head = Buffer.concat([Buffer.from('070701' + fields.map((each) => each.toString(16).padStart(8, '0')).join('')), name])
  return [padded(head), padded(content)]
}

const padded = (bytes) => (bytes.length % 4 === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(4 - (bytes.length % 4))]))
