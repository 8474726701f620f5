/** A manager over a temporary folder of sockets, and the waiting its tests do. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EngineSummary, Settings } from '../../engine/contract/models.ts'
import type { NaruError } from '../../engine/contract/errors.ts'
import { connectEngine } from '../../engine/docker/connect.ts'
import { createEngineManager } from '../../engine/providers/manager.ts'
import type { EngineManager, SettingsAccess } from '../../engine/providers/manager.ts'
import type { EndReason, EngineHandle, EngineProvider } from '../../engine/providers/provider.ts'
import { createProviderRegistry } from '../../engine/providers/registry.ts'
import type { Identity } from '../../engine/providers/socket/access.ts'
import { openUnixSocket } from '../../engine/providers/socket/dial.ts'
import type { Timings } from '../../engine/providers/timings.ts'
import { startMiniEngine } from '../support/mini-engine.ts'
import type { MiniEngine, MiniEngineOptions } from '../support/mini-engine.ts'

type Kept = Pick<Settings, 'engine' | 'sockets' | 'stopGraceSeconds'>

export function memorySettings(first: Partial<Kept> = {}): SettingsAccess & { now: Kept } {
  const listeners = new Set<(now: Kept, before: Kept) => void>()
  const store = {
    now: { engine: 'auto', sockets: [], stopGraceSeconds: 10, ...first } as Kept,
    get: () => store.now,
    update: async (patch: Partial<Kept>) => {
      const before = store.now
      store.now = { ...before, ...patch }
      for (const listener of listeners) listener(store.now, before)
    },
    onChange: (listener: (now: Kept, before: Kept) => void) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
  return store
}

/**
 * Only what a test would otherwise wait for. Limits of work that succeeds stay long: a test must not fail because the
 * machine is busy. Tests of a limit shorten that one.
 */
export const QUICK: Partial<Timings> = { settleMs: 8_000, rescanMs: 50 }

const IDENTITY: Identity = { user: 'alice', uid: 1000, gids: [], readGroups: async () => '' }

export interface Bench {
  readonly folder: string
  readonly manager: EngineManager
  readonly settings: ReturnType<typeof memorySettings>
  readonly lines: string[]
  readonly path: (name: string) => string
  readonly id: (name: string) => string
  readonly engine: (name: string, options?: MiniEngineOptions) => Promise<MiniEngine>
  readonly summary: (id: string) => EngineSummary | undefined
  readonly until: (what: string, done: () => boolean, ms?: number) => Promise<void>
  readonly close: () => Promise<void>
}

export interface BenchOptions {
  readonly sockets: readonly string[]
  readonly native?: (folder: string) => EngineProvider
  readonly settings?: (folder: string) => Partial<Kept>
  readonly timings?: Partial<Timings>
  readonly env?: (folder: string) => Record<string, string>
}

export async function createBench(options: BenchOptions): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'naru-manager-'))
  const path = (name: string): string => join(folder, name)
  const env = options.env?.(folder) ?? { NARU_SOCKETS: options.sockets.map(path).join(':') }
  const settings = memorySettings(options.settings?.(folder))
  const engines: MiniEngine[] = []
  const lines: string[] = []
  const manager = createEngineManager({
    providers: options.native ? [options.native(folder)] : [],
    registry: createProviderRegistry({ env, home: folder, identity: IDENTITY, exclude: [path('native.sock')] }),
    connect: connectEngine,
    settings,
    // The longest wait the dice allow: nothing returns early by luck.
    random: () => 0.999,
    log: (line) => lines.push(line),
    timings: { ...QUICK, ...options.timings },
  })
  return {
    folder,
    manager,
    settings,
    lines,
    path,
    id: (name) => `socket:${path(name)}`,
    engine: async (name, more) => {
      const engine = await startMiniEngine(path(name), more)
      engines.push(engine)
      return engine
    },
    summary: (id) => manager.snapshot().engines.find((engine) => engine.id === id),
    until: async (what, done, ms = 10_000) => {
      const limit = Date.now() + ms
      while (!done()) {
        if (Date.now() > limit) throw new Error(`${what}: not in ${ms} ms: ${JSON.stringify(manager.snapshot())}`)
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    },
    close: async () => {
      await manager.close()
      await Promise.all(engines.map((engine) => engine.close()))
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export interface FakeNative {
  starts: number
  stops: number
  released: number
  /** Error of the next starts; null = they succeed. */
  failure: NaruError | null
  /** Holds starts until released. */
  gate: Promise<void> | null
  engine: MiniEngine | null
  /** As kill -9 of the daemon: connections cut, handle ended. */
  die: () => Promise<void>
  readonly provider: (folder: string) => EngineProvider
}

export function fakeNative(state: 'startable' | 'absent' | 'running' = 'startable', running: string[] = []): FakeNative {
  let finish: (reason: EndReason) => void = () => undefined
  const start = async (path: string, signal: AbortSignal): Promise<EngineHandle> => {
    fake.starts++
    await fake.gate
    signal.throwIfAborted()
    if (fake.failure) throw fake.failure
    fake.engine = await startMiniEngine(path, { running })
    const ended = new Promise<EndReason>((resolve) => {
      finish = resolve
    })
    return {
      dial: (stop) => openUnixSocket(path, stop, 500),
      dockerHost: `unix://${path}`,
      adopted: state === 'running',
      ended,
      release: () => {
        fake.released++
      },
      stop: async () => {
        fake.stops++
        await fake.engine?.close()
        finish({ kind: 'stopped' })
      },
    }
  }
  const fake: FakeNative = {
    starts: 0,
    stops: 0,
    released: 0,
    failure: null,
    gate: null,
    engine: null,
    die: async () => {
      await fake.engine?.close()
      finish({ kind: 'exited' })
    },
    provider: (folder) => ({
      id: 'native',
      kind: 'native',
      name: '',
      origin: 'embedded',
      managed: true,
      dockerHost: `unix://${join(folder, 'native.sock')}`,
      detect: async () => ({
        state,
        ...(state === 'absent' && { error: { code: 'provider.absent', message: 'no bundle', retryable: false } as const }),
      }),
      start: async ({ signal, report, log }) => {
        report({ step: 'daemon', index: 1, total: 2 })
        log('daemon says hello')
        return start(join(folder, 'native.sock'), signal)
      },
    }),
  }
  return fake
}
