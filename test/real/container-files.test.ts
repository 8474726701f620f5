import { describe } from 'vitest'
import { hasBusybox } from '../support/busybox-image.ts'
import { canRunDockerd, canRunPodman, startDockerd, startPodman } from '../support/real-engine.ts'
import { containerFilesSuite } from './container-files-suite.ts'

const ENGINES = [
  { name: 'dockerd', can: canRunDockerd, start: () => startDockerd() },
  { name: 'Podman', can: canRunPodman, start: () => startPodman() },
] as const

describe.each(ENGINES.filter(({ can }) => can && hasBusybox))('files in a container of a real $name', containerFilesSuite)
