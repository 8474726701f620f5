/** The engine room's process dies under an open window. */
import { readFile } from 'node:fs/promises'
import { argumentsOf, listProcesses } from '../../engine/system/processes.ts'
import type { World } from './support/environment.ts'
import { expect, test } from './support/fake.ts'
import { open, row } from './support/parts.ts'

test.use({ fakeOptions: { containers: 3, images: 1 } })

/** Process id of the engine room of this world. */
async function engineRoom(world: World): Promise<number> {
  for (const pid of await listProcesses()) {
    const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '')
    if (!environment.includes(`NARU_HOME=${world.home}\0`)) continue
    if (/engine-process|node\.mojom\.NodeService/.test((await argumentsOf(pid)).join(' '))) return pid
  }
  throw new Error('there is no engine room')
}

test('killed, it is started again and the page goes on with what the engine holds', async ({ page, world, fake }) => {
  await open(page, 'Containers')
  await expect(row(page, 'fake_1')).toBeVisible()
  const before = await engineRoom(world)
  process.kill(before, 'SIGKILL')
  fake.world.create('made-meanwhile', 'fake/image0:latest')
  await expect(row(page, 'made-meanwhile')).toBeVisible({ timeout: 20_000 })
  await expect(page.getByText('Reconnecting to the engine room…')).toBeHidden()
  expect(await engineRoom(world)).not.toBe(before)
  await row(page, 'made-meanwhile').getByRole('button', { name: 'Start made-meanwhile', exact: true }).click()
  await expect(row(page, 'made-meanwhile')).toContainText('Up')
})
