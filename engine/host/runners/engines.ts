import { NaruError } from '../../contract/errors.ts'
import type { OperationProgress } from '../../contract/models.ts'
import type { Runners } from '../../operations/runner.ts'
import { createDockerContext } from '../../providers/context.ts'
import type { Core } from '../services.ts'
import { describe } from './describe.ts'

/** Phases of an engine are shown where engines are; the operation only says which one it is in. */
const stepOf = (step: string): OperationProgress => ({ step: `engine.${step}`, parts: [] })

export function engineRunners(core: Core): Pick<Runners, 'engines.start' | 'engines.stop' | 'engines.create-context'> {
  const { engines, options } = core
  const summary = (engineId: string) => engines.snapshot().engines.find(({ id }) => id === engineId)
  const subject = (engineId: string) => summary(engineId)?.name || engineId
  return {
    'engines.start': {
      cancellable: true,
      describe: (arg) => describe(core, 'engines.start', arg, subject(arg.engineId)),
      async run({ engineId }, { signal, report }) {
        await engines.startEngine(engineId, { signal, report: ({ step }) => report(stepOf(step)) })
        return {}
      },
    },
    'engines.stop': {
      cancellable: true,
      describe: (arg) => describe(core, 'engines.stop', arg, subject(arg.engineId)),
      async run({ engineId, containers }, { signal, report }) {
        await engines.stopEngine(engineId, { containers, signal, report: ({ step }) => report(stepOf(step)) })
        return {}
      },
    },
    'engines.create-context': {
      cancellable: false,
      describe: (arg) => describe(core, 'engines.create-context', arg, arg.name),
      async run({ engineId, name }) {
        const dockerHost = summary(engineId)?.dockerHost
        if (!dockerHost) throw new NaruError('unsupported', 'the docker CLI cannot use this engine', { hint: 'no-docker-host' })
        return createDockerContext({ env: options.env, home: options.home, name, dockerHost })
      },
    },
  }
}
