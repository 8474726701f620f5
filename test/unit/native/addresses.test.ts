import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chooseSlot, dotted, overlaps, parseCidr, routedRanges, SLOT_COUNT, slotAt } from '../../../engine/providers/native/addresses.ts'
import type { Cidr } from '../../../engine/providers/native/addresses.ts'

const range = (text: string): Cidr => {
  const parsed = parseCidr(text)
  if (!parsed) throw new Error(text)
  return parsed
}

describe('addresses', () => {
  it('reads ranges and refuses what is none', () => {
    expect(parseCidr('10.213.64.7/18')).toEqual({ base: 0x0ad54000, prefix: 18 })
    expect(parseCidr('0.0.0.0/0')).toEqual({ base: 0, prefix: 0 })
    for (const text of ['', 'default', '10.0.0', '10.0.0.256', '10.0.0.1/33', 'fe80::1/64']) expect(parseCidr(text)).toBeNull()
  })
  it('cuts slots that hold their parts and never overlap', () => {
    expect(slotAt(0)).toMatchObject({ network: '10.213.0.0/18', bridge: '10.213.0.1/24', pool: '10.213.32.0/19', hostAddress: '10.213.1.1' })
    expect(slotAt(5).network).toBe('10.214.64.0/18')
    const slots = Array.from({ length: SLOT_COUNT }, (_, index) => slotAt(index))
    for (const slot of slots) {
      const whole = range(slot.network)
      const parts = [slot.bridge, slot.pool, `${slot.hostAddress}/${slot.linkPrefix}`].map(range)
      for (const part of parts) expect(overlaps(whole, part)).toBe(true)
      expect(overlaps(range(slot.bridge), range(slot.pool))).toBe(false)
      expect(slots.filter((other) => overlaps(whole, range(other.network)))).toHaveLength(1)
    }
  })
  it('avoids what is routed, and takes a part of a very wide route only when nothing else is left', () => {
    expect(chooseSlot(3, [])?.index).toBe(3)
    expect(chooseSlot(3, [range('10.213.192.0/24')])?.index).toBe(4)
    expect(chooseSlot(63, [range('10.228.0.0/16')])?.index).toBe(0)
    expect(chooseSlot(7, [range('10.0.0.0/8')])?.index).toBe(7)
    expect(chooseSlot(7, [range('10.0.0.0/8'), range(slotAt(7).network)])?.index).toBe(8)
    const all = Array.from({ length: SLOT_COUNT }, (_, index) => range(slotAt(index).network))
    expect(chooseSlot(0, all)).toBeNull()
  })
  it('never chooses a slot that overlaps a narrow route', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 213, max: 228 }), fc.nat(255), fc.integer({ min: 16, max: 32 })), { maxLength: 20 }), fc.nat(63), (routes, preferred) => {
        const taken = routes.map(([second, third, prefix]) => range(`10.${second}.${third}.0/${prefix}`))
        const slot = chooseSlot(preferred, taken)
        if (slot) expect(taken.some((each) => overlaps(each, range(slot.network)))).toBe(false)
      }),
    )
  })
  it('reads routes and leaves its own link out', () => {
    const text = [
      'default via 192.0.2.1 dev eth0',
      '10.213.0.0/18 via 10.213.1.2 dev naruabcd1234',
      '10.9.0.0/16 dev tun0 scope link',
      'local 192.0.2.2 dev eth0 table local',
      'broadcast 127.255.255.255 dev lo table local',
    ].join('\n')
    expect(routedRanges(text, 'naruabcd1234').map((each) => dotted(each.base))).toEqual(['10.9.0.0', '192.0.2.2', '127.255.255.255'])
  })
})
