import { describe, expect, it } from 'vitest'
import { productOf } from '../../../engine/docker/capabilities.ts'
import { compareApi, negotiate, NEWEST_API, OLDEST_API } from '../../../engine/docker/connect.ts'
import { readEvent } from '../../../engine/docker/events.ts'

describe('negotiate', () => {
  it('takes the newest version both sides speak', () => {
    expect(negotiate({ Version: '20.10', ApiVersion: '1.41', MinAPIVersion: '1.12' }, 'e')).toBe('1.41')
    expect(negotiate({ Version: '99', ApiVersion: '1.99', MinAPIVersion: '1.44' }, 'e')).toBe(NEWEST_API)
  })

  it('refuses engines that are too old or too new, naming what is needed', () => {
    expect(() => negotiate({ Version: '17.03', ApiVersion: '1.27' }, 'e')).toThrow(
      expect.objectContaining({
        code: 'engine.incompatible',
        params: { version: '17.03', apiVersion: '1.27', needed: OLDEST_API },
      }),
    )
    expect(() => negotiate({ Version: '99', ApiVersion: '2.9', MinAPIVersion: '2.0' }, 'e')).toThrow(
      expect.objectContaining({ code: 'engine.incompatible', hint: 'engine-too-new' }),
    )
  })

  it('orders by number, not by text', () => {
    expect(compareApi('1.9', '1.41')).toBeLessThan(0)
    expect(compareApi('1.51', '1.51')).toBe(0)
    expect(compareApi('2.0', '1.51')).toBeGreaterThan(0)
  })
})

describe('productOf', () => {
  it('uses the name the engine gives itself', () => {
    expect(productOf({ Components: [{ Name: 'Engine' }], Platform: { Name: '' } })).toBe('Moby')
    expect(productOf({ Components: [{ Name: 'Engine' }], Platform: { Name: 'Docker Engine - Community' } })).toBe('Docker Engine - Community')
    expect(productOf({ Components: [{ Name: 'Podman Engine' }], Platform: { Name: 'linux/amd64/debian-12' } })).toBe('Podman Engine')
  })
})

describe('readEvent', () => {
  it('spells Podman as Docker', () => {
    const died = readEvent({ Type: 'container', Action: 'died', Actor: { ID: 'a', Attributes: { name: 'web' } }, timeNano: 5e6 }, 0)
    expect(died).toEqual({ type: 'container', action: 'die', id: 'a', name: 'web', at: 5, extra: '' })
    expect(readEvent({ Type: 'container', status: 'remove', id: 'a', time: 3 }, 0)).toMatchObject({ action: 'destroy', at: 3_000 })
    expect(readEvent({ Type: 'image', Action: 'remove' }, 7)).toMatchObject({ action: 'delete', at: 7, id: '' })
  })

  it('keeps apart what follows the colon', () => {
    expect(readEvent({ Action: 'health_status: healthy' }, 0)).toMatchObject({ action: 'health_status', extra: 'healthy' })
    expect(readEvent({ Action: 'exec_start: sh -c "a:b"' }, 0)).toMatchObject({ action: 'exec_start', extra: 'sh -c "a:b"' })
  })
})
