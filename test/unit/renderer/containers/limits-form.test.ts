import { describe, expect, it } from 'vitest'
import { sizeWord, updateBody } from '../../../../engine/containers/update.ts'
import { limitsChange, limitsForm } from '../../../../renderer/screens/Containers/dialogs/limits-form.ts'

const MB = 1024 ** 2
const present = {
  limits: { memoryBytes: 64 * MB, memorySwapBytes: 128 * MB, cpus: 0, pidsLimit: 100 },
  restartPolicy: { name: 'on-failure', maximumRetryCount: 3 },
} as const
const form = limitsForm(present)

describe('the form of limits', () => {
  it('begins with what is there, and changes nothing', () => {
    expect(form).toEqual({ memory: '64m', cpus: '', pids: '100', policy: 'on-failure', retries: '3' })
    expect(limitsChange(form, present)).toEqual({ problems: {}, spec: {} })
  })

  it('gives only what differs; swap goes along, unlimited swap stays', () => {
    expect(limitsChange({ ...form, memory: '1.5g' }, present).spec).toEqual({ memoryBytes: 1536 * MB, memorySwapBytes: 3072 * MB })
    const unlimited = { ...present, limits: { ...present.limits, memorySwapBytes: -1 } }
    expect(limitsChange({ ...form, memory: '1g' }, unlimited).spec).toEqual({ memoryBytes: 1024 * MB, memorySwapBytes: -1 })
    expect(limitsChange({ ...form, cpus: '1.5', pids: '', policy: 'always' }, present).spec).toEqual({ cpus: 1.5, pidsLimit: -1, restart: { name: 'always' } })
    expect(limitsChange({ ...form, retries: '5' }, present).spec).toEqual({ restart: { name: 'on-failure', maximumRetryCount: 5 } })
  })

  it.each([
    [{ memory: 'much' }, { memory: 'memoryError' }],
    [{ memory: '1m' }, { memory: 'memoryError' }],
    [{ memory: '' }, { memory: 'stays' }],
    [{ cpus: '0' }, { cpus: 'cpusError' }],
    [{ cpus: '1,5' }, { cpus: 'cpusError' }],
    [{ pids: '-1' }, { pids: 'pidsError' }],
    [{ retries: 'x' }, { retries: 'retriesError' }],
  ])('%o is refused at its field', (typed, problems) => {
    expect(limitsChange({ ...form, ...typed }, present)).toEqual({ problems, spec: {} })
  })
})

describe('the request', () => {
  it('leaves out what stays', () => {
    expect(updateBody({})).toEqual({})
    expect(updateBody({ cpus: 0.1, restart: { name: 'no' } })).toEqual({ NanoCpus: 100_000_000, RestartPolicy: { Name: 'no', MaximumRetryCount: 0 } })
  })
  it('writes sizes in the largest whole unit', () => {
    expect([1024 ** 3, 1536 * MB, 1024, 1000, 0].map(sizeWord)).toEqual(['1g', '1536m', '1k', '1000', '0'])
  })
})
