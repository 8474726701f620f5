/** Images out into archives and back in: save, load, import. */
import type { ArchiveSource, ArchiveTarget, ArchiveWritten } from '../contract/models.ts'
import { NaruError } from '../contract/errors.ts'
import type { EngineClient } from '../docker/engine-client.ts'
import type { ResultOf } from '../operations/runner.ts'
import { familiarName, imageIdOf } from '../state/normalise.ts'
import { openSource, writeTarget } from '../transfers/archives.ts'
import type { ArchiveContext, ArchiveDeps, OpenedSource } from '../transfers/archives.ts'
import { formatReference, parseReference, withDefaultTag } from './reference.ts'

export interface ArchiveWork extends ArchiveDeps {
  readonly client: EngineClient
}

/** @throws NaruError `image-not-found`, and what writing throws */
export function saveImages(
  work: ArchiveWork,
  { references, target }: { readonly references: readonly string[]; readonly target: ArchiveTarget },
  context: ArchiveContext,
): Promise<ArchiveWritten> {
  return writeTarget(target, (signal) => work.client.saveImages(references, { signal }), work, 'saving', context)
}

/** The container's files as a tar, as `docker export` writes it. @throws NaruError `not-found`, and what writing throws */
export function exportContainer(work: ArchiveWork, { id, target }: { readonly id: string; readonly target: ArchiveTarget }, context: ArchiveContext): Promise<ArchiveWritten> {
  return writeTarget(target, (signal) => work.client.exportContainer(id, { signal }), work, 'exporting', context)
}

/** Docker says one line for each image, Podman all of them in one. */
const LOADED = /^Loaded image(?:\(s\)| ID)?:\s*(.+)$/gm

/** Names in what an engine says after a load. */
export function loadedNames(text: string): string[] {
  return [...text.matchAll(LOADED)].flatMap(([, names = '']) => names.split(/,\s*/)).map((name) => (name.startsWith('sha256:') ? name : familiarName(name.trim())))
}

/**
 * @throws NaruError `invalid-request` with hint `archive-broken` {name} for what is no archive of images, and what reading
 *   throws. Images of a broken archive are not there afterwards.
 */
export async function loadImages(work: ArchiveWork, { source }: { readonly source: ArchiveSource }, context: ArchiveContext): Promise<ResultOf<'images.load'>> {
  const opened = await openSource(source, work, 'loading', context)
  let said = ''
  await reading(opened, async () => {
    for await (const { stream } of work.client.loadImage(opened.bytes, { signal: context.signal })) {
      if (stream && said.length < MOST_SAID) said += stream
    }
  })
  return { loaded: [...new Set(loadedNames(said))] }
}

/** What engines say of a load, characters: a name for each of thousands of images fits. */
const MOST_SAID = 1_000_000

/** @throws NaruError `invalid-reference`, `invalid-request` (`archive-broken`), `invalid-request` for a bad change */
export async function importImage(
  work: ArchiveWork,
  { source, reference, message, changes }: { readonly source: ArchiveSource; readonly reference: string; readonly message: string; readonly changes: readonly string[] },
  context: ArchiveContext,
): Promise<ResultOf<'images.import'>> {
  const name = reference === '' ? null : withDefaultTag(parseReference(reference))
  const opened = await openSource(source, work, 'importing', context)
  const query = {
    ...(name && { repo: formatReference(name, 'full') }),
    ...(message && { message }),
    ...(changes.length > 0 && { changes }),
  }
  let imageId = ''
  await reading(opened, async () => {
    for await (const { status = '' } of work.client.importImage(opened.bytes, query, { signal: context.signal })) {
      const found = /^(?:sha256:)?[0-9a-f]{64}$/.exec(status.trim())
      if (found) imageId = imageIdOf(found[0])
    }
  })
  if (!imageId && name) imageId = imageIdOf((await work.client.inspectImage(formatReference(name, 'full'), { signal: context.signal })).Id)
  if (!imageId) throw new NaruError('internal', 'the engine says nothing about the imported image')
  return { imageId }
}

/** When the archive could not be read, that is the reason; what the engine says of the rest is an echo. */
async function reading(opened: OpenedSource, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    throw opened.failure() ?? named(error, opened.name)
  }
}

function named(error: unknown, name: string): unknown {
  if (!(error instanceof NaruError) || error.hint !== 'archive-broken') return error
  const { code, message, params, hint, engineId, detail } = error
  return new NaruError(code, message, { params: { ...params, name }, hint, engineId, detail, cause: error })
}
