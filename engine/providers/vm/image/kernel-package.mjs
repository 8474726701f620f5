/** Which package the kernel comes from: a new kernel has a new name, and the old one goes from the mirror with its name. */
import { BuildError } from '../../native/bundle/apt.mjs'
import { KERNEL_META } from './recipe.mjs'

/**
 * The pinned package while the mirror has any version of it, else what the meta package asks for now.
 * @param {{
 *   apt: { version(name: string, suite: string): string | undefined, fetch(name: string, version: string): Promise<string> },
 *   open(names: readonly string[]): Promise<{ version(name: string, suite: string): string | undefined }>,
 *   dependsOf(deb: string): Promise<string>,
 *   pins: Record<string, unknown>,
 *   say(line: string): void,
 * }} from `pins`: packages of the lock by name; empty when it is written anew. `dependsOf`: the field of a .deb.
 * @throws BuildError when there is neither
 */
export async function kernelPackage({ apt, open, dependsOf, pins, say }) {
  const pinned = Object.keys(pins).find((name) => /^linux-image-\d/.test(name))
  if (pinned) {
    const kernelApt = await open([pinned])
    if (kernelApt.version(pinned, KERNEL_META.suite)) return { kernelName: pinned, kernelApt }
    say(`${pinned} is gone from the mirror; taking what ${KERNEL_META.name} asks for`)
  }
  const newest = apt.version(KERNEL_META.name, KERNEL_META.suite)
  const name = newest && /linux-image-\d[^\s,(]*/.exec(await dependsOf(await apt.fetch(KERNEL_META.name, newest)))?.[0]
  if (!name) throw new BuildError('the kernel’s package was not found; is the package mirror reachable?')
  return { kernelName: name, kernelApt: await open([name]) }
}
