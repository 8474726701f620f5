import { describe, expect, it } from 'vitest'
import { EXIT_KEYS, exitReason } from '../../../../renderer/screens/Containers/exit-words.ts'
import { en } from '../../../../renderer/i18n/en/index.ts'
import { ko } from '../../../../renderer/i18n/ko/index.ts'

describe('exitReason', () => {
  it.each([
    [0, 'done'],
    [1, 'general'],
    [2, 'usage'],
    [3, 'other'],
    [125, 'engine'],
    [126, 'denied'],
    [127, 'missing'],
    [129, 'hangup'],
    [130, 'interrupted'],
    [134, 'aborted'],
    [136, 'signal'],
    [137, 'killed'],
    [139, 'crashed'],
    [141, 'pipe'],
    [143, 'terminated'],
    [200, 'other'],
    [255, 'range'],
  ] as const)('%i is %s', (code, key) => {
    expect(exitReason(code).key).toBe(key)
  })
  it('puts lack of memory before the code, and tells a process inside apart', () => {
    expect(exitReason(137, true)).toMatchObject({ key: 'oom', calm: false })
    expect(exitReason(1, true).key).toBe('oomInside')
    expect(exitReason(0, true).key).toBe('done')
  })
  it('names the signal', () => {
    expect(exitReason(136).params).toEqual({ code: 136, signal: 'SIGFPE' })
  })
  it('calls a wanted end calm', () => {
    expect([0, 130, 143].map((code) => exitReason(code).calm)).toEqual([true, true, true])
    expect([1, 137, 139].map((code) => exitReason(code).calm)).toEqual([false, false, false])
  })
  it('has words for every reason in both languages', () => {
    for (const key of EXIT_KEYS) {
      for (const texts of [en, ko]) expect(Object.keys(texts.containers.exit[key])).toEqual(['short', 'text', 'next'])
    }
  })
})
