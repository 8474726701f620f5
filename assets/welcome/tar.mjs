/** A small tar writer (ustar) whose output depends on its input only: fixed owner, mode and time. */

const BLOCK = 512

function header({ path, size, mode, type, link }) {
  const block = Buffer.alloc(BLOCK)
  if (Buffer.byteLength(path) > 100 || Buffer.byteLength(link) > 100) throw new Error(`path too long for ustar: ${path}`)
  const octal = (value, length) => value.toString(8).padStart(length - 1, '0') + '\0'
  block.write(path, 0)
  block.write(octal(mode, 8), 100)
  block.write(octal(0, 8), 108)
  block.write(octal(0, 8), 116)
  block.write(octal(size, 12), 124)
  block.write(octal(MTIME, 12), 136)
  block.fill(' ', 148, 156)
  block.write(type, 156)
  block.write(link, 157)
  block.write('ustar\u000000', 257)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(sum.toString(8).padStart(6, '0') + '\0 ', 148)
  return block
}

/** Modification time of everything in the image, seconds since 1970: the same inputs give the same bytes. */
export const MTIME = Date.UTC(2026, 0, 1) / 1000

/** One tar archive of entries {path, data?, mode?, link?}; a path that ends in "/" is a folder, `link` makes a symlink. */
export function tar(entries) {
  const parts = []
  for (const { path, data, mode, link } of entries) {
    const bytes = data === undefined ? Buffer.alloc(0) : Buffer.from(data)
    const folder = path.endsWith('/')
    const type = link !== undefined ? '2' : folder ? '5' : '0'
    parts.push(header({ path, size: bytes.length, mode: mode ?? (folder ? 0o755 : link ? 0o777 : 0o644), type, link: link ?? '' }))
    parts.push(bytes, Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK))
  }
  parts.push(Buffer.alloc(2 * BLOCK))
  return Buffer.concat(parts)
}
