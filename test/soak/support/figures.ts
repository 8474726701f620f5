/**
 * What is judged, and how much it may grow. Measured without any leak (docs/adr/0030): objects within a hundred from look
 * to look, nodes and listeners the same; bytes of heaps move by hundreds of KiB as V8 compiles and forgets code. So
 * objects, nodes and listeners are what finds a leak, and bytes are for what is few and large.
 */
import type { Look } from './run.ts'
import type { Bound } from './trend.ts'

export interface Figure {
  readonly what: string
  readonly unit: string
  readonly read: (look: Look) => number
  readonly bound: Bound
}

export const PAGE: readonly Figure[] = [
  // A row of a container is some fifteen objects: about two rows an action that nobody lets go of.
  { what: 'objects of the page', unit: 'objects', read: ({ page }) => page.objects, bound: { perMinute: 300, noise: 1_500 } },
  { what: 'nodes of the page', unit: 'nodes', read: ({ page }) => page.nodes, bound: { perMinute: 20, noise: 100 } },
  // One for each change of the screen would be some twenty a minute.
  { what: 'listeners of the page', unit: 'listeners', read: ({ page }) => page.listeners, bound: { perMinute: 4, noise: 15 } },
  { what: 'heap of the page', unit: 'KiB', read: ({ page }) => page.heap, bound: { perMinute: 128, noise: 1_000 } },
]

export const ROOM: readonly Figure[] = [
  { what: 'objects of the engine room', unit: 'objects', read: ({ room }) => room.objects, bound: { perMinute: 200, noise: 1_000 } },
  { what: 'listeners of the engine room', unit: 'listeners', read: ({ room }) => room.listeners, bound: { perMinute: 4, noise: 30 } },
  { what: 'heap of the engine room', unit: 'KiB', read: ({ room }) => room.heap, bound: { perMinute: 64, noise: 600 } },
  { what: 'heaps of its threads', unit: 'KiB', read: ({ room }) => room.workerHeap, bound: { perMinute: 32, noise: 300 } },
  { what: 'buffers of the engine room', unit: 'KiB', read: ({ room }) => room.buffers, bound: { perMinute: 16, noise: 500 } },
  // The allocators give back late and in pieces of megabytes.
  { what: 'resident memory of the engine room', unit: 'KiB', read: ({ room }) => room.resident, bound: { perMinute: 1_024, noise: 12_000 } },
]
