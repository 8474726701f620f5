import { describe, expect, it } from 'vitest'
import type { ImageRow, ImageStack } from '../../../../engine/contract/models.ts'
import { mainName, otherTags, referenceError, shortName, splitName, usersByImage } from '../../../../renderer/screens/Images/names.ts'
import { removalCommand, removalOutcome, removalRemains, removalStep, removalSubject } from '../../../../renderer/screens/Images/removal.ts'
import { row } from '../../../support/rows.ts'

const ID = `sha256:${'1'.repeat(64)}`
const image = (tags: readonly string[], digests: readonly string[] = []): ImageRow => ({
  id: ID, tags, digests, createdAt: 0, sizeBytes: 1, dangling: tags.length === 0, labels: {},
})
const RUNNING = row({ id: 'a', name: 'web', state: 'running' })
const PAUSED = row({ id: 'b', name: 'batch', state: 'paused' })
const EXITED = row({ id: 'c', name: 'old', state: 'exited' })

describe('removing images', () => {
  it('says who is in the way', () => {
    expect(removalSubject(image(['a:1']), []).obstacle).toBe('none')
    expect(removalSubject(image(['a:1']), [EXITED]).obstacle).toBe('stopped')
    expect(removalSubject(image(['a:1']), [EXITED, PAUSED]).obstacle).toBe('running')
    expect(removalSubject(image(['a:1']), [RUNNING]).holders).toEqual([{ id: 'a', name: 'web', running: true }])
  })
  it('takes one of several tags off without force, in use or not', () => {
    const subject = removalSubject(image(['a:1', 'a:2']), [RUNNING])
    expect(removalStep(subject, { kind: 'untag', tag: 'a:2' }, false)).toEqual({ reference: 'a:2', force: false })
  })
  it('never takes the last tag off an image in use under the name of an untag', () => {
    expect(removalStep(removalSubject(image(['a:1']), [RUNNING]), { kind: 'untag', tag: 'a:1' }, true)).toBeNull()
  })
  it('deletes by the only tag, by the id with several, and nameless ones by what they have', () => {
    const step = (tags: readonly string[], digests: readonly string[] = []) => removalStep(removalSubject(image(tags, digests), []), { kind: 'delete' }, false)
    expect(step(['a:1'])).toEqual({ reference: 'a:1', force: false })
    expect(step(['a:1', 'a:2'])).toEqual({ reference: ID, force: true })
    expect(step([])).toEqual({ reference: ID, force: false })
    expect(step([], [`a@${ID}`])).toEqual({ reference: `a@${ID}`, force: false })
  })
  it('forces only past stopped containers, and only when told', () => {
    const stopped = removalSubject(image(['a:1']), [EXITED])
    expect(removalStep(stopped, { kind: 'delete' }, false)).toBeNull()
    expect(removalStep(stopped, { kind: 'delete' }, true)).toEqual({ reference: 'a:1', force: true })
    expect(removalStep(removalSubject(image(['a:1']), [RUNNING, EXITED]), { kind: 'delete' }, true)).toBeNull()
  })
  it('writes the command line', () => {
    expect(removalCommand([{ reference: 'a:1', force: false }, { reference: 'b:1', force: true }, { reference: 'c:1', force: false }]))
      .toBe('docker rmi a:1 c:1 && docker rmi -f b:1')
    expect(removalCommand([])).toBe('')
  })
  it('says what stays: layers others have, and the images built on all of it', () => {
    const layer = (sizeBytes: number, sharedWith: readonly string[]) => ({ diffId: 'd', chainId: 'c', sizeBytes, sharedWith, sharedCount: sharedWith.length })
    const stack = (layers: ImageStack['layers'], uniqueBytes: number, sharedBytes: number): ImageStack => ({ imageId: ID, platform: 'linux/amd64', layers, uniqueBytes, sharedBytes })
    expect(removalRemains(stack([layer(40, ['x', 'y']), layer(2, [])], 2, 40))).toEqual({ freedBytes: 2, keptLayers: 1, keptBytes: 40, builtOn: [], builtOnCount: 0 })
    expect(removalRemains(stack([layer(40, ['x', 'y']), layer(2, ['y'])], 0, 42))).toEqual({ freedBytes: 0, keptLayers: 2, keptBytes: 42, builtOn: ['y'], builtOnCount: 1 })
    expect(removalRemains(stack([], 0, 0))).toEqual({ freedBytes: 0, keptLayers: 0, keptBytes: 0, builtOn: [], builtOnCount: 0 })
  })
  it('reads what went', () => {
    const digest = `a@sha256:${'2'.repeat(64)}`
    expect(removalOutcome(ID, { untagged: ['a:1'], deleted: [] })).toEqual({ untagged: ['a:1'], imageGone: false, layers: 0 })
    expect(removalOutcome(ID, { untagged: ['a:1', digest], deleted: [ID, 'sha256:x', 'sha256:y'] })).toEqual({ untagged: ['a:1'], imageGone: true, layers: 2 })
    expect(removalOutcome(ID, { untagged: [digest], deleted: [] }).untagged).toEqual([digest])
  })
})

describe('names of images', () => {
  it('prefers a tag, then a digest', () => {
    expect(mainName(image(['a:1'], ['a@sha256:x']))).toBe('a:1')
    expect(mainName(image([], ['a@sha256:x']))).toBe('a@sha256:x')
    expect(mainName(image([]))).toBeNull()
  })
  it.each([
    ['nginx:1.27', 'nginx', ':1.27'],
    ['nginx', 'nginx', ''],
    ['localhost:5000/a/b', 'localhost:5000/a/b', ''],
    ['localhost:5000/a/b:2', 'localhost:5000/a/b', ':2'],
    ['a@sha256:ff', 'a', '@sha256:ff'],
    ['a:1@sha256:ff', 'a', ':1@sha256:ff'],
  ])('splits %s', (reference, repository, suffix) => expect(splitName(reference)).toEqual({ repository, suffix }))
  it('shortens digests and other tags', () => {
    expect(shortName(`a@sha256:${'0123456789ab'.repeat(5)}cdef`)).toBe('a@sha256:0123456789ab…')
    expect(otherTags(['a:1', 'a:2', 'b:1'])).toEqual([':2', 'b:1'])
    expect(otherTags([])).toEqual([])
  })
  it('says why a text is no reference', () => {
    expect(referenceError('')).toBeNull()
    expect(referenceError('nginx:1.27')).toBeNull()
    expect(referenceError('Nginx')?.hint).toBe('reference.uppercase')
    expect(referenceError('a b')?.code).toBe('invalid-reference')
  })
  it('gathers users by image', () => {
    const users = usersByImage([RUNNING, EXITED, row({ id: 'd', imageId: 'sha256:other' })])
    expect(users.get(ID)?.map((each) => each.name)).toEqual(['web', 'old'])
    expect(users.size).toBe(2)
  })
})
