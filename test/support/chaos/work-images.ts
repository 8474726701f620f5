/** Work on images: pull, build, save, remove. */
import { existsSync } from 'node:fs'
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { specOf } from '../build-room.ts'
import { BASE, DONE, ENGINE, endOf, noise, operate, take } from './ground.ts'
import type { Ground, Outcome } from './ground.ts'

type Ended = Omit<Outcome, 'work'>

export async function pull(ground: Ground): Promise<Ended> {
  const { kept, remote } = ground
  const reference = take(ground, remote.filter((one) => !kept.images.has(one)))
  if (reference === undefined) return DONE
  kept.gone.images.delete(reference)
  const row = await operate(ground, 'images.pull', { engineId: ENGINE, reference })
  if (row?.status === 'succeeded') kept.images.set(reference, (row.result as { imageId: string }).imageId)
  return endOf(row)
}

export async function build(ground: Ground): Promise<Ended> {
  const number = ground.number()
  const folder = join(ground.folder, `context-${number}`)
  const tag = `naru-chaos/built-${number}:1`
  await mkdir(folder)
  await writeFile(join(folder, 'noise'), noise(500_000))
  await writeFile(join(folder, 'Dockerfile'), `FROM ${BASE}\nCOPY noise /noise\nRUN echo ${number} > /number && sleep 0.2\nRUN cat /number /noise > /both\n`)
  // The call itself fails when its room is killed before it answers.
  const row = await operate(ground, 'builds.start', { engineId: ENGINE, spec: specOf(folder, { tags: [tag] }) }).finally(() => rm(folder, { recursive: true }))
  if (row?.status === 'succeeded') ground.kept.images.set(tag, (row.result as { imageId: string }).imageId)
  return endOf(row)
}

/** A file appears under its name when it is whole, and nothing else stays beside it, unless the room was killed meanwhile. */
export async function save(ground: Ground): Promise<Ended> {
  const reference = take(ground, ground.kept.images.keys())
  if (reference === undefined) return DONE
  const folder = join(ground.folder, `saved-${ground.number()}`)
  const path = join(folder, 'image.tar')
  await mkdir(folder)
  const row = await operate(ground, 'images.save', { engineId: ENGINE, references: [reference], target: { kind: 'path', path, overwrite: false } })
  const left = await readdir(folder)
  const ended = endOf(row)
  if (row?.status === 'succeeded') {
    const { bytes } = row.result as { bytes: number }
    const whole = existsSync(path) && (await stat(path)).size === bytes && bytes > 0
    await rm(folder, { recursive: true })
    return { ...ended, ...((!whole || left.length !== 1) && { problem: `a save that was done left ${left.join(', ') || 'nothing'}` }) }
  }
  if (row === null) return ended
  await rm(folder, { recursive: true })
  return { ...ended, ...(left.length > 0 && { problem: `a save that was not done left ${left.join(', ')}` }) }
}

/** Images a remove may take: those something pulled or built. */
export async function removeImage(ground: Ground, reference: string): Promise<Ended> {
  const { kept } = ground
  const id = kept.images.get(reference)
  // Half-way it is neither there nor gone.
  kept.images.delete(reference)
  const row = await operate(ground, 'images.remove', { engineId: ENGINE, reference, force: false })
  if (row?.status === 'succeeded') kept.gone.images.add(reference)
  else if (row?.error?.code === 'in-use' && id !== undefined) kept.images.set(reference, id)
  return endOf(row)
}
