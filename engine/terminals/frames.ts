/** The payloads of an attached container without a terminal: stdout and stderr in the order they come. Pure. */
import { NaruError } from '../contract/errors.ts'

const HEADER = 8
/** Higher types are no frames; 3 is the engine's own error, shown like the rest. */
const LAST_TYPE = 3

/** Takes pieces cut anywhere; gives views of them. @throws NaruError `internal` when what comes are no frames */
export function createFrameReader(): (piece: Uint8Array) => Uint8Array[] {
  const header = new Uint8Array(HEADER)
  let headerLength = 0
  let left = 0
  return (piece) => {
    const payloads: Uint8Array[] = []
    let at = 0
    while (at < piece.length) {
      if (left === 0) {
        header[headerLength++] = piece[at++] ?? 0
        if (headerLength < HEADER) continue
        headerLength = 0
        if ((header[0] ?? 0) > LAST_TYPE || header[1] || header[2] || header[3]) throw new NaruError('internal', 'the output of the container is out of step: no frame where one must begin')
        left = new DataView(header.buffer).getUint32(4)
        continue
      }
      const end = Math.min(piece.length, at + left)
      payloads.push(piece.subarray(at, end))
      left -= end - at
      at = end
    }
    return payloads
  }
}
