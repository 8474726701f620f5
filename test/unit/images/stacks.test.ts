import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NaruError } from '../../../engine/contract/errors.ts'
import type { EngineClient } from '../../../engine/docker/engine-client.ts'
import { layerDirectories, imageDetail } from '../../../engine/images/inspect.ts'
import { createStackReader } from '../../../engine/images/stack-reader.ts'
import { chainIds, imageStack, stackSums, storedStack } from '../../../engine/images/stacks.ts'
import type { StoredStack } from '../../../engine/images/stacks.ts'

const sizeOf = (diffId: string): number => 10 + (diffId.codePointAt(0) ?? 0) * 3

function stack(imageId: string, diffIds: readonly string[]): StoredStack {
  const chains = chainIds(diffIds)
  const layers = diffIds.map((diffId, index) => ({ diffId, chainId: chains[index] ?? '', sizeBytes: sizeOf(diffId) }))
  return { imageId, sizeBytes: layers.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0), platform: 'linux/amd64', layers }
}

const anyStacks = fc
  .array(fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 6 }), { maxLength: 8 })
  .map((lists) => lists.map((diffIds, n) => stack(`image-${n}`, diffIds)))

describe('chainIds', () => {
  it('hashes a layer with the chain below it', () => {
    expect(chainIds([])).toEqual([])
    expect(chainIds(['sha256:1', 'sha256:2'])).toEqual(['sha256:1', `sha256:${createHash('sha256').update('sha256:1 sha256:2').digest('hex')}`])
  })
})

describe('sharing', () => {
  it('needs the same layers below', () => {
    const [one, two] = [stack('one', ['a', 'b', 'c']), stack('two', ['a', 'c'])]
    const seen = imageStack(one, [one, two])
    expect(seen.layers.map(({ sharedWith, sharedCount }) => [sharedWith, sharedCount])).toEqual([[['two'], 1], [[], 0], [[], 0]])
    expect(seen).toMatchObject({ sharedBytes: sizeOf('a'), uniqueBytes: sizeOf('b') + sizeOf('c') })
  })

  it('names a hundred of many, and counts all', () => {
    const many = Array.from({ length: 150 }, (_, n) => stack(`image-${n}`, ['a']))
    const [layer] = imageStack(stack('mine', ['a']), many).layers
    expect([layer?.sharedWith.length, layer?.sharedCount]).toEqual([100, 150])
  })

  it('of the single images and in all agree (property)', () => {
    fc.assert(
      fc.property(anyStacks, (stacks) => {
        const sums = stackSums(stacks)
        const views = stacks.map((one) => imageStack(one, stacks))
        // Shared and unique make up the size; alone nothing is shared; a shared layer names who shares it, both ways.
        for (const view of views) {
          const size = stacks.find(({ imageId }) => imageId === view.imageId)?.sizeBytes
          expect(view.uniqueBytes + view.sharedBytes).toBe(size)
          expect(sums.images[view.imageId]).toEqual({ uniqueBytes: view.uniqueBytes, sharedBytes: view.sharedBytes, platform: view.platform })
          view.layers.forEach(({ sharedWith }, index) => {
            for (const id of sharedWith) expect(views.find(({ imageId }) => imageId === id)?.layers[index]?.sharedWith).toContain(view.imageId)
            // What lies below a shared layer is shared with the same images and perhaps more.
            if (index > 0) expect(view.layers[index - 1]?.sharedWith).toEqual(expect.arrayContaining([...sharedWith]))
          })
        }
        expect(sums.uniqueBytes).toBe(views.reduce((sum, { uniqueBytes }) => sum + uniqueBytes, 0))
        expect(sums.totalBytes).toBe(sums.uniqueBytes + sums.sharedBytes)
        expect(sums.totalBytes).toBeLessThanOrEqual(sums.apparentBytes)
        // The sum does not depend on the order.
        expect(stackSums([...stacks].reverse()).totalBytes).toBe(sums.totalBytes)
      }),
      { seed: 20261126, numRuns: 300 },
    )
  })
})

describe('layerDirectories', () => {
  const raw = (Data: Record<string, string>, layers: number) => ({ GraphDriver: { Name: 'overlay2', Data }, RootFS: { Layers: Array.from({ length: layers }, (_, n) => `sha256:${n}`) } })
  it('is base first: the newest is told apart, the others from the newest down', () => {
    expect(layerDirectories(raw({ UpperDir: '/l/3/diff', LowerDir: '/l/2/diff:/l/1/diff' }, 3))).toEqual(['/l/1/diff', '/l/2/diff', '/l/3/diff'])
    expect(layerDirectories(raw({ UpperDir: '/l/1/diff' }, 1))).toEqual(['/l/1/diff'])
  })
  it('is empty when not every layer has one', () => {
    expect(layerDirectories(raw({ UpperDir: '/l/3/diff', LowerDir: '/l/2/diff' }, 3))).toEqual([])
    expect(layerDirectories({ GraphDriver: { Name: 'overlayfs', Data: null }, RootFS: { Layers: ['sha256:1'] } })).toEqual([])
    expect(layerDirectories({})).toEqual([])
  })
  it('leaves instructions without a layer out', () => {
    const history = [{ Id: '', Created: 2, CreatedBy: 'CMD ["a"]', Size: 0 }, { Id: '', Created: 1, CreatedBy: 'COPY a /', Size: 5 }]
    const detail = imageDetail({ Id: 'sha256:1', Size: 5, ...raw({ UpperDir: '/l/1/diff' }, 1) }, history)
    expect(detail.layers.map(({ directory }) => directory)).toEqual(['/l/1/diff', undefined])
  })
})

describe('storedStack', () => {
  it('keeps the layers with files, with what history says they take', () => {
    const history = [{ Id: '', Created: 2, CreatedBy: 'COPY b /', Size: 7 }, { Id: '', Created: 1, CreatedBy: 'ENV A=b', Size: 0 }, { Id: '', Created: 0, CreatedBy: 'COPY a /', Size: 5 }]
    const stored = storedStack({ Id: 'ab'.repeat(32), Size: 12, Os: 'linux', Architecture: 'arm64', Variant: 'v8', RootFS: { Layers: ['sha256:1', 'sha256:2'] } }, history)
    expect(stored).toMatchObject({ imageId: `sha256:${'ab'.repeat(32)}`, sizeBytes: 12, platform: 'linux/arm64/v8', layers: [{ diffId: 'sha256:1', sizeBytes: 5 }, { diffId: 'sha256:2', sizeBytes: 7 }] })
  })
})

describe('the reader', () => {
  const idOf = (n: number): string => `sha256:${String(n).padStart(64, '0')}`
  function engine(ids: string[], gone: ReadonlySet<string> = new Set()) {
    const asked: string[] = []
    let open = 0
    let most = 0
    const client = {
      listImages: async () => ids.map((Id) => ({ Id, Created: 0, Size: 1 })),
      inspectImage: async (id: string) => {
        asked.push(id)
        most = Math.max(most, (open += 1))
        await new Promise((resolve) => setImmediate(resolve))
        open -= 1
        if (gone.has(id)) throw new NaruError('image-not-found', 'gone')
        return { Id: id, Size: 1, RootFS: { Layers: [] } }
      },
      imageHistory: async () => [],
    }
    return { client: client as unknown as EngineClient, asked, most: () => most }
  }
  const signal = new AbortController().signal

  it('asks once for each image, four at a time, and leaves out what went meanwhile', async () => {
    const ids = Array.from({ length: 20 }, (_, n) => idOf(n))
    const { client, asked, most } = engine(ids, new Set([idOf(7)]))
    const reader = createStackReader()
    expect(await reader.all(client, signal)).toHaveLength(19)
    expect(most()).toBe(4)
    expect(await reader.all(client, signal)).toHaveLength(19)
    expect(asked.filter((id) => id !== idOf(7))).toHaveLength(19)
    await reader.one(client, idOf(3), signal)
    expect(asked.filter((id) => id === idOf(3))).toHaveLength(1)
  })

  it('asks again for an image that was gone in between', async () => {
    const ids = [idOf(1)]
    const { client, asked } = engine(ids)
    const reader = createStackReader()
    await reader.all(client, signal)
    ids.length = 0
    expect(await reader.all(client, signal)).toEqual([])
    ids.push(idOf(1))
    await reader.all(client, signal)
    expect(asked).toEqual([idOf(1), idOf(1)])
  })

  it('fails when the engine does', async () => {
    const { client } = engine([idOf(1)])
    const broken = { ...client, imageHistory: async () => Promise.reject(new NaruError('engine.unreachable', 'away')) }
    await expect(createStackReader().all(broken, signal)).rejects.toMatchObject({ code: 'engine.unreachable' })
  })
})
