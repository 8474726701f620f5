/** Images of chosen layers, in the engine of a spec. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { stackArchive } from '../../support/stack-image.ts'
import type { StackStep } from '../../support/stack-image.ts'
import type { Daemon } from './daemon.ts'

/** Loads an image with these steps under the tag. */
export async function loadStack(daemon: Daemon, tag: string, steps: readonly StackStep[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'naru-layers-'))
  try {
    await writeFile(join(folder, 'image.tar'), gzipSync(await stackArchive(tag, steps), { level: 1 }))
    await daemon.docker('load', '-i', join(folder, 'image.tar'))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
