/** Runners that tidy up: tags, archives, prunes. */
import type { ArchiveSource } from '../../contract/models.ts'
import { exportContainer, importImage, loadImages, saveImages } from '../../images/archive.ts'
import type { ArchiveWork } from '../../images/archive.ts'
import { pruneCache, pruneImages } from '../../images/prune.ts'
import { tagImage } from '../../images/tag.ts'
import type { Runners } from '../../operations/runner.ts'
import { archiveName } from '../../transfers/archives.ts'
import type { TransferService } from '../../transfers/service.ts'
import type { Core } from '../services.ts'
import { containerName, describe, shortId } from './describe.ts'

type Names = 'images.tag' | 'images.save' | 'images.load' | 'images.import' | 'images.prune' | 'builds.prune' | 'containers.export'

export interface HousekeepingDeps extends Core {
  readonly transfers: TransferService
}

export function housekeepingRunners(core: HousekeepingDeps): Pick<Runners, Names> {
  return { ...tagRunners(core), ...archiveRunners(core), ...pruneRunners(core) }
}

function imageName(core: Core, engineId: string, reference: string): string {
  return core.mirrors.image(engineId, reference)?.tags[0] ?? (reference.startsWith('sha256:') ? shortId(reference) : reference)
}

function tagRunners(core: Core): Pick<Runners, 'images.tag'> {
  return {
    'images.tag': {
      cancellable: false,
      describe: (arg) => describe(core, 'images.tag', arg, `${imageName(core, arg.engineId, arg.source)} → ${arg.target}`, [arg.source]),
      run({ engineId, ...wanted }, { signal, report }) {
        report({ step: 'tagging', parts: [] })
        return tagImage(core.engines.connection(engineId).client, wanted, signal)
      },
    },
  }
}

function archiveRunners(core: HousekeepingDeps): Pick<Runners, 'images.save' | 'images.load' | 'images.import' | 'containers.export'> {
  const workFor = (engineId: string): ArchiveWork => ({
    client: core.engines.connection(engineId).client,
    transfers: core.transfers,
    home: core.options.home,
  })
  const sourceName = (source: ArchiveSource): string => archiveName(source)
  return {
    'images.save': {
      cancellable: true,
      describe: (arg) => describe(core, 'images.save', arg, arg.references.map((one) => imageName(core, arg.engineId, one)).join(', '), []),
      run: ({ engineId, ...wanted }, context) => saveImages(workFor(engineId), wanted, context),
    },
    'images.load': {
      cancellable: true,
      describe: (arg) => describe(core, 'images.load', arg, sourceName(arg.source)),
      run: ({ engineId, ...wanted }, context) => loadImages(workFor(engineId), wanted, context),
    },
    'images.import': {
      cancellable: true,
      describe: (arg) => describe(core, 'images.import', arg, arg.reference || sourceName(arg.source)),
      async run({ engineId, ...wanted }, context) {
        const result = await importImage(workFor(engineId), wanted, context)
        context.describe({ targets: [result.imageId] })
        return result
      },
    },
    'containers.export': {
      cancellable: true,
      describe: (arg) => describe(core, 'containers.export', arg, containerName(core, arg.engineId, arg.id)),
      run: ({ engineId, ...wanted }, context) => exportContainer(workFor(engineId), wanted, context),
    },
  }
}

function pruneRunners(core: Core): Pick<Runners, 'images.prune' | 'builds.prune'> {
  return {
    'images.prune': {
      // One by one it can stop between two images; the engine's own prune goes on whatever is asked.
      cancellable: true,
      describe: (arg) => describe(core, 'images.prune', arg, '', arg.only?.map(({ id }) => id) ?? []),
      run: ({ engineId, ...wanted }, context) => pruneImages(core.engines.connection(engineId).client, wanted, context),
    },
    'builds.prune': {
      cancellable: true,
      describe: (arg) => describe(core, 'builds.prune', arg, ''),
      run: ({ engineId, ...wanted }, context) => pruneCache(core.engines.connection(engineId).client, wanted, context),
    },
  }
}
