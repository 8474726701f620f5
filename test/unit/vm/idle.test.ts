/** The nap's driver, what goes through to the guest, and memory: against a QEMU that only writes down. */
import { createConnection } from 'node:net'
import type { Socket } from 'node:net'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Duplex, PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Balloon } from '../../../engine/providers/vm/balloon.ts'
import { watchClock } from '../../../engine/providers/vm/clock-watch.ts'
import { openGateway } from '../../../engine/providers/vm/gateway.ts'
import { createIdle } from '../../../engine/providers/vm/idle.ts'
import { Nap } from '../../../engine/providers/vm/nap.ts'
import { enginePassage, portPassage } from '../../../engine/providers/vm/traffic.ts'

const MIB = 1024 ** 2

afterEach(() => vi.useRealTimers())

/** A machine that naps after a second; `done` is what QEMU was asked. */
function sleepy(more: Partial<ConstructorParameters<typeof Nap>[0]> = {}) {
  const done: string[] = []
  const nap = new Nap({
    rules: { afterMs: 1_000, withContainers: false },
    pause: async () => void done.push('pause'),
    resume: async () => void done.push('resume'),
    log: (line) => done.push(line),
    ...more,
  })
  nap.containers(0)
  return { nap, done }
}

describe('the nap’s driver', () => {
  beforeEach(() => void vi.useFakeTimers())

  it('pauses after the time, wakes for who comes, and lets nobody through before', async () => {
    const { nap, done } = sleepy()
    await vi.advanceTimersByTimeAsync(999)
    expect(nap.phase).toBe('awake')
    expect(nap.awake()).toBeNull()
    await vi.advanceTimersByTimeAsync(2)
    expect(nap.phase).toBe('napping')
    const letGo = nap.hold()
    expect(nap.phase).toBe('waking')
    await nap.awake()
    expect(done).toEqual(['pause', 'resume'])
    await vi.advanceTimersByTimeAsync(60_000)
    expect(nap.phase).toBe('awake')
    letGo()
    letGo()
    await vi.advanceTimersByTimeAsync(1_001)
    expect(nap.phase).toBe('napping')
  })

  it('a use moves the moment away without a timer for each', async () => {
    const { nap, done } = sleepy()
    for (let round = 0; round < 10; round++) {
      await vi.advanceTimersByTimeAsync(900)
      nap.use()
    }
    expect(done).toEqual([])
    expect(vi.getTimerCount()).toBe(1)
    await vi.advanceTimersByTimeAsync(1_001)
    expect(done).toEqual(['pause'])
  })

  it('shorter rules take effect at once', async () => {
    const { nap, done } = sleepy({ rules: { afterMs: 3_000_000, withContainers: false } })
    await vi.advanceTimersByTimeAsync(2_000)
    nap.setRules({ afterMs: 1_000, withContainers: false })
    await vi.advanceTimersByTimeAsync(0)
    expect(done).toEqual(['pause'])
  })

  it('a QEMU that refuses is logged, and who waits is let go', async () => {
    const { nap, done } = sleepy({ resume: () => Promise.reject(new Error('no')) })
    await vi.advanceTimersByTimeAsync(1_001)
    nap.hold()
    await nap.awake()
    expect(done).toEqual(['pause', 'the virtual machine stays paused: no'])
  })

  it('is told when QEMU goes on for another reason', async () => {
    const { nap } = sleepy()
    await vi.advanceTimersByTimeAsync(1_001)
    nap.resumed()
    expect(nap.phase).toBe('awake')
  })
})

describe('what goes through to the guest', () => {
  let folder = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'naru-nap-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  /** A guest that writes down what came, and when the machine was awake for it. */
  async function gateway(nap: Nap) {
    const path = join(folder, 'g.sock')
    const came: string[] = []
    const streams: Duplex[] = []
    const open = (): Duplex => {
      const stream: Duplex = new Duplex({
        read: () => undefined,
        write: (chunk: Buffer, _encoding, done) => {
          came.push(`${nap.phase}: ${chunk.toString('latin1').split('\r\n')[0]}`)
          done()
        },
        // An engine whose client is gone hangs up.
        final: (done) => {
          stream.push(null)
          done()
        },
      })
      streams.push(stream)
      return stream
    }
    const made = await openGateway(path, open, { passage: () => enginePassage(nap) })
    return { path, came, streams, close: made.close }
  }
  const connected = async (path: string): Promise<Socket> => {
    const socket = createConnection(path)
    await once(socket, 'connect')
    return socket
  }

  it('a client keeps it awake until it is gone; silence does not', async () => {
    const { nap, done } = sleepy({ rules: { afterMs: 1, withContainers: false } })
    const guest = await gateway(nap)
    await expect.poll(() => nap.phase).toBe('napping')
    const silent = await connected(guest.path)
    expect(done).toEqual(['pause'])
    const client = await connected(guest.path)
    client.write('GET /containers/json HTTP/1.1\r\n\r\n')
    await expect.poll(() => guest.came).toEqual(['awake: GET /containers/json HTTP/1.1'])
    expect(done).toEqual(['pause', 'resume'])
    expect(nap.facts.holds).toBe(1)
    client.destroy()
    await expect.poll(() => nap.phase).toBe('napping')
    expect(silent.destroyed).toBe(false)
    silent.destroy()
    await guest.close()
  })

  it('who waits for events needs only the first answer', async () => {
    const { nap } = sleepy({ rules: { afterMs: 1, withContainers: false } })
    const guest = await gateway(nap)
    const watcher = await connected(guest.path)
    watcher.write('GET /events HTTP/1.1\r\nx-naru-background: 1\r\n\r\n')
    await expect.poll(() => guest.came.length).toBe(1)
    expect(nap.facts).toMatchObject({ holds: 0, errands: 1 })
    guest.streams[0]?.push('HTTP/1.1 200 OK\r\n\r\n')
    await expect.poll(() => nap.phase).toBe('napping')
    watcher.destroy()
    await guest.close()
  })

  it('a published port: who waits for an answer holds it, who is only connected does not', () => {
    const { nap } = sleepy()
    const passage = portPassage(nap)
    const held = (): number => nap.facts.holds
    // Some speak only when they were spoken to.
    expect(held()).toBe(1)
    passage.outward()
    expect(held()).toBe(0)
    passage.inward(Buffer.from('question'))
    passage.inward(Buffer.from('more of it'))
    expect(held()).toBe(1)
    passage.outward()
    passage.outward()
    expect(held()).toBe(0)
    passage.inward(Buffer.from('last words'))
    passage.over()
    passage.over()
    expect(held()).toBe(0)
  })

  it('bytes arrive whole, in order, and each direction still ends on its own', async () => {
    const { nap } = sleepy()
    const path = join(folder, 'e.sock')
    // What comes back is what went in, behind its end.
    const open = (): Duplex => {
      const parts: Buffer[] = []
      const back = new PassThrough()
      const stream = Duplex.from({ readable: back, writable: new PassThrough().on('data', (part: Buffer) => parts.push(part)).on('end', () => back.end(Buffer.concat(parts))) })
      return stream
    }
    const made = await openGateway(path, open, { passage: () => enginePassage(nap) })
    const socket = createConnection(path)
    const sent = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251))
    socket.end(sent)
    const got: Buffer[] = []
    for await (const part of socket) got.push(part as Buffer)
    expect(Buffer.compare(Buffer.concat(got), sent)).toBe(0)
    await made.close()
  })
})

describe('memory', () => {
  function guest(available: number) {
    const memory = { actual: 2048, available, idleMs: 120_000, now: 1_000_000 }
    const asked: unknown[] = []
    const qmp = {
      execute: async (command: string, args?: Readonly<Record<string, unknown>>) => {
        if (command === 'query-memory-size-summary') return { 'base-memory': 2048 * MIB, 'plugged-memory': 0 }
        if (command === 'query-balloon') return { actual: memory.actual * MIB }
        asked.push([command, Number(args?.['value']) / MIB])
        memory.actual = Number(args?.['value']) / MIB
        return {}
      },
    }
    const ask = async (): Promise<string> => `memoryTotal=1960 memoryAvailable=${memory.available} diskTotal=10 diskFree=5 up=1`
    const balloon = new Balloon({ qmp, ask, idleMs: () => memory.idleMs, awake: () => true, log: (line) => asked.push(line), now: () => memory.now })
    return { balloon, memory, asked }
  }

  it('is taken when nobody is there, and given back when the guest runs short or somebody comes', async () => {
    const { balloon, memory, asked } = guest(1760)
    balloon.release()
    await balloon.look()
    expect(asked).toEqual([['balloon', 442]])
    memory.available = 150
    await balloon.look()
    expect(asked).toHaveLength(1)
    expect(balloon.figures).toEqual({ sizeMiB: 2048, actualMiB: 442, usedMiB: 204 })
    memory.available = 50
    await balloon.look()
    expect(asked.at(-1)).toEqual(['balloon', 2048])
    memory.available = 1760
    await balloon.look()
    expect(asked).toHaveLength(2)
    memory.now += 300_000
    await balloon.look()
    expect(asked.at(-1)).toEqual(['balloon', 442])
    balloon.release()
    await balloon.end(true)
    expect(asked.at(-1)).toEqual(['balloon', 2048])
  })
})

describe('a machine that ends', () => {
  const idle = (containers: number) => {
    const done: string[] = []
    const qmp = { version: '', execute: async (command: string) => void done.push(command), onEvent: () => () => undefined, closed: new Promise<string>(() => undefined), close: () => undefined }
    const link = { ask: async () => '', setTime: async () => void done.push('time'), rest: (paused: boolean) => void done.push(`rest ${paused}`) }
    const made = createIdle({ qmp, link, process: { pid: process.pid, startTime: 0 }, log: () => undefined, rules: { afterMs: 1, withContainers: true } })
    made.nap.containers(containers)
    return { made, done }
  }

  it('wakes with the right time, and is left napping only when nothing is in it', async () => {
    for (const [containers, wake, last] of [[0, false, 'rest true'], [0, true, 'cont'], [2, false, 'cont']] as const) {
      const { made, done } = idle(containers)
      await expect.poll(() => made.nap.phase).toBe('napping')
      expect(done).toEqual(['rest true', 'stop'])
      done.length = 0
      made.nap.hold()()
      await made.nap.awake()
      expect(done).toEqual(['cont', 'rest false', 'time'])
      await expect.poll(() => made.nap.phase).toBe('napping')
      done.length = 0
      await made.end(wake)
      expect([...done, 'rest true'].find((each) => each === last)).toBe(last)
      expect(done.includes('cont')).toBe(last === 'cont')
    }
  })
})

describe('this machine’s clock', () => {
  it('that is set, or slept, is noticed once; drift is not', () => {
    vi.useFakeTimers()
    const clocks = { wall: 5_000, steady: 0 }
    const steps: number[] = []
    const stop = watchClock(() => steps.push(clocks.wall), { everyMs: 10, wall: () => clocks.wall, steady: () => clocks.steady })
    const pass = (wall: number, steady: number): void => {
      clocks.wall += wall
      clocks.steady += steady
      vi.advanceTimersByTime(10)
    }
    pass(10, 10)
    pass(60, 10)
    expect(steps).toEqual([])
    pass(3_600_010, 10)
    pass(10, 10)
    expect(steps).toHaveLength(1)
    pass(-20_000, 10)
    expect(steps).toHaveLength(2)
    stop()
    pass(3_600_010, 10)
    expect(steps).toHaveLength(2)
  })
})
