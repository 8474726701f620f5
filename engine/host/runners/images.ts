import type { ImageRow } from '../../contract/models.ts'
import { pullImage } from '../../images/pull.ts'
import { removeImage } from '../../images/remove.ts'
import type { Runners } from '../../operations/runner.ts'
import { pullDeps } from '../pull-deps.ts'
import type { Core } from '../services.ts'
import { describe, shortId } from './describe.ts'

/** An id as a person would name it. */
function imageName(reference: string, row: ImageRow | undefined): string {
  return row?.tags[0] ?? (reference.startsWith('sha256:') ? shortId(reference) : reference)
}

export function imageRunners(core: Core): Pick<Runners, 'images.pull' | 'images.remove'> {
  return {
    'images.pull': {
      cancellable: true,
      describe: (arg) => describe(core, 'images.pull', arg, arg.reference),
      async run({ engineId, ...wanted }, context) {
        const result = await pullImage(pullDeps(core, engineId), wanted, context)
        context.describe({ targets: [result.imageId] })
        return result
      },
    },
    'images.remove': {
      cancellable: false,
      describe: (arg) => describe(core, 'images.remove', arg, imageName(arg.reference, core.mirrors.image(arg.engineId, arg.reference)), [arg.reference]),
      run({ engineId, reference, force }, context) {
        context.report({ step: 'removing', parts: [] })
        return removeImage(core.engines.connection(engineId).client, { reference, force }, context.signal)
      },
    },
  }
}
