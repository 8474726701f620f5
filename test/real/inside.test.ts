import { describe } from 'vitest'
import { hasBusybox } from '../support/busybox-image.ts'
import { canRunDockerd, canRunPodman, startDockerd, startPodman } from '../support/real-engine.ts'
import { insideSuite } from './inside-suite.ts'

const ENGINES = [
  { name: 'dockerd', can: canRunDockerd, start: () => startDockerd() },
  { name: 'Podman', can: canRunPodman, start: () => startPodman() },
] as const

describe.each(ENGINES.filter(({ can }) => can && hasBusybox))('inside a container of a real $name', insideSuite)
