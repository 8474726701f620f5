import { describe, expect, it } from 'vitest'
import { planShares } from '../../../engine/providers/vm/shares.ts'

describe('folders for the guest', () => {
  it('get tags, outer ones first; what another one shows already is left out', () => {
    expect(planShares([{ path: '/srv/data', readonly: true }, { path: '/home/a/b' }, { path: '/home/a/' }, { path: '/home/a' }, { path: '/home/a/secret', readonly: true }])).toEqual([
      { tag: 'h0', path: '/home/a', readonly: false },
      { tag: 'h1', path: '/home/a/secret', readonly: true },
      { tag: 'h2', path: '/srv/data', readonly: true },
    ])
    expect(planShares([])).toEqual([])
  })

  it.each(['relative', '/', '/etc', '/usr/share', '/home/../etc', '/home/a\nb'])('%j is refused', (path) => {
    expect(() => planShares([{ path }])).toThrow(expect.objectContaining({ code: 'invalid-request', hint: 'vm-share' }))
  })

  it('more than QEMU has room for is refused', () => {
    expect(() => planShares(Array.from({ length: 17 }, (_, index) => ({ path: `/srv/${index}` })))).toThrow(expect.objectContaining({ code: 'invalid-request' }))
  })
})
