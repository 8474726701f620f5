import { joinCommand } from '../../containers/run-command.ts'
import type { LayerService } from '../../layers/service.ts'
import type { Runners } from '../../operations/runner.ts'
import type { Core } from '../services.ts'
import { describe, shortId } from './describe.ts'

export function layerRunners(core: Core, layers: LayerService): Pick<Runners, 'layers.analyse'> {
  return {
    'layers.analyse': {
      cancellable: true,
      describe: (arg) => {
        const name = core.mirrors.image(arg.engineId, arg.imageId)?.tags[0] ?? shortId(arg.imageId)
        return { ...describe(core, 'layers.analyse', arg, name), command: joinCommand(['docker', 'save', name]) }
      },
      run: (arg, { signal, report }) => layers.analyse(arg, { signal, report }),
    },
  }
}
