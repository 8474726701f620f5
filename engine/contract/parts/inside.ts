/** Inside one container: asked while somebody looks at it, never in the background. */
import type { CommitSpec, ContainerChanges, ContainerProcesses, UpdateSpec } from '../models.ts'
import type { MethodRule, OnContainer } from './rules.ts'

export interface InsideMethods {
  /** Its processes as the host sees them; at most 2 000 rows. Code `conflict` when it does not run. */
  'containers.top': { arg: OnContainer; result: ContainerProcesses }
  /** What it wrote, changed and deleted in its writable layer; running or not. The engine walks the whole layer. */
  'containers.changes': { arg: OnContainer; result: ContainerChanges }
}

export interface InsideOperations {
  /** Other limits and restart policy without making it anew; limits apply at once. Engines without the capability `update` refuse. */
  'containers.update': { arg: OnContainer & UpdateSpec; result: { readonly warnings: readonly string[] } }
  /** An image whose top layer is the writable layer of the container, as `docker commit` makes it. Volumes are not in it. */
  'containers.commit': { arg: OnContainer & CommitSpec; result: { readonly imageId: string; readonly reference: string } }
}

export const INSIDE_METHOD_RULES = {
  'containers.top': { mutates: false, limitMs: 15_000 },
  'containers.changes': { mutates: false, limitMs: 120_000 },
} as const satisfies { readonly [M in keyof InsideMethods]: MethodRule }
