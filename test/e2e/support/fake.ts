/**
 * For specs that need an engine with faults or with numbers no real one is asked for: Naru in a world whose only engine
 * is the fake daemon, which runs in this process.
 *
 *   test.use({ fakeOptions: { containers: 5_000, images: 3 } })
 *   test('…', async ({ page, fake }) => …)
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startFakeDockerd } from '../../fake-dockerd/fake-dockerd.ts'
import type { FakeDockerd, FakeDockerdOptions } from '../../fake-dockerd/fake-dockerd.ts'
import { test as base } from './naru.ts'

export { expect } from '@playwright/test'

interface Fixtures {
  fakeOptions: Omit<FakeDockerdOptions, 'socketPath'>
  fake: FakeDockerd
}

export const test = base.extend<Fixtures>({
  fakeOptions: [{ images: 2 }, { option: true }],
  fake: async ({ fakeOptions }, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'naru-e2e-fake-'))
    const fake = await startFakeDockerd({ ...fakeOptions, socketPath: join(folder, 'd.sock') })
    await use(fake)
    await fake.close()
    await rm(folder, { recursive: true, force: true })
  },
  worldOptions: async ({ fake }, use) => use({ sockets: [fake.socketPath] }),
})
