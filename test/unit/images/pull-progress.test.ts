import { describe, expect, it } from 'vitest'
import { createPullProgress } from '../../../engine/images/pull-progress.ts'

const layer = (id: string, status: string, current?: number, total?: number) => ({ id, status, progressDetail: { current, total } })

describe('createPullProgress', () => {
  it('follows a layer from waiting to done and keeps its size', () => {
    const state = createPullProgress('pulling', () => 0)
    const seen = [
      layer('a1', 'Pulling fs layer'),
      layer('a1', 'Downloading', 10, 100),
      layer('a1', 'Verifying Checksum'),
      layer('a1', 'Download complete'),
      layer('a1', 'Extracting', 50, 100),
      layer('a1', 'Pull complete', 0, 0),
    ].map((message) => {
      state.add(message)
      return state.progress().parts[0]
    })
    expect(seen).toEqual([
      { id: 'a1', state: 'waiting' },
      { id: 'a1', state: 'downloading', currentBytes: 10, totalBytes: 100 },
      { id: 'a1', state: 'verifying', currentBytes: 100, totalBytes: 100 },
      { id: 'a1', state: 'downloaded', currentBytes: 100, totalBytes: 100 },
      { id: 'a1', state: 'extracting', currentBytes: 50, totalBytes: 100 },
      { id: 'a1', state: 'done', currentBytes: 100, totalBytes: 100 },
    ])
  })

  it('follows the layers of a push', () => {
    let now = 0
    const state = createPullProgress('pushing', () => now)
    const add = (message: ReturnType<typeof layer>) => state.add(message)
    add(layer('a', 'Preparing'))
    add(layer('b', 'Preparing'))
    add(layer('c', 'Preparing'))
    add(layer('a', 'Pushing', 512, 328))
    add(layer('b', 'Layer already exists'))
    add(layer('c', 'Mounted from team/web'))
    expect(state.progress().parts).toEqual([
      { id: 'a', state: 'pushing', currentBytes: 328, totalBytes: 328 },
      { id: 'b', state: 'exists' },
      { id: 'c', state: 'mounted' },
    ])
    add(layer('d', 'Pushing', 0, 4_000))
    now = 1_000
    add(layer('d', 'Pushing', 2_000, 4_000))
    expect(state.progress().bytesPerSecond).toBe(2_328)
    add(layer('a', 'Retrying in 5 seconds'))
    expect(state.progress().parts[0]).toEqual({ id: 'a', state: 'retrying', totalBytes: 328 })
    add(layer('a', 'Pushed'))
    expect(state.progress().parts[0]).toMatchObject({ state: 'done', totalBytes: 328 })
  })

  it('marks what is there already and passes over what is no layer', () => {
    const state = createPullProgress('pulling', () => 0)
    expect(state.add({ id: 'latest', status: 'Pulling from library/nginx' })).toBe(false)
    expect(state.add({ status: 'Digest: sha256:abc' })).toBe(false)
    expect(state.add(layer('b2', 'Already exists'))).toBe(true)
    expect(state.progress()).toEqual({ step: 'pulling', parts: [{ id: 'b2', state: 'exists' }] })
  })

  it('tells seconds of extraction no progress in bytes', () => {
    const state = createPullProgress('pulling', () => 0)
    state.add(layer('a', 'Downloading', 5, 10))
    state.add(layer('a', 'Extracting', 3))
    expect(state.progress().parts[0]).toEqual({ id: 'a', state: 'extracting', totalBytes: 10 })
  })

  it('measures the speed of all layers together over the last seconds', () => {
    let time = 0
    const state = createPullProgress('pulling', () => time)
    for (; time <= 10_000; time += 100) {
      state.add(layer('a', 'Downloading', time * 2, 100_000))
      state.add(layer('b', 'Downloading', time, 100_000))
    }
    expect(state.progress().bytesPerSecond).toBeGreaterThan(2_800)
    expect(state.progress().bytesPerSecond).toBeLessThan(3_200)
    time += 10_000
    expect(state.progress().bytesPerSecond).toBeUndefined()
  })

  it('holds a bounded number of parts', () => {
    const state = createPullProgress('pulling', () => 0)
    for (let i = 0; i < 5_000; i++) state.add(layer(`l${i}`, 'Waiting'))
    expect(state.progress().parts).toHaveLength(1_000)
  })
})
