/** Saves what flows in as a file of the browser's own saving. */

/**
 * Reads the stream to its end, then hands the file to the browser. Blobs live outside the page's heap; a stream that fails
 * or is left saves nothing.
 * @param progress told the bytes so far
 */
export async function saveStream(
  stream: AsyncIterable<Uint8Array>,
  file: { readonly name: string; readonly type: string },
  progress: (bytes: number) => void = () => undefined,
): Promise<void> {
  const parts: BlobPart[] = []
  let bytes = 0
  for await (const chunk of stream) {
    parts.push(new Blob([chunk as Uint8Array<ArrayBuffer>]))
    bytes += chunk.byteLength
    progress(bytes)
  }
  const address = URL.createObjectURL(new Blob(parts, { type: file.type }))
  const link = document.createElement('a')
  link.href = address
  link.download = file.name
  link.click()
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}
