import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { OperationProgress, ProgressPart, ProgressState } from '../../../engine/contract/models.ts'
import { fetchedBytes, partShare, summarisePull } from '../../../renderer/components/pull-summary.ts'

const of = (parts: readonly ProgressPart[], bytesPerSecond?: number): OperationProgress => ({ step: 'pulling', parts, ...(bytesPerSecond !== undefined && { bytesPerSecond }) })

describe('summarisePull', () => {
  it('knows nothing before anything is told', () => {
    expect(summarisePull(undefined)).toMatchObject({ layers: 0, share: null, leftMs: null, phase: 'waiting' })
    expect(summarisePull(of([]))).toMatchObject({ share: null })
  })
  it('counts layers that were there already apart from the bytes', () => {
    const summary = summarisePull(of([
      { id: 'a', state: 'exists' },
      { id: 'b', state: 'done', currentBytes: 100, totalBytes: 100 },
      { id: 'c', state: 'downloading', currentBytes: 50, totalBytes: 100 },
    ], 25))
    expect(summary).toMatchObject({ layers: 3, finished: 2, existing: 1, currentBytes: 150, totalBytes: 200, leftMs: 2_000, phase: 'downloading' })
    expect(summary.share).toBeCloseTo((100 + 50 * 0.85) / 200)
  })
  it('is the same for a push: what the registry has already is not sent', () => {
    const parts: readonly ProgressPart[] = [{ id: 'a', state: 'exists' }, { id: 'b', state: 'mounted' }, { id: 'c', state: 'pushing', currentBytes: 50, totalBytes: 100 }]
    const summary = summarisePull({ step: 'pushing', parts, bytesPerSecond: 25 })
    expect(summary).toMatchObject({ layers: 3, finished: 2, existing: 2, currentBytes: 50, totalBytes: 100, share: 0.5, leftMs: 2_000, phase: 'pushing' })
  })
  it('tells no time while a size or the speed is unknown', () => {
    const moving: ProgressPart = { id: 'a', state: 'downloading', currentBytes: 10, totalBytes: 100 }
    expect(summarisePull(of([moving, { id: 'b', state: 'waiting' }], 10)).leftMs).toBeNull()
    expect(summarisePull(of([moving])).leftMs).toBeNull()
    expect(summarisePull(of([moving], 10)).leftMs).toBe(9_000)
  })
  it('says when only unpacking is left', () => {
    expect(summarisePull(of([{ id: 'a', state: 'extracting', currentBytes: 5, totalBytes: 10 }], 10))).toMatchObject({ phase: 'unpacking', leftMs: null })
  })
  it('is done when all is there', () => {
    expect(summarisePull(of([{ id: 'a', state: 'exists' }])).share).toBe(1)
    expect(summarisePull(of([{ id: 'a', state: 'done' }, { id: 'b', state: 'exists' }])).share).toBe(1)
  })
  it('stays between nothing and all, whatever a registry says', () => {
    const state = fc.constantFrom<ProgressState>('waiting', 'downloading', 'verifying', 'downloaded', 'extracting', 'done', 'exists', 'retrying')
    const part = fc.record({ id: fc.string(), state, currentBytes: fc.nat(), totalBytes: fc.nat() })
    fc.assert(fc.property(fc.array(part), fc.nat(), (parts, speed) => {
      const { share, leftMs, currentBytes, totalBytes } = summarisePull(of(parts, speed))
      if (share !== null) expect(share >= 0 && share <= 1).toBe(true)
      if (leftMs !== null) expect(leftMs).toBeGreaterThan(0)
      expect(currentBytes).toBeGreaterThanOrEqual(0)
      expect(totalBytes).toBeGreaterThanOrEqual(0)
    }))
  })
})

describe('a layer', () => {
  it('has a share of its own', () => {
    expect(partShare({ id: '', state: 'downloaded' })).toBe(1)
    expect(partShare({ id: '', state: 'waiting' })).toBe(0)
    expect(partShare({ id: '', state: 'extracting' })).toBeNull()
    expect(partShare({ id: '', state: 'extracting', currentBytes: 30, totalBytes: 10 })).toBe(1)
  })
  it('counts as fetched once it is', () => {
    expect(fetchedBytes({ id: '', state: 'extracting', currentBytes: 1, totalBytes: 10 })).toBe(10)
    expect(fetchedBytes({ id: '', state: 'downloading', currentBytes: 4 })).toBe(4)
    expect(fetchedBytes({ id: '', state: 'retrying', currentBytes: 4, totalBytes: 10 })).toBe(0)
  })
})
