/** The embedded engine behind either shell: it comes up by itself, and outlives the window. */
import { askEngine, engineSocket, whyNoEngine } from './support/engine.ts'
import { startShell } from './support/shells.ts'
import type { ShellName } from './support/shells.ts'
import { expect, test } from './support/naru.ts'

test.use({ worldOptions: { engine: 'native' } })
test.skip(whyNoEngine() !== null, whyNoEngine() ?? '')

interface Version {
  readonly Version: string
}
interface Info {
  readonly ID: string
}

test('starts with the window and lives on when it closes', async ({ naru, world, faults }, info) => {
  test.setTimeout(120_000)
  const socket = engineSocket(world)
  const version = (): Promise<string> => askEngine<Version>(socket, '/version').then((answer) => answer.Version, () => '')
  await expect.poll(version, { timeout: 60_000 }).toMatch(/^\d+\./)
  await expect(naru.page.getByText(await version().then((text) => text.split('+')[0] ?? text)).first()).toBeVisible()
  const { ID } = await askEngine<Info>(socket, '/info')
  await naru.close()
  expect((await askEngine<Info>(socket, '/info')).ID).toBe(ID)
  const again = await startShell(info.project.name as ShellName, world, faults.watch)
  await expect(again.page.locator('#app')).not.toBeEmpty()
  await again.close()
})
