import { describe, expect, it } from 'vitest'
import { NaruError } from '../../../engine/contract/errors.ts'
import { Restarts, Waker, within } from '../../../engine/providers/retry.ts'
import { stopRunningContainers } from '../../../engine/providers/shutdown.ts'

const options = { graceSeconds: 1, signal: new AbortController().signal }

function engine(ids: string[], stop: (id: string) => Promise<void>, kill: (id: string) => Promise<void> = async () => undefined) {
  const log: string[] = []
  let atOnce = 0
  let most = 0
  return {
    log,
    most: () => most,
    client: {
      listContainers: async () => ids.map((Id) => ({ Id, Names: [`/${Id}`], Image: '', ImageID: '', Created: 0, State: 'running', Status: '' })),
      stopContainer: async (id: string) => {
        log.push(`stop ${id}`)
        most = Math.max(most, ++atOnce)
        await new Promise((resolve) => setTimeout(resolve, 1))
        atOnce--
        await stop(id)
      },
      killContainer: async (id: string) => {
        log.push(`kill ${id}`)
        await kill(id)
      },
    },
  }
}
const fail = async (): Promise<void> => {
  throw new NaruError('internal', 'no')
}

describe('stopping containers before their engine', () => {
  it('stops all, a few at a time', async () => {
    const ids = Array.from({ length: 40 }, (_, at) => `c${at}`)
    const { client, log, most } = engine(ids, async () => undefined)
    await stopRunningContainers(client, options)
    expect(log).toHaveLength(40)
    expect(most()).toBeLessThanOrEqual(8)
  })

  it('kills what does not stop and takes what is gone for stopped', async () => {
    const { client, log } = engine(['bad', 'gone'], async (id) => {
      throw new NaruError(id === 'gone' ? 'not-found' : 'timeout', 'x')
    })
    await stopRunningContainers(client, options)
    expect(log).toContain('kill bad')
    expect(log).not.toContain('kill gone')
  })

  it('names what is left', async () => {
    const { client } = engine(['bad', 'good'], (id) => (id === 'bad' ? fail() : Promise.resolve()), fail)
    await expect(stopRunningContainers(client, options)).rejects.toMatchObject({
      code: 'conflict',
      params: { containers: ['bad'] },
      detail: 'no',
    })
  })

  it('can be cancelled between containers', async () => {
    const abort = new AbortController()
    const { client, log } = engine(Array.from({ length: 40 }, (_, at) => `c${at}`), async () => abort.abort())
    await expect(stopRunningContainers(client, { ...options, signal: abort.signal })).rejects.toMatchObject({ code: 'cancelled' })
    expect(log.length).toBeLessThan(40)
  })
})

describe('limits of trying', () => {
  it('gives each restart its wait, and begins anew after a healthy while', () => {
    const restarts = new Restarts({ waitsMs: [1, 5, 30], healthyMs: 100 })
    expect([restarts.take(), restarts.take()]).toEqual([1, 5])
    restarts.held(99)
    expect([restarts.take(), restarts.take()]).toEqual([30, null])
    restarts.held(100)
    expect(restarts.take()).toBe(1)
    restarts.reset()
    expect(restarts.take()).toBe(1)
  })

  it('ends a pause early', async () => {
    const waker = new Waker()
    const paused = waker.pause(600_000, options.signal)
    waker.wake()
    expect(await paused).toBe(true)
    expect(await waker.pause(1, options.signal)).toBe(false)
    expect(await waker.pause(600_000, AbortSignal.abort())).toBe(false)
  })

  it('aborts work that takes too long and passes its result otherwise', async () => {
    let aborted = false
    const hang = (signal: AbortSignal): Promise<never> =>
      new Promise(() => signal.addEventListener('abort', () => (aborted = true)))
    await expect(within(5, options.signal, () => new Error('late'), hang)).rejects.toThrow('late')
    expect(aborted).toBe(true)
    expect(await within(5_000, options.signal, () => new Error('late'), async () => 7)).toBe(7)
  })
})
