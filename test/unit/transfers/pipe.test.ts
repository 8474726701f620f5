import { describe, expect, it } from 'vitest'
import { createPipe } from '../../../engine/transfers/pipe.ts'
import { createTransferService } from '../../../engine/transfers/service.ts'

const piece = (byte: number): Uint8Array => new Uint8Array([byte])
const context = (peerId = 'p') => ({ peerId, signal: new AbortController().signal })

describe('a pipe', () => {
  it('gives everything in order, and the writer waits for the reader', async () => {
    const pipe = createPipe()
    let written = 0
    const writing = (async () => {
      for (let at = 0; at < 50; at += 1) {
        await pipe.write(piece(at))
        written += 1
      }
      pipe.end()
    })()
    const got: number[] = []
    for await (const bytes of pipe.read()) {
      expect(written).toBeLessThanOrEqual(got.length + 3)
      got.push(bytes[0] ?? -1)
    }
    await writing
    expect(got).toEqual(Array.from({ length: 50 }, (_, at) => at))
  })
  it('a reader that leaves fails the writer, also one that waits', async () => {
    const pipe = createPipe()
    const writing = (async () => {
      for (;;) await pipe.write(piece(1))
    })()
    const outcome = expect(writing).rejects.toMatchObject({ code: 'cancelled' })
    for await (const bytes of pipe.read()) if (bytes) break
    await outcome
    expect(pipe.broken.aborted).toBe(true)
  })
  it('an error of the writer comes behind what it wrote', async () => {
    const pipe = createPipe()
    await pipe.write(piece(7))
    pipe.end(new Error('disk gone'))
    const got: Uint8Array[] = []
    await expect(
      (async () => {
        for await (const bytes of pipe.read()) got.push(bytes)
      })(),
    ).rejects.toThrow('disk gone')
    expect(got).toEqual([piece(7)])
  })
})

describe('transfers', () => {
  it('belong to their peer and go with it', async () => {
    const service = createTransferService()
    const { transferId } = await service.open({ direction: 'upload' }, context('mine'))
    await expect(service.write({ transferId, bytes: piece(1) }, context('other'))).rejects.toMatchObject({ code: 'not-found', hint: 'transfer-gone' })
    const pipe = service.take(transferId, 'upload')
    expect(() => service.take(transferId, 'upload')).toThrow()
    await service.write({ transferId, bytes: piece(1) }, context('mine'))
    service.closePeer('mine')
    expect(pipe.broken.aborted).toBe(true)
    await expect(service.write({ transferId, bytes: piece(1) }, context('mine'))).rejects.toMatchObject({ code: 'not-found' })
  })
  it('an upload that was given up breaks what reads it', async () => {
    const service = createTransferService()
    const { transferId } = await service.open({ direction: 'upload' }, context())
    const pipe = service.take(transferId, 'upload')
    await service.end({ transferId, complete: false }, context())
    await expect(pipe.read().next()).rejects.toMatchObject({ code: 'cancelled' })
  })
  it('a peer has a bounded number of them', async () => {
    const service = createTransferService()
    for (let at = 0; at < 32; at += 1) await service.open({ direction: 'download' }, context())
    await expect(service.open({ direction: 'download' }, context())).rejects.toMatchObject({ code: 'invalid-request' })
    await expect(service.open({ direction: 'download' }, context('other'))).resolves.toBeDefined()
  })
})
