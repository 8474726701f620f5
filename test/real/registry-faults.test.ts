/** Registries that stall, cut, lie about length or digest, or lead round: what a pull on a real engine makes of each. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { OperationRow } from '../../engine/contract/models.ts'
import { Page, startEngineRoom } from '../support/engine-room.ts'
import type { EngineRoom } from '../support/engine-room.ts'
import { startFaultyRegistry } from '../support/faulty-registry.ts'
import type { FaultyRegistry, RegistryFault } from '../support/faulty-registry.ts'
import { canRunDockerd, startDockerd } from '../support/real-engine.ts'
import type { RealEngine } from '../support/real-engine.ts'

const MINUTE = 60_000
/** Silence that is told as such here; people are given two minutes. */
const SILENCE_MS = 3_000
/** Bound to what was pulled being shown, milliseconds: it takes some tenths of a second. */
const SHOWN_MS = 10_000

describe.skipIf(!canRunDockerd)('a pull from a registry that', () => {
  let engine: RealEngine
  let registry: FaultyRegistry
  let room: EngineRoom
  let engineId: string
  const rows = new Map<RegistryFault, { readonly row: OperationRow; readonly tookMs: number }>()

  const pull = async (fault: RegistryFault): Promise<void> => {
    const began = performance.now()
    const row = await room.run('images.pull', { engineId, reference: registry.reference(fault) })
    rows.set(fault, { row, tookMs: performance.now() - began })
  }

  beforeAll(async () => {
    // Five attempts are dockerd's own default, with growing waits between them.
    engine = await startDockerd(undefined, ['--max-download-attempts=2'])
    registry = await startFaultyRegistry(engine.pid())
    room = await startEngineRoom({ env: { NARU_SOCKETS: engine.socketPath }, pullSilenceMs: SILENCE_MS })
    engineId = (await room.engines(({ engines }) => engines.some(({ status }) => status === 'ready'))).currentId ?? ''
    await Promise.all((['stall', 'cut', 'cutonce', 'short', 'long', 'lie', 'loop', 'page', 'broken', 'forged', 'well'] as const).map(pull))
    console.log(`registry faults: ${[...rows].map(([fault, { tookMs }]) => `${fault} ${(tookMs / 1_000).toFixed(1)} s`).join(', ')}`)
  }, 2 * MINUTE)
  afterAll(async () => {
    await room?.close()
    await registry?.close()
    await engine?.close()
  }, MINUTE)

  it.each([
    ['stall', 'registry.silent'],
    ['cut', 'registry.cut'],
    ['long', 'registry.cut'],
    ['short', 'registry.wrong-content'],
    ['lie', 'registry.wrong-content'],
    ['page', 'registry.wrong-content'],
    ['forged', 'registry.wrong-content'],
    ['loop', 'registry.redirects'],
    ['broken', 'registry.failing'],
  ] as const)('does %s fails as %s, with the registry named, and may be tried again', (fault, hint) => {
    const { row } = rows.get(fault) ?? {}
    expect(row).toMatchObject({ status: 'failed', error: { code: 'registry.unreachable', hint, retryable: true, params: { registry: registry.host } } })
  })

  it('was told in time: none outlives the engine’s own attempts', () => {
    for (const [fault, { tookMs }] of rows) expect(tookMs, fault).toBeLessThan(30_000)
    // Nothing else was slow: the silent one ended by its own limit.
    expect(rows.get('stall')?.tookMs).toBeGreaterThan(SILENCE_MS)
  })

  it('breaks once is asked again by the engine, and one that does not is not disturbed', () => {
    expect(rows.get('cutonce')?.row).toMatchObject({ status: 'succeeded' })
    expect(rows.get('well')?.row).toMatchObject({ status: 'succeeded' })
  })

  it('leaves no image behind but the whole ones, and the engine pulls on', async () => {
    const page = new Page(room.link)
    // The last pull may have ended just now: the engine's event of it is on its way.
    const tags = (): string[] => [...page.images.values()].flatMap((image) => image.tags).sort()
    await vi.waitFor(() => expect(tags()).toEqual([registry.reference('cutonce'), registry.reference('well')].sort()), { timeout: SHOWN_MS, interval: 10 })
    await page.close()
    const again = await room.run('images.pull', { engineId, reference: registry.reference('well') })
    expect(again).toMatchObject({ status: 'succeeded', result: { upToDate: true } })
  }, MINUTE)
})
