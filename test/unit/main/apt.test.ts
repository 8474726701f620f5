/** Debian packages set-up needs: what people without root, and people elsewhere, are told. */
import { existsSync } from 'node:fs'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ensurePackages, findProgram, isRoot } from '../../../main/setup/apt.mjs'

/** In no archive, so never installed. */
const NONE = ['naru-no-such-package', 'naru-none-either']
const isDebian = existsSync('/etc/debian_version') && findProgram('apt-get') !== undefined

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

describe('missing packages', () => {
  it.skipIf(!isDebian)('are named without root, in one sentence with the command that installs them', async () => {
    vi.spyOn(process, 'getuid').mockReturnValue(1000)
    expect(isRoot()).toBe(false)
    expect(await ensurePackages(NONE, "Naru's own window")).toBe(
      "For Naru's own window, run: sudo apt-get install naru-no-such-package naru-none-either",
    )
  })

  it.skipIf(!isDebian)('are only those that are not there', async () => {
    vi.spyOn(process, 'getuid').mockReturnValue(1000)
    expect(await ensurePackages(['dpkg'], 'tests')).toBeUndefined()
    expect(await ensurePackages(['dpkg', 'naru-none-either'], 'tests')).toBe('For tests, run: sudo apt-get install naru-none-either')
  })

  it('are named as Debian calls them where nothing can be installed', async () => {
    vi.stubGlobal('process', new Proxy(process, { get: (target, name) => (name === 'platform' ? 'freebsd' : Reflect.get(target, name)) }))
    expect(await ensurePackages(NONE, 'tests')).toBe('For tests, install what Debian calls: naru-no-such-package naru-none-either')
  })
})
