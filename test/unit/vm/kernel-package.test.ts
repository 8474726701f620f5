import { expect, test } from 'vitest'
import { kernelPackage } from '../../../engine/providers/vm/image/kernel-package.mjs'

const META = 'linux-image-amd64'
const NEW = 'linux-image-6.12.99+deb13-amd64'
const OLD = 'linux-image-6.12.1+deb13-amd64'

/** A mirror that has these packages. */
function mirror(...names: readonly string[]) {
  const said: string[] = []
  const versions = { version: (name: string) => (names.includes(name) ? '1' : undefined) }
  return {
    said,
    apt: { ...versions, fetch: async (name: string) => `${name}.deb` },
    open: async (asked: readonly string[]) => ({ ...versions, asked }),
    dependsOf: async (deb: string) => (deb === `${META}.deb` ? `${NEW} (= 6.12.99-1)` : ''),
    say: (line: string) => void said.push(line),
  }
}

test('the pinned kernel is taken while the mirror has it', async () => {
  const there = mirror(META, OLD, NEW)
  expect(await kernelPackage({ ...there, pins: { 'docker.io': {}, [OLD]: {} } })).toMatchObject({ kernelName: OLD, kernelApt: { asked: [OLD] } })
  expect(there.said).toEqual([])
})

test('when it is gone, its successor is found by the meta package, and that is told', async () => {
  const there = mirror(META, NEW)
  expect(await kernelPackage({ ...there, pins: { [OLD]: {} } })).toMatchObject({ kernelName: NEW, kernelApt: { asked: [NEW] } })
  expect(there.said).toEqual([`${OLD} is gone from the mirror; taking what ${META} asks for`])
})

test('a lock that is written anew takes the newest', async () => {
  expect(await kernelPackage({ ...mirror(META, OLD, NEW), pins: {} })).toMatchObject({ kernelName: NEW })
})

test('without a mirror the reason is told', async () => {
  await expect(kernelPackage({ ...mirror(), pins: { [OLD]: {} } })).rejects.toThrow('the kernel’s package was not found')
})
