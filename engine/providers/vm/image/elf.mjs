/** The little of ELF files a build needs: libraries a program asks for, and what a kernel module says of itself. */

/** @param {Buffer} bytes */
export const isElf = (bytes) => bytes.length > 64 && bytes.readUInt32BE(0) === 0x7f454c46 && bytes[4] === 2

/** Sections of a 64-bit little-endian file: name, type, address, offset, size, link. @param {Buffer} bytes */
export function sections(bytes) {
  const at = Number(bytes.readBigUInt64LE(0x28))
  const size = bytes.readUInt16LE(0x3a)
  const count = bytes.readUInt16LE(0x3c)
  const all = Array.from({ length: count }, (_, index) => {
    const head = at + index * size
    return {
      nameAt: bytes.readUInt32LE(head),
      type: bytes.readUInt32LE(head + 4),
      address: bytes.readBigUInt64LE(head + 16),
      offset: Number(bytes.readBigUInt64LE(head + 24)),
      size: Number(bytes.readBigUInt64LE(head + 32)),
      link: bytes.readUInt32LE(head + 40),
    }
  })
  const names = all[bytes.readUInt16LE(0x3e)]
  return all.map((each) => ({ ...each, name: names ? text(bytes, names.offset + each.nameAt) : '' }))
}

const text = (bytes, at) => bytes.toString('latin1', at, bytes.indexOf(0, at))

/** Names after DT_NEEDED; empty for static programs and whatever is no ELF file. @param {Buffer} bytes */
export function neededLibraries(bytes) {
  if (!isElf(bytes)) return []
  const all = sections(bytes)
  const dynamic = all.find(({ type }) => type === 6)
  const strings = dynamic && all[dynamic.link]
  if (!strings) return []
  const needed = []
  for (let at = dynamic.offset; at < dynamic.offset + dynamic.size; at += 16) {
    if (bytes.readBigInt64LE(at) === 1n) needed.push(text(bytes, strings.offset + Number(bytes.readBigUInt64LE(at + 8))))
  }
  return needed
}

/** `key=value` pairs of a kernel module's .modinfo: {depends: […], aliases: […]}. @param {Buffer} bytes */
export function moduleInfo(bytes) {
  const section = isElf(bytes) ? sections(bytes).find(({ name }) => name === '.modinfo') : undefined
  const pairs = section ? bytes.toString('latin1', section.offset, section.offset + section.size).split('\0') : []
  const of = (key) => pairs.filter((pair) => pair.startsWith(`${key}=`)).map((pair) => pair.slice(key.length + 1))
  return { depends: of('depends').flatMap((list) => list.split(',')).filter((name) => name !== ''), aliases: of('alias') }
}
