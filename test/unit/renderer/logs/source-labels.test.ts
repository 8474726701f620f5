import { describe, expect, it, test } from 'vitest'
import { COLOURS, LABEL_MAX, coloursOf, sourceLabels } from '../../../../renderer/screens/Logs/source-labels.ts'

describe('names of containers in a merged log', () => {
  test.each([
    [['shop-web-1', 'shop-db-1'], ['web-1', 'db-1']],
    [['shop-web-1', 'shop-web-2'], ['1', '2']],
    [['alpha', 'alps'], ['alpha', 'alps']],
    [['shop-', 'shop-web'], ['shop-', 'shop-web']],
    [['alone-1'], ['alone-1']],
    [['web', 'web'], ['web', 'web']],
  ])('%j are %j', (names, labels) => expect(sourceLabels(names)).toEqual(labels))

  it('fit the column and keep both ends', () => {
    const [long = ''] = sourceLabels(['a-very-long-name-of-a-worker-17', 'x'])
    expect(long).toHaveLength(LABEL_MAX)
    expect(long).toMatch(/^a-very.*-17$/)
  })

  it('have a colour each up to twelve, then another edge', () => {
    const seen = Array.from({ length: 3 * COLOURS }, (_, index) => JSON.stringify(coloursOf(index)))
    expect(new Set(seen).size).toBe(36)
    expect(coloursOf(200).source).toBe('8')
  })
})
