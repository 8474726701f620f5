/** Work on containers: run, stop, remove, upload, a log, a terminal. */
import { join } from 'node:path'
import type { RunSpec } from '../../../engine/contract/models.ts'
import { tarOf } from '../image-archive.ts'
import { isLinkGone } from './chaos-room.ts'
import { BASE, bounded, DONE, ENGINE, endOf, LOST, noise, operate, take } from './ground.ts'
import type { Ground, Outcome } from './ground.ts'
import { sha256 } from './kept.ts'
import { removeImage } from './work-images.ts'

type Ended = Omit<Outcome, 'work'>

/** Volume that stays for the whole run; where a container sees it. */
export const DATA = { volume: 'chaos-data', path: '/data' } as const
/** Container that has it, prints a number each 50 ms, and is started again whenever it ends. */
export const WRITER = 'chaos-writer'
/** Containers and images of work that may be there at once. */
const MOST = { containers: 6, images: 8 }

export const specFor = (name: string, command: string, more: Partial<RunSpec> = {}): RunSpec => ({
  image: BASE, name, command: ['sh', '-c', command], ports: [], env: [], volumes: [], restart: { name: 'no' }, autoRemove: false, pull: 'never', ...more,
})

export async function run(ground: Ground): Promise<Ended> {
  const { kept } = ground
  const number = ground.number()
  const volume = `chaos-volume-${number}`
  const volumes = number % 3 === 0 ? [{ source: volume, target: '/own', readOnly: false }] : []
  const row = await operate(ground, 'containers.run', { engineId: ENGINE, spec: specFor(`chaos-${number}`, 'echo begun; exec sleep 99999', { volumes, labels: { chaos: 'work' } }) })
  if (row?.status === 'succeeded') {
    const { containerId, name } = row.result as { containerId: string; name: string }
    ground.busy.add(containerId)
    kept.containers.set(containerId, { name, own: false, running: null })
    if (volumes.length > 0) kept.volumes.add(volume)
  }
  return endOf(row)
}

const workContainers = ({ kept }: Ground, running: boolean): string[] => [...kept.containers].filter(([, one]) => !one.own && (one.running === true || !running)).map(([id]) => id)

export async function stop(ground: Ground): Promise<Ended> {
  const id = take(ground, workContainers(ground, true))
  if (id === undefined) return run(ground)
  ground.kept.doubt(id)
  const row = await operate(ground, 'containers.stop', { engineId: ENGINE, id, graceSeconds: 0 })
  const kept = ground.kept.containers.get(id)
  if (row?.status === 'succeeded' && kept) kept.running = false
  return endOf(row)
}

async function removeContainer(ground: Ground, id: string): Promise<Ended> {
  const { kept } = ground
  kept.drop(id)
  const row = await operate(ground, 'containers.remove', { engineId: ENGINE, id, force: true, stopFirst: false, volumes: false })
  if (row?.status === 'succeeded') kept.gone.containers.add(id)
  return endOf(row)
}

export async function remove(ground: Ground): Promise<Ended> {
  const { kept } = ground
  const images = [...kept.images.keys()].filter((reference) => reference !== BASE)
  const containers = workContainers(ground, false)
  const image = containers.length < MOST.containers && (images.length > MOST.images || ground.random() < 0.4) ? take(ground, images) : undefined
  if (image !== undefined) return removeImage(ground, image)
  const id = take(ground, containers)
  return id === undefined ? run(ground) : removeContainer(ground, id)
}

/** A failure of the link, or of the call, as an end. */
function failed(error: unknown): Ended {
  if (isLinkGone(error)) return LOST
  const { code, message } = error as { code?: string; message?: string }
  if (code === 'cancelled') return { end: 'cancelled' }
  if (code !== undefined) return { end: 'failed', code, words: message ?? '' }
  throw error
}

export async function upload(ground: Ground): Promise<Ended> {
  const { kept } = ground
  const writer = [...kept.containers].find(([, { name }]) => name === WRITER)?.[0] ?? ''
  const name = `upload-${ground.number()}`
  const bytes = noise(1_500_000)
  const archive = await tarOf([{ name, content: bytes }])
  const { link } = ground.room()
  try {
    const { transferId } = await link.call('transfers.open', { direction: 'upload' })
    const source = { kind: 'transfer', transferId, name: 'files.tar', sizeBytes: archive.length } as const
    const ended = operate(ground, 'files.upload', { engineId: ENGINE, id: writer, path: DATA.path, source, names: [name] })
    const send = async (): Promise<void> => {
      for (let at = 0; at < archive.length; at += 100_000) await link.call('transfers.write', { transferId, bytes: archive.subarray(at, at + 100_000) })
      await link.call('transfers.end', { transferId, complete: true })
    }
    // Who no longer reads says so; the operation says why.
    const sending = send().catch((error: unknown) => error)
    const row = await ended
    await bounded('transfers.write', sending)
    if (row?.status === 'succeeded') kept.files.set(join(ground.paths.data, 'volumes', DATA.volume, '_data', name), sha256(bytes))
    return endOf(row)
  } catch (error) {
    return failed(error)
  }
}

/** A terminal in the writer: what is typed comes back, or the session ends and says why. */
export async function exec(ground: Ground): Promise<Ended> {
  const { link } = ground.room()
  const id = take(ground, workContainers(ground, true)) ?? [...ground.kept.containers].find(([, { name }]) => name === WRITER)?.[0] ?? ''
  const word = `echoed-${ground.number()}`
  try {
    const { sessionId } = await link.call('terminals.open', { engineId: ENGINE, id, command: ['sh'], columns: 80, rows: 24 })
    const hear = async (): Promise<boolean> => {
      let said = ''
      for await (const piece of link.stream('terminals.output', { sessionId })) {
        said += Buffer.from(piece).toString('latin1')
        if (said.includes(`=${word}=`)) return true
      }
      return false
    }
    const heard = bounded('terminals.output', hear())
    heard.catch(() => undefined)
    await link.call('terminals.write', { sessionId, bytes: Buffer.from(`sleep 0.3; echo "="${word}"="\n`) })
    const came = await heard
    const ended = (await link.call('terminals.list', {})).terminals.find((one) => one.sessionId === sessionId)?.ended
    await link.call('terminals.close', { sessionId })
    if (came) return DONE
    return ended ? { end: 'failed', code: `ended: ${ended.reason}` } : { end: 'failed', code: 'none', problem: 'the output of a terminal ended, and its session did not' }
  } catch (error) {
    return failed(error)
  }
}

/** A log opened in the middle of it all: it gets to its lines, or says what holds it up. */
export async function logs(ground: Ground): Promise<Ended> {
  const { link } = ground.room()
  const writer = [...ground.kept.containers].find(([, { name }]) => name === WRITER)?.[0] ?? ''
  const follow = async (viewId: string): Promise<Ended> => {
    let first: number | undefined
    for await (const { endLine, status, error } of link.stream('logs.watch', { viewId })) {
      first ??= endLine > 0 ? endLine : undefined
      if (status === 'failed') return { end: 'failed', code: error?.code ?? 'none', ...(!error && { problem: 'a log failed without an error' }) }
      // Its container ended, and the log says so; whether it runs again is asked elsewhere.
      if (status === 'ended') return { end: 'failed', code: 'ended' }
      // Two seconds of what it prints.
      if (first !== undefined && endLine > first + 40) return DONE
    }
    return { end: 'cancelled' }
  }
  try {
    const { viewId } = await link.call('logs.open', { engineId: ENGINE, containerIds: [writer], tail: 10 })
    const ended = await bounded('logs.watch', follow(viewId))
    await link.call('logs.close', { viewId })
    return ended
  } catch (error) {
    return failed(error)
  }
}
