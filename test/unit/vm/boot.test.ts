/** What a start still has to try, and what it remembers. */
import { describe, expect, it, vi } from 'vitest'
import { NaruError } from '../../../engine/contract/errors.ts'
import { accelerations } from '../../../engine/providers/vm/acceleration.ts'
import { BootChoice } from '../../../engine/providers/vm/boot.ts'

const ALL = accelerations({ platform: 'linux', arch: 'x64' })
const [HOST, MAX, TCG] = ALL as [(typeof ALL)[number], (typeof ALL)[number], (typeof ALL)[number]]

function choice(candidates = ALL) {
  const remember = vi.fn(async () => undefined)
  return { remember, made: new BootChoice('usable', candidates, [], remember) }
}

describe('what a start of the machine tries', () => {
  it('goes on behind what failed, and remembers what worked with what failed before it', async () => {
    const { made, remember } = choice()
    expect(made.limitMs()).toBe(20_000 + 20_000 + 60_000)
    made.failed(HOST, 'QEMU ended')
    made.failed(MAX, 'no byte')
    expect(made.limitMs()).toBe(60_000)
    made.booted(TCG)
    await made.worked()
    const tried = [{ accel: 'kvm -cpu host', why: 'QEMU ended' }, { accel: 'kvm -cpu max,-arch-capabilities', why: 'no byte' }]
    expect(remember).toHaveBeenCalledExactlyOnceWith(TCG, tried)
  })

  it('takes the next when the guest of one went wrong after its first program; that is not remembered: it may work again', async () => {
    const { made, remember } = choice()
    made.booted(HOST)
    expect(made.failedLate(new NaruError('timeout', 'no answer'))).toBe(true)
    expect(made.left).toEqual([MAX, TCG])
    made.failed(MAX, 'no byte')
    made.booted(TCG)
    expect(made.tried).toEqual([{ accel: 'kvm -cpu host', why: 'no answer' }, { accel: 'kvm -cpu max,-arch-capabilities', why: 'no byte' }])
    await made.worked()
    expect(remember).not.toHaveBeenCalled()
  })

  it.each([
    ['after software emulation, whatever went wrong', TCG, new Error('x')],
    ['for a disk a person has to decide about', HOST, new NaruError('provider.boot-failed', 'x', { hint: 'vm-disk-check' })],
    ['for a full disk of this machine', HOST, new NaruError('no-space', 'x', { hint: 'vm-disk-full' })],
  ])('takes no other %s', (_name, acceleration, error) => {
    const { made } = choice()
    made.booted(acceleration)
    expect(made.failedLate(error)).toBe(false)
  })

  it('takes no other when nothing booted, or nothing is left', () => {
    expect(choice().made.failedLate(new Error('x'))).toBe(false)
    const { made } = choice([HOST])
    made.booted(HOST)
    expect(made.failedLate(new Error('x'))).toBe(false)
  })
})
