/** An account that is a number only (`docker run --user 1234`): rootless engines need its name. */
import { mkdtempSync, rmSync } from 'node:fs'
import type * as os from 'node:os'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createNativeProvider } from '../../../engine/providers/native/native-provider.ts'

vi.mock('node:os', async (original) => ({
  ...(await original<typeof os>()),
  userInfo: () => {
    throw Object.assign(new Error('A system error occurred: uv_os_get_passwd returned ENOENT (no such file or directory)'), { code: 'ERR_SYSTEM_ERROR' })
  },
}))

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'naru-nameless-'))
  vi.spyOn(process, 'getuid').mockReturnValue(1234)
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true })
})

it('is told that its account has no name, with its number, not with a system call', async () => {
  const provider = createNativeProvider({ stateFolder: join(folder, 'state'), bundleFolder: join(folder, 'none'), log: () => undefined })
  const absent = { code: 'provider.absent', hint: 'account-nameless', params: { uid: '1234' } }
  expect(await provider.detect(AbortSignal.timeout(5_000))).toMatchObject({ state: 'absent', error: absent })
  const started = provider.start({ signal: AbortSignal.timeout(5_000), report: () => undefined, log: () => undefined, now: Date.now })
  await expect(started).rejects.toMatchObject(absent)
})
