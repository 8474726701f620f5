/** Everything a soak does, each as a person would. */
import type { Action } from '../support/scene.ts'
import { ON_CONTAINERS } from './containers.ts'
import { ON_IMAGES } from './images.ts'
import { LOOKING } from './looking.ts'

export const ACTIONS: readonly Action[] = [...LOOKING, ...ON_CONTAINERS, ...ON_IMAGES]
