import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import type { ContainerRow, EngineEvent, StatePatch } from '../../engine/contract/models.ts'
import { createMirror } from '../../engine/state/sync.ts'
import type { Mirror, MirrorTiming } from '../../engine/state/sync.ts'
import { createRandom } from './world.ts'
import type { FakeDockerdOptions } from './fake-dockerd.ts'
import { startFakeEngine, until } from './harness.ts'
import type { FakeEngine } from './harness.ts'

const cleanUp: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo()
})

interface Bench {
  readonly engine: FakeEngine
  readonly mirror: Mirror
  readonly log: string[]
}

async function mirrorOf(options: Omit<FakeDockerdOptions, 'socketPath'>, timing: Partial<MirrorTiming> = {}): Promise<Bench> {
  const engine = await startFakeEngine(options)
  cleanUp.push(engine.close)
  const client = await engine.connect()
  const log: string[] = []
  const mirror = createMirror(client, {
    engineId: 'fake',
    now: Date.now,
    log: (line) => log.push(line),
    timing: { retryMs: [20, 100], answerMs: 1_000, ...timing },
  })
  cleanUp.push(mirror.stop)
  return { engine, mirror, log }
}

const live = (mirror: Mirror, limitMs?: number) => until('live', () => mirror.snapshot().sync === 'live', limitMs)

/** What a page holds that applies every patch it gets, with the patches. */
function pageOf(mirror: Mirror, delayMs = 0) {
  const page = { rows: new Map<string, ContainerRow>(), patches: [] as StatePatch[] }
  const cancel = new AbortController()
  const reading = (async () => {
    for await (const patch of mirror.watch(cancel.signal)) {
      page.patches.push(patch)
      if (patch.reset) page.rows.clear()
      for (const id of patch.containers.remove) page.rows.delete(id)
      for (const row of patch.containers.upsert) page.rows.set(row.id, row)
      if (delayMs > 0) await sleep(delayMs)
    }
  })()
  cleanUp.push(async () => {
    cancel.abort()
    await reading
  })
  return page
}

/** True when the mirror shows what the engine holds. */
function agrees(rows: ReadonlyMap<string, ContainerRow>, { fake }: FakeEngine): boolean {
  const { containers } = fake.world
  if (rows.size !== containers.size) return false
  return [...containers.values()].every(({ id, name, state, exitCode }) => {
    const row = rows.get(id)
    return row?.name === name && row.state === state && (state !== 'exited' || row.exitCode === exitCode)
  })
}

describe('mirror', () => {
  it('lists, then follows every event', async () => {
    const { engine, mirror } = await mirrorOf({ containers: 20, images: 3 })
    const page = pageOf(mirror)
    await live(mirror)
    expect(agrees(mirror.containers(), engine)).toBe(true)
    expect(mirror.images().size).toBe(3)
    const { world } = engine.fake
    const container = world.create('web', 'fake/image0:latest')
    world.start(container)
    await until('web runs', () => page.rows.get(container.id)?.state === 'running')
    await until('its start is known', () => page.rows.get(container.id)?.startedAt === container.startedAt)
    world.exit(container, 137, true)
    await until('exit facts', () => page.rows.get(container.id)?.oomKilled === true)
    expect(page.rows.get(container.id)).toMatchObject({ state: 'exited', exitCode: 137, finishedAt: container.finishedAt })
    world.remove(container)
    await until('web is gone', () => !page.rows.has(container.id))
    const revisions = page.patches.map((patch) => patch.revision)
    expect(revisions).toEqual([...new Set(revisions)].sort((a, b) => a - b))
    expect(page.patches.map((patch) => patch.reset)).toEqual(page.patches.map((_, i) => i === 0))
  })

  it('fetches only what an event named, once for many events', async () => {
    const { engine, mirror } = await mirrorOf({ containers: 20, images: 1 })
    await live(mirror)
    await sleep(300)
    const { world, requests } = engine.fake
    const [one, two] = [...world.containers.values()]
    requests.length = 0
    world.rename(one as never, 'first')
    world.rename(two as never, 'second')
    world.rename(one as never, 'third')
    await until('renamed', () => [...mirror.containers().values()].some((row) => row.name === 'third'))
    const lists = requests.filter((request) => request.includes('/containers/json'))
    expect(lists).toHaveLength(1)
    expect(decodeURIComponent(lists[0] ?? '')).toContain(`{"id":["${one?.id}","${two?.id}"]}`)
  })

  it('loses nothing that happens while the first list is on its way', async () => {
    const { engine, mirror } = await mirrorOf({ containers: 50, images: 1, faults: { delayMs: 60 } })
    const { world } = engine.fake
    for (let i = 0; i < 30; i++) {
      const container = world.create(undefined, 'fake/image0:latest')
      if (i % 2) world.start(container)
      if (i % 3 === 0) world.remove(container)
      await sleep(7)
    }
    await live(mirror)
    await until('mirror agrees', () => agrees(mirror.containers(), engine), 5_000)
  })

  it('converges after a storm, also for a reader that is slow', async () => {
    const { engine, mirror } = await mirrorOf({ containers: 100, images: 1 })
    await live(mirror)
    const slow = pageOf(mirror, 120)
    const { world } = engine.fake
    const random = createRandom(7)
    for (let i = 0; i < 1_500; i++) {
      const all = [...world.containers.values()]
      const container = all[Math.floor(random() * all.length)]
      const dice = random()
      if (dice < 0.1 || !container) world.create(undefined, 'fake/image0:latest')
      else if (dice < 0.4) world.start(container)
      else if (dice < 0.7) world.exit(container, i % 5)
      else if (dice < 0.8) world.remove(container)
      else world.rename(container, `n${i}`)
      if (i % 20 === 0) await sleep(1)
    }
    await until('mirror agrees', () => agrees(mirror.containers(), engine), 5_000)
    await until('the slow page agrees', () => agrees(slow.rows, engine), 5_000)
    expect(slow.patches.length).toBeLessThan(40)
  }, 20_000)

  it('is not fooled by a list that is behind the last event', async () => {
    const { engine, mirror } = await mirrorOf({ containers: 5, images: 1, faults: { listLagMs: 700 } })
    await live(mirror)
    const { world } = engine.fake
    const container = world.create('short', 'fake/image0:latest')
    world.start(container)
    await until('running', () => mirror.containers().get(container.id)?.state === 'running')
    world.exit(container, 7)
    await until('exited', () => mirror.containers().get(container.id)?.state === 'exited', 3_000)
    await until('exit facts', () => mirror.containers().get(container.id)?.finishedAt === container.finishedAt)
  })

  it('heals events nobody heard of, and says so', async () => {
    const { engine, mirror, log } = await mirrorOf({ containers: 10, images: 1 }, { reconcileMs: 300 })
    await live(mirror)
    // An inspect call still on its way could tell of the end too.
    await sleep(200)
    const { world, faults } = engine.fake
    faults.dropEvents = 1
    const container = [...world.containers.values()].find((one) => one.state === 'running')
    world.exit(container as never, 3)
    world.create('unheard', 'fake/image0:latest')
    await until('healed', () => agrees(mirror.containers(), engine), 3_000)
    await until('logged', () => log.some((line) => line.startsWith('missed events of 2 container(s)')))
    const before = log.length
    await sleep(700)
    expect(log).toHaveLength(before)
  })

  it('asks again for a container that restarts: of a restart that fails nobody is told', async () => {
    const { engine, mirror } = await mirrorOf({ containers: 3, images: 1 }, { unsettledMs: 50 })
    await live(mirror)
    const { world } = engine.fake
    const container = world.create('again', 'fake/image0:latest')
    container.state = 'restarting'
    await until('restarting', () => mirror.containers().get(container.id)?.state === 'restarting')
    container.state = 'exited'
    await until('exited', () => mirror.containers().get(container.id)?.state === 'exited', 3_000)
  })
})

describe('an engine that goes away', () => {
  it('leaves its rows, stale, and everything comes back by itself', async () => {
    const { engine, mirror } = await mirrorOf({ containers: 10, images: 2 })
    await live(mirror)
    const page = pageOf(mirror)
    await engine.fake.crash()
    await until('stale', () => page.patches.at(-1)?.sync === 'stale')
    expect(page.rows.size).toBe(10)
    const { world } = engine.fake
    world.create('while-away', 'fake/image0:latest')
    await sleep(150)
    await engine.fake.listen()
    await until('live again', () => page.patches.at(-1)?.sync === 'live')
    await until('page agrees', () => agrees(page.rows, engine))
    world.create('after', 'fake/image0:latest')
    await until('events flow', () => [...page.rows.values()].some((row) => row.name === 'after'))
  })

  it('a cut event stream is stale, then live again', async () => {
    const { engine, mirror } = await mirrorOf({ containers: 3, images: 1 })
    await live(mirror)
    const syncs: string[] = []
    const page = pageOf(mirror)
    engine.fake.cutAll()
    await until('came back', () => {
      syncs.splice(0, syncs.length, ...page.patches.map((patch) => patch.sync))
      return syncs.includes('stale') && syncs.at(-1) === 'live'
    })
  })

  it('hanging after a good start is stale after the time limit', async () => {
    const { engine, mirror, log } = await mirrorOf({ containers: 3, images: 1 }, { answerMs: 150 })
    await live(mirror)
    engine.fake.faults.hang = /containers\/json/
    engine.fake.world.create('unseen', 'fake/image0:latest')
    await until('stale', () => mirror.snapshot().sync === 'stale', 2_000)
    expect(log.some((line) => line.includes('timeout'))).toBe(true)
    expect(mirror.containers().size).toBe(3)
    engine.fake.faults.hang = null
    await live(mirror)
    expect(mirror.containers().size).toBe(4)
  })

  it.each(['fail', 'garbage', 'cut'] as const)('%s answers are survived', async (fault) => {
    const { engine, mirror } = await mirrorOf({ containers: 3, images: 1, faults: { [fault]: /containers\/json/ } })
    const page = pageOf(mirror)
    await until('stale', () => mirror.snapshot().sync === 'stale')
    expect(page.rows.size).toBe(0)
    engine.fake.faults[fault] = null
    await live(mirror)
    expect(mirror.containers().size).toBe(3)
  })

  it('inspect calls that hang never hold up the list', async () => {
    const { mirror } = await mirrorOf({ containers: 50, images: 1, faults: { hang: /containers\/[0-9a-f]{64}\/json/ } })
    await live(mirror, 1_000)
    expect(mirror.containers().size).toBe(50)
  })
})

describe('events', () => {
  it('are numbered, and the oldest are lost to a reader that sleeps', async () => {
    const { engine, mirror } = await mirrorOf({ images: 1 })
    await live(mirror)
    const seen: EngineEvent[] = []
    const cancel = new AbortController()
    const events = mirror.events(cancel.signal)[Symbol.asyncIterator]()
    const first = events.next()
    const { world } = engine.fake
    const container = world.create('web', 'fake/image0:latest')
    seen.push((await first).value as EngineEvent)
    expect(seen[0]).toMatchObject({ type: 'container', action: 'create', id: container.id, name: 'web' })
    for (let i = 0; i < 400; i++) world.rename(container, `web${i}`)
    await until('seen by the mirror', () => mirror.containers().get(container.id)?.name === 'web399')
    for (let i = 0; i < 256; i++) seen.push((await events.next()).value as EngineEvent)
    const numbers = seen.map((event) => event.sequence)
    expect(numbers.at(-1)).toBe((numbers[0] ?? 0) + 400)
    expect(numbers[1]).toBe((numbers[0] ?? 0) + 145)
    cancel.abort()
    expect((await events.next()).done).toBe(true)
  })
})

describe('scale', () => {
  it('10 000 containers come in patches of bounded size', async () => {
    const { engine, mirror } = await mirrorOf({ containers: 10_000, images: 100 })
    await live(mirror, 20_000)
    expect(mirror.containers().size).toBe(10_000)
    const page = pageOf(mirror)
    await until('page is full', () => page.rows.size === 10_000)
    expect(Math.max(...page.patches.map((patch) => patch.containers.upsert.length))).toBeLessThanOrEqual(2_000)
    const container = [...engine.fake.world.containers.values()][5_000]
    engine.fake.world.rename(container as never, 'needle')
    await until('renamed', () => page.rows.get(container?.id ?? '')?.name === 'needle')
  }, 60_000)
})

it('stop ends watches and leaves no connection', async () => {
  const { engine, mirror } = await mirrorOf({ containers: 3, images: 1 })
  await live(mirror)
  const patches: StatePatch[] = []
  const reading = (async () => {
    for await (const patch of mirror.watch(new AbortController().signal)) patches.push(patch)
  })()
  await until('first patch', () => patches.length > 0)
  await mirror.stop()
  await reading
  await until('no connection left', () => engine.fake.connections() === 0)
})
