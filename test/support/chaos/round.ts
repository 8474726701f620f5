/** One round: work begins, faults meet it, and then everything must be as it was promised. */
import { setTimeout as sleep } from 'node:timers/promises'
import { findContainerd } from '../../../engine/providers/native/find.ts'
import { ping } from '../../../engine/providers/native/ping.ts'
import { waitUntil } from '../../../engine/system/clock.ts'
import { createRandom } from '../../fake-dockerd/world.ts'
import { fetchPage } from '../page.ts'
import { added, descriptors } from './census.ts'
import type { Census } from './census.ts'
import { inflict } from './faults.ts'
import { ENGINE, operate } from './ground.ts'
import type { LogWatch } from './log-watch.ts'
import type { Fault, Round } from './plan.ts'
import { isReady } from './scene.ts'
import type { Scene } from './scene.ts'
import type { Tally } from './tally.ts'
import { differences, truthOf, undead } from './truth.ts'
import { doWork } from './work.ts'
import { WRITER } from './work-containers.ts'

export interface Watched {
  readonly scene: Scene
  readonly tally: Tally
  readonly log: LogWatch
  /** Descriptors of a room at its first quiet moment, by pid. */
  readonly quiet: Map<number, Census>
  /** What rooms said that ended. */
  readonly said: string[]
  /** A container may still be ending from the round before. */
  unsure: boolean
  /** What the round is at: a round that hangs says so. */
  doing: string
}

/** An engine that is not there again by then does not come by itself, milliseconds. */
const RETURN_MS = 40_000
/** From the engine's return to the true picture: the promise. */
const TRUE_WITHIN_MS = 5_000
/** What the engine itself takes to start containers again, and to take what is dead away. */
const ENGINE_SETTLES_MS = 20_000
/** An end that nobody told dockerd is found by Naru at its next look, every ten seconds; dockerd then waits the container's time to stop. */
const UNTOLD_MS = 30_000
/** A container that the engine starts again does run by then, milliseconds. */
const ENGINE_RESTARTS_MS = 2_500
/** What a dead shim left is taken away by Naru at the second look, ten seconds after the first. */
const STARTS_WITHIN_MS = 30_000
/** Connections the room keeps to the engine beyond those of its first quiet moment, and may close later. */
const SPARE_DESCRIPTORS = 8

/** A container may end with its shim, and the engine starts none again whose start was killed. */
const mayEnd = ({ faults }: Round): boolean => faults.some(({ kind }) => kind === 'shim' || kind === 'runc')

/** For who looks into where a round's time goes. */
const note = (watched: Watched, what: string, since: number): void => {
  watched.doing = `after: ${what}`
  if (process.env['NARU_CHAOS_VERBOSE'] !== undefined) console.log(`  ${what}: ${(performance.now() - since).toFixed(0)} ms`)
}

export async function playRound(round: Round, watched: Watched): Promise<readonly string[]> {
  const { scene, tally } = watched
  const random = createRandom(round.seed)
  const ground = { ...scene, random, busy: new Set<string>() }
  const unsure = watched.unsure || mayEnd(round)
  watched.unsure = mayEnd(round)
  if (unsure) for (const id of scene.kept.containers.keys()) scene.kept.doubt(id)
  // As if the last fault were a good minute ago: an engine that ends too often is not started again by itself.
  watched.doing = 'engines.retry'
  await scene.room().link.call('engines.retry', { engineId: ENGINE })
  watched.doing = 'faults'
  const work = Promise.all(round.work.map((each) => doWork(each, ground)))
  const began = performance.now()
  for (const fault of round.faults) {
    await sleep(Math.max(0, fault.atMs - (performance.now() - began)))
    await meet(fault, watched, random)
  }
  note(watched, 'faults', began)
  const problems = [...(await showsTheTruth(round, watched))]
  note(watched, 'true', began)
  for (const outcome of await work) {
    tally.outcome(outcome)
    if (outcome.problem) problems.push(`${outcome.work}: ${outcome.problem}`)
  }
  note(watched, 'work', began)
  // What is called running and is not would not be started, and then end.
  if (unsure && (await undeadAfter(scene.paths.socket, UNTOLD_MS)).length === 0) problems.push(...(await revive(watched)))
  return [...problems, ...(await settle(watched))]
}

/** Starts the person's own containers that the engine did not start again. That must be possible. */
async function revive({ scene, tally }: Watched): Promise<readonly string[]> {
  const { kept, paths } = scene
  const problems: string[] = []
  for (const [id, { name }] of [...kept.containers].filter(([, one]) => one.own && one.running === true)) {
    const runs = async (): Promise<boolean> => / running$/.test((await truthOf(paths.socket)).containers.get(id) ?? '')
    if (await waitUntil(() => runs().catch(() => false), { withinMs: ENGINE_RESTARTS_MS, everyMs: 50 })) continue
    tally.revived += 1
    let said = ''
    const again = async (): Promise<boolean> => {
      const row = await operate(scene, 'containers.restart', { engineId: ENGINE, id, graceSeconds: 0 })
      said = JSON.stringify(row?.error)
      return row?.status === 'succeeded'
    }
    if (!(await waitUntil(again, { withinMs: STARTS_WITHIN_MS, everyMs: 500 }))) problems.push(`${name} cannot be started again: ${said}`)
  }
  return problems
}

async function meet(fault: Fault, { scene, tally, said }: Watched, random: () => number): Promise<void> {
  const room = scene.room()
  if (await inflict(fault, { paths: scene.paths, room: scene.room, random })) tally.fault(fault.kind)
  else tally.missed += 1
  if (fault.kind !== 'room') return
  said.push(room.said())
  await scene.renew()
}

/** Waits for the engine, then for Naru. */
async function showsTheTruth({ faults }: Round, { scene, tally }: Watched): Promise<readonly string[]> {
  const { socket } = scene.paths
  // A new engine room looks at its engine's files before it takes it over; then it is back.
  const roomIsBack = (): boolean => !faults.some(({ kind }) => kind === 'room') || isReady(scene.room())
  const back = await waitUntil(async () => (await ping(socket, 1_000)) && (await findContainerd(scene.paths)) !== null && roomIsBack(), { withinMs: RETURN_MS, everyMs: 10 })
  if (!back) return [`the engine did not come back within ${RETURN_MS} ms: ${JSON.stringify(scene.room().engines?.engines)}`]
  const since = performance.now()
  const found = await sameWithin(scene, TRUE_WITHIN_MS)
  const kind = faults.find((one) => ['dockerd', 'containerd', 'hang'].includes(one.kind)) ?? faults.find((one) => one.kind === 'room')
  if (kind) tally.returned(kind.kind, performance.now() - since)
  return found
}

async function sameWithin(scene: Scene, withinMs: number): Promise<readonly string[]> {
  let found: readonly string[] = []
  const look = async (): Promise<boolean> => {
    found = await truthOf(scene.paths.socket).then((truth) => differences(truth, scene.room().page), (error: unknown) => [String(error)])
    return found.length === 0
  }
  await waitUntil(look, { withinMs, everyMs: 20 })
  return found
}

/** Everything that must hold while nothing is done. */
export async function settle(watched: Watched): Promise<readonly string[]> {
  const { scene, log, quiet } = watched
  const { kept, paths } = scene
  const began = performance.now()
  // First of all: what is called running and is not would be learned as running.
  const untold = (await undeadAfter(paths.socket, UNTOLD_MS)).map((name) => `${name} is called running and has no process`)
  let found: readonly string[] = []
  const look = async (): Promise<boolean> => {
    const truth = await truthOf(paths.socket)
    found = kept.problems(truth)
    if (found.length === 0) kept.learn(truth)
    return found.length === 0
  }
  await waitUntil(() => look().catch(() => false), { withinMs: ENGINE_SETTLES_MS, everyMs: 50 })
  const room = scene.room()
  const writer = [...kept.containers].find(([, { name }]) => name === WRITER)?.[0] ?? ''
  note(watched, 'kept', began)
  await log.on(room.link, writer)
  const problems = [
    ...untold,
    ...found,
    ...(await sameWithin(scene, TRUE_WITHIN_MS)),
    ...(await kept.damaged()),
    ...[await log.problem(ENGINE_SETTLES_MS), await portProblem(scene)].filter((one) => one !== null),
  ]
  note(watched, 'settled', began)
  await room.link.call('operations.clear', {})
  const before = quiet.get(room.pid)
  if (!before) quiet.set(room.pid, await descriptors(room.pid))
  else problems.push(...(await tooMany(room.pid, before, SPARE_DESCRIPTORS)))
  return problems
}

async function undeadAfter(socket: string, withinMs: number): Promise<readonly string[]> {
  let found: readonly string[] = []
  await waitUntil(async () => (found = await undead(socket).catch((error: unknown) => [String(error)])).length === 0, { withinMs, everyMs: 100 })
  return found
}

async function portProblem({ room }: Scene): Promise<string | null> {
  let said = ''
  const look = async (): Promise<boolean> => {
    const row = [...room().page.containers.values()].find(({ name }) => name === 'chaos-port')
    const port = row?.ports.find(({ hostPort }) => hostPort !== undefined)?.hostPort
    said = `${row?.state ?? 'no row'}, port ${port ?? 'none'}`
    return port !== undefined && (await fetchPage('127.0.0.1', port)).body === 'page\n'
  }
  return (await waitUntil(look, { withinMs: ENGINE_SETTLES_MS, everyMs: 50 })) ? null : `the published port does not answer (${said})`
}

/** Descriptors beyond those of before. */
export async function tooMany(pid: number, before: Census, spare: number): Promise<readonly string[]> {
  const sum = (census: Census): number => [...census.values()].reduce((all, one) => all + one, 0)
  let now: Census = new Map()
  const few = async (): Promise<boolean> => sum((now = await descriptors(pid))) <= sum(before) + spare
  return (await waitUntil(few, { withinMs: 10_000, everyMs: 100 })) ? [] : added(before, now).map((line) => `the engine room has ${line}`)
}
