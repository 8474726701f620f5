import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BALLOON_FLOOR_MIB, BALLOON_IDLE_MS, BALLOON_REST_MS, SHORT_MIB, balloonTarget, isShort, usedMiB } from '../../../engine/providers/vm/balloon-rule.ts'
import type { BalloonFacts } from '../../../engine/providers/vm/balloon-rule.ts'

const facts = (more: Partial<BalloonFacts> = {}): BalloonFacts => ({
  sizeMiB: 2048, actualMiB: 2048, totalMiB: 1960, availableMiB: 1760, idleMs: BALLOON_IDLE_MS, sinceShortMs: Infinity, ...more,
})

describe('how much memory the guest is left with', () => {
  it.each<[string, Partial<BalloonFacts>, number]>([
    ['somebody was there just now', { idleMs: BALLOON_IDLE_MS - 1 }, 2048],
    ['idle: what is used, and room on top', {}, 442],
    ['idle, little used: never below the floor', { availableMiB: 1900 }, BALLOON_FLOOR_MIB],
    ['idle, nearly everything used: nothing is taken', { availableMiB: 300 }, 2048],
    ['squeezed and content: stays', { actualMiB: 450, availableMiB: 170 }, 450],
    ['squeezed, and used again: stays until it is released', { actualMiB: 450, availableMiB: 170, idleMs: 0 }, 450],
    ['squeezed and short: everything back', { actualMiB: 450, availableMiB: SHORT_MIB - 1 }, 2048],
    ['it was short lately: left alone', { sinceShortMs: BALLOON_REST_MS - 1 }, 2048],
    ['short without a balloon: nothing to give', { availableMiB: 10 }, 2048],
  ])('%s', (_name, more, wanted) => {
    expect(balloonTarget(facts(more))).toBe(wanted)
  })

  it('a small machine is not squeezed below its floor', () => {
    expect(balloonTarget(facts({ sizeMiB: 512, actualMiB: 512, totalMiB: 470, availableMiB: 350 }))).toBe(512 - 512 + BALLOON_FLOOR_MIB)
  })

  it('pages in the balloon are not used memory', () => {
    expect(usedMiB(facts({ actualMiB: 448, availableMiB: 160 }))).toBe(200)
    expect(isShort(facts({ actualMiB: 448, availableMiB: 160 }))).toBe(false)
  })

  it('property: what is used always fits in, with room', () => {
    fc.assert(
      fc.property(fc.integer({ min: 512, max: 65_536 }), fc.nat(1_000), fc.double({ min: 0, max: 1, noNaN: true }), (sizeMiB, idle, part) => {
        const totalMiB = sizeMiB - 64
        const one = facts({ sizeMiB, actualMiB: sizeMiB, totalMiB, availableMiB: Math.floor(totalMiB * part), idleMs: idle * 1_000 })
        const target = balloonTarget(one)
        expect(target).toBeLessThanOrEqual(sizeMiB)
        expect(target).toBeGreaterThanOrEqual(Math.min(sizeMiB, Math.max(BALLOON_FLOOR_MIB, usedMiB(one) + SHORT_MIB)))
      }),
    )
  })
})
