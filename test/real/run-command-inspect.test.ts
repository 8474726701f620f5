import { describe } from 'vitest'
import { hasBusybox } from '../support/busybox-image.ts'
import { whyNoCli } from '../support/docker-cli.ts'
import { canRunDockerd, startDockerd } from '../support/real-engine.ts'
import { runCommandSuite } from './run-command-suite.ts'

const why = whyNoCli() ?? (canRunDockerd ? null : 'no dockerd or not root') ?? (hasBusybox ? null : 'no static busybox')
if (why) console.log(`skipped: ${why}`)

describe.skipIf(why)('the same container as the docker CLI makes', () => runCommandSuite({ name: 'dockerd', start: () => startDockerd() }))
