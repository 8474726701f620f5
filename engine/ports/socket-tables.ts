/** Sockets of this machine that wait for someone, out of the kernel's tables; read a piece at a time. */
import { open } from 'node:fs/promises'
import { hasConnected, parseSctpTable, parseSocketTable } from './proc-net.ts'
import type { Listener } from './proc-net.ts'

const PIECE_BYTES = 64 * 1024
/** Most of one table that is read, bytes: about 50 000 sockets. */
const MOST_BYTES = 8 * 1024 * 1024

const TABLES = [
  { name: 'tcp', protocol: 'tcp' },
  { name: 'tcp6', protocol: 'tcp' },
  { name: 'udp', protocol: 'udp' },
  { name: 'udp6', protocol: 'udp' },
] as const

/**
 * Null where the system keeps no such tables (only Linux does). A machine with many connections costs no more than
 * one with few: listening TCP sockets come first and the rest is not read.
 * @param proc `/proc`, or a folder like it in tests
 */
export async function readListeners(proc: string, signal: AbortSignal): Promise<readonly Listener[] | null> {
  const texts = await Promise.all(
    TABLES.map(async ({ name, protocol }) => ({ protocol, text: await readTable(`${proc}/net/${name}`, protocol === 'tcp' ? hasConnected : () => false, signal) })),
  )
  if (texts.every(({ text }) => text === null)) return null
  const sctp = await readTable(`${proc}/net/sctp/eps`, () => false, signal)
  return [...texts.flatMap(({ text, protocol }) => parseSocketTable(text ?? '', protocol)), ...parseSctpTable(sctp ?? '')]
}

/** Text of a table up to the piece for which `enough` is true; null when there is none. */
async function readTable(path: string, enough: (piece: string) => boolean, signal: AbortSignal): Promise<string | null> {
  const file = await open(path).catch(() => null)
  if (!file) return null
  try {
    const buffer = Buffer.alloc(PIECE_BYTES)
    let text = ''
    while (text.length < MOST_BYTES) {
      signal.throwIfAborted()
      const { bytesRead } = await file.read(buffer, 0, PIECE_BYTES, null)
      if (bytesRead === 0) break
      const piece = buffer.toString('latin1', 0, bytesRead)
      text += piece
      if (enough(piece)) break
    }
    return text
  } finally {
    await file.close()
  }
}
