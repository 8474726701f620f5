import { describe } from 'vitest'
import { hasBusybox } from '../support/busybox-image.ts'
import { canRunDockerd, startDockerd } from '../support/real-engine.ts'
import { buildsSuite } from './builds-suite.ts'

describe.skipIf(!canRunDockerd || !hasBusybox)('builds (needs root, dockerd, busybox-static)', () => buildsSuite({ name: 'dockerd', start: () => startDockerd() }))
