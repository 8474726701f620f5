/** What the person of a chaos run has: made before it, and everything an operation said is done. */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { Truth } from './truth.ts'

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

interface KeptContainer {
  readonly name: string
  /** Of the person alone: no work stops or removes it, and what ends it is made good by the engine. */
  readonly own: boolean
  /** Null: not known since a fault that may have ended it. */
  running: boolean | null
}

export class Kept {
  readonly containers = new Map<string, KeptContainer>()
  /** Id by reference. */
  readonly images = new Map<string, string>()
  readonly volumes = new Set<string>()
  /** Checksum by path on this machine. */
  readonly files = new Map<string, string>()
  /** Removed, as Naru said. */
  readonly gone = { containers: new Set<string>(), images: new Set<string>() }

  /** What is lost, or is there again, by the engine's own word. */
  problems({ containers, images, volumes }: Truth): readonly string[] {
    const references = new Map([...images].flatMap(([id, tags]) => tags.split(' ').map((tag) => [tag, id] as const)))
    const running = (id: string): boolean => / (?:running|restarting)$/.test(containers.get(id) ?? '')
    return [
      ...[...this.containers].filter(([id]) => !containers.has(id)).map(([id, { name }]) => `lost: container ${name} (${id.slice(0, 12)})`),
      ...[...this.containers]
        .filter(([id, kept]) => containers.has(id) && kept.running !== null && kept.running !== running(id))
        .map(([id, { name, running: was }]) => `container ${name} ${was ? 'ended' : 'runs'} by itself: ${containers.get(id) ?? ''}`),
      ...[...this.images].filter(([reference, id]) => references.get(reference) !== id).map(([reference]) => `lost: image ${reference}`),
      ...[...this.volumes].filter((name) => !volumes.has(name)).map((name) => `lost: volume ${name}`),
      ...[...this.gone.containers].filter((id) => containers.has(id)).map((id) => `there again: container ${id.slice(0, 12)}`),
      ...[...this.gone.images].filter((reference) => references.has(reference)).map((reference) => `there again: image ${reference}`),
    ]
  }

  /** Files that are not what they were. */
  async damaged(): Promise<readonly string[]> {
    const all = await Promise.all([...this.files].map(async ([path, sum]) => (existsSync(path) && sha256(await readFile(path)) === sum ? [] : [`lost or changed: ${path}`])))
    return all.flat()
  }

  /** A container the engine need not run any more, for a fault or work may have ended it. */
  doubt(id: string): void {
    const kept = this.containers.get(id)
    if (kept && !kept.own) kept.running = null
  }

  /** The doubts are over: what is, is. */
  learn({ containers }: Truth): void {
    for (const [id, kept] of this.containers) if (kept.running === null && !kept.own) kept.running = / running$/.test(containers.get(id) ?? '')
  }

  /** Forgets a container without saying that it must be gone. */
  drop(id: string): void {
    this.containers.delete(id)
  }
}
