import { NaruError } from '../../contract/errors.ts'
import type { Runners } from '../../operations/runner.ts'
import { createDockerContext } from '../../providers/context.ts'
import type { Care } from '../care.ts'
import type { Core } from '../services.ts'
import { describe } from './describe.ts'

export function engineRunners(core: Core, care: Care): Pick<Runners, 'engines.start' | 'engines.stop' | 'engines.restart' | 'engines.reset' | 'engines.repair' | 'engines.create-context'> {
  const { engines, options } = core
  const summary = (engineId: string) => engines.snapshot().engines.find(({ id }) => id === engineId)
  const subject = (engineId: string) => summary(engineId)?.name || engineId
  return {
    'engines.start': {
      cancellable: true,
      describe: (arg) => describe(core, 'engines.start', arg, subject(arg.engineId)),
      async run({ engineId }, { signal, report }) {
        // Which phase the engine is in is shown where engines are.
        report({ step: 'starting', parts: [] })
        await engines.startEngine(engineId, { signal })
        return {}
      },
    },
    'engines.stop': {
      cancellable: true,
      describe: (arg) => describe(core, 'engines.stop', arg, subject(arg.engineId)),
      async run({ engineId, containers }, { signal, report }) {
        report({ step: 'stopping', parts: [] })
        await engines.stopEngine(engineId, { containers, signal })
        return {}
      },
    },
    'engines.restart': {
      cancellable: true,
      describe: (arg) => describe(core, 'engines.restart', arg, subject(arg.engineId)),
      async run({ engineId }, { signal, report }) {
        report({ step: 'stopping', parts: [] })
        // Its own end stops containers in a way that lets restart policies bring them back.
        await engines.stopEngine(engineId, { containers: 'keep', signal })
        report({ step: 'starting', parts: [] })
        await engines.startEngine(engineId, { signal })
        return {}
      },
    },
    'engines.reset': {
      // What is deleted half-way is of no use to anybody.
      cancellable: false,
      describe: (arg) => describe(core, 'engines.reset', arg, subject(arg.engineId)),
      async run({ engineId, consent }, { signal, report, operationId }) {
        await care.reset(engineId, consent, operationId, { signal, report: (step) => report({ step, parts: [] }) })
        return {}
      },
    },
    'engines.repair': {
      cancellable: true,
      describe: (arg) => describe(core, 'engines.repair', arg, subject(arg.engineId)),
      async run({ engineId }, { signal, report }) {
        report({ step: 'starting', parts: [] })
        await engines.startEngine(engineId, { signal, repair: true })
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
