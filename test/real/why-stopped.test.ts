/** Why containers stopped: each scripted failure is known by what a real engine tells, its events and its log. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { gatherWhy } from '../../engine/containers/why/gather.ts'
import { readStartError } from '../../engine/containers/why/start-error.ts'
import type { OwnAct } from '../../engine/containers/why-stopped.ts'
import { connectEngine } from '../../engine/docker/connect.ts'
import type { EngineClient } from '../../engine/docker/engine-client.ts'
import { dialSocket } from '../fake-dockerd/fake-dockerd.ts'
import { hasBusybox } from '../support/busybox-image.ts'
import { failingImage } from '../support/failing-image.ts'
import { FAILURES, askOver } from '../support/failures.ts'
import type { Stage } from '../support/failures.ts'
import { prepareNative, whyNoNative } from '../support/native.ts'
import { canRunDockerd, canRunPodman, startDockerd, startPodman } from '../support/real-engine.ts'
import type { RealEngine } from '../support/real-engine.ts'

const IMAGE = 'localhost/naru-test/failing:latest'
const ENGINES = [
  { name: 'dockerd', podman: false, can: canRunDockerd, start: () => startDockerd() },
  { name: 'dockerd 20.10', podman: false, can: canRunDockerd && whyNoNative() === null, start: async () => startDockerd(await prepareNative('bookworm')) },
  { name: 'Podman', podman: true, can: canRunPodman, start: () => startPodman() },
] as const
const soon = (ms = 30_000) => AbortSignal.timeout(ms)

describe.each(ENGINES.filter(({ can }) => can && hasBusybox))('why a container of a real $name stopped', ({ podman, start }) => {
  let engine: RealEngine
  let client: EngineClient
  let folder: string
  /** What Naru's own operations would have noted. */
  let acts: OwnAct[]
  let stage: Stage

  beforeAll(async () => {
    engine = await start()
    client = await connectEngine(() => dialSocket(engine.socketPath), { engineId: 'real', signal: soon() })
    for await (const message of client.loadImage(Readable.from([await failingImage(IMAGE)]))) void message
    folder = await mkdtemp(join(tmpdir(), 'naru-failures-'))
    const ask = askOver(engine.socketPath)
    const until: Stage['until'] = (id, is) =>
      expect.poll(async () => {
        const { State, RestartCount = 0 } = await client.inspectContainer(id)
        return is({ ...State, Running: State.Running === true, RestartCount })
      }, { timeout: 60_000, interval: 100 }).toBe(true)
    stage = {
      image: IMAGE,
      folder,
      ask,
      until,
      create: async (body) => {
        const { id, message } = await ask('POST', '/containers/create', { Image: IMAGE, ...body })
        expect(id, message).not.toBe('')
        return id
      },
      start: async (id) => {
        const { status, message } = await ask('POST', `/containers/${id}/start`)
        acts = [...acts, { verb: 'start', at: Date.now(), ...(status >= 400 && { refusal: message }) }]
      },
      stop: async (id, seconds) => {
        acts = [...acts, { verb: 'stop', at: Date.now() }]
        await ask('POST', `/containers/${id}/stop?t=${seconds}`)
      },
      ended: (id) => until(id, ({ Status }) => Status === 'exited' || Status === 'stopped'),
    }
  }, 120_000)

  afterAll(async () => {
    for (const { Id } of (await client?.listContainers({ all: true })) ?? []) await client.removeContainer(Id, { force: true, volumes: true })
    client?.close()
    await engine?.close()
    if (folder) await rm(folder, { recursive: true, force: true })
  }, 120_000)

  const fitting = FAILURES.filter(({ notOnPodman }) => !podman || notOnPodman === undefined)

  it.each(fitting)('$title: $cause', async (failure) => {
    acts = []
    const made = await failure.make(stage)
    const wanted = podman ? { ...failure, ...failure.onPodman } : failure
    if (typeof made !== 'string') {
      expect(readStartError(made.refused), made.refused).toMatchObject({ cause: wanted.cause, ...(failure.subject !== undefined && { subject: failure.subject }) })
      return
    }
    // dockerd's word about memory may come a moment after the container's end; the page asks again then (why-asked.test.ts).
    if (wanted.cause === 'oom' || wanted.cause === 'oom-inside') await stage.until(made, ({ OOMKilled }) => OOMKilled === true)
    const neighbours = [] as const
    const report = await gatherWhy(client, made, { seen: [], acts, neighbours }, soon())
    const told = JSON.stringify({ error: report.error, lines: report.lines, chain: report.chain })
    expect(report.cause, told).toBe(wanted.cause)
    if (wanted.subject !== undefined) expect(report.subject, told).toBe(wanted.subject)
    for (const cause of wanted.also ?? []) expect(report.also.map((one) => one.cause)).toContain(cause)
    expect(report.chainKnown, told).toBe(true)
    expect(report.chain[0]?.kind).toBe('create')
    await client.removeContainer(made, { force: true, volumes: true })
  }, 90_000)
})
