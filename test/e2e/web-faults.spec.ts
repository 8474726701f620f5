/**
 * The engine's processes and the page killed, seeded, while lists, a log, a terminal and a pull are in front: what is shown
 * returns to the truth by itself, within five seconds of the engine's return. NARU_FAULT_SEED chooses another order.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from '@playwright/test'
import { findContainerd, findDaemon } from '../../engine/providers/native/find.ts'
import { createRandom } from '../fake-dockerd/world.ts'
import { startRegistry } from '../support/registry.ts'
import { dockerOf, WELCOME_ARCHIVE, WELCOME_IMAGE } from './support/daemon.ts'
import { openDoor } from './support/door.ts'
import { askEngine, enginePaths, engineSocket, whyNoEngine } from './support/engine.ts'
import { writeLayered } from './support/layers.ts'
import { expect, test } from './support/naru.ts'
import { list, logLines, open, runPanel } from './support/parts.ts'
import { canRunRegistry } from './support/shop.ts'

const SEED = Number(process.env['NARU_FAULT_SEED'] ?? 7)
/** What is promised: milliseconds from the engine's return to the truth on the screen. */
const RETURN_MS = 5_000
const TALK = ['sh', '-c', 'i=0; while true; do i=$((i+1)); echo "line $i"; sleep 0.1; done']

interface Listed {
  readonly Names: readonly string[]
  readonly State: string
}
const STATE_WORDS: Readonly<Record<string, RegExp>> = { running: /Up/, exited: /Exited/, created: /Created/ }

/** The engine's own list, or null while it does not answer. */
const truth = (socket: string): Promise<readonly Listed[] | null> => askEngine<Listed[]>(socket, '/containers/json?all=true').catch(() => null)

/** Why the rows are not what the engine says; empty when they are. */
async function differences(page: Page, listed: readonly Listed[]): Promise<string> {
  const rows = await list(page, 'Containers').getByRole('row').allInnerTexts().catch(() => [])
  const wrong = listed.flatMap(({ Names: [name = ''], State }) => {
    const shown = rows.find((text) => text.split(/\s/).includes(name.slice(1)))
    return shown && STATE_WORDS[State]?.test(shown) ? [] : [`${name} is ${State}, shown ${JSON.stringify(shown)}`]
  })
  if (rows.length - 1 !== listed.length) wrong.push(`${rows.length - 1} rows for ${listed.length} containers`)
  if (await page.getByText('unreachable').first().isVisible()) wrong.push('the engine is shown as unreachable')
  return wrong.join('; ')
}

/** Milliseconds from the engine's first answer until the page shows what it holds. Fails after twice what is promised. */
async function returnTime(page: Page, socket: string): Promise<number> {
  for (const end = Date.now() + 30_000; (await truth(socket)) === null; await sleep(20)) if (Date.now() > end) throw new Error('the engine did not come back')
  const back = performance.now()
  for (;;) {
    const wrong = await differences(page, (await truth(socket)) ?? [])
    if (wrong === '') return performance.now() - back
    if (performance.now() - back > 2 * RETURN_MS) throw new Error(`not the truth ${2 * RETURN_MS} ms after the engine’s return: ${wrong}`)
    await sleep(20)
  }
}

interface Victim {
  readonly name: string
  readonly pid: number
}

test.describe('killed under open windows', () => {
  test.use({ worldOptions: { engine: 'native' } })
  test.skip(whyNoEngine() !== null, whyNoEngine() ?? '')
  test.skip(!canRunRegistry, 'docker-registry is not installed')

  test('dockerd, containerd and pages: the truth is back by itself, logs go on, what was typed stays', async ({ page, world, naru }, info) => {
    test.setTimeout(150_000)
    const random = createRandom(SEED)
    const times: { readonly what: string; readonly ms: number }[] = []
    const registry = await startRegistry()
    const door = await openDoor(registry.port)
    const image = `localhost:${door.port}/team/app:1`
    try {
      await expect(page.getByRole('complementary').getByRole('link', { name: /ready/ })).toBeVisible({ timeout: 60_000 })
      const socket = engineSocket(world)
      const docker = dockerOf(socket)
      const archive = info.outputPath('image.tar')
      await Promise.all([docker('load', '-i', WELCOME_ARCHIVE), writeLayered(archive, 1, 8_000_000)])
      await registry.seed(archive, 'team/app', '1')
      const run = (name: string, ...command: readonly string[]) => docker('run', '-d', '--name', name, WELCOME_IMAGE, ...command)
      const victimOf = async (name: string): Promise<Victim> => {
        // What a killed engine had begun may stand in the way of the same name.
        await expect(async () => {
          await docker('rm', '-f', name).catch(() => undefined)
          await run(name, 'sleep', '3600')
        }).toPass({ timeout: 15_000 })
        return { name, pid: Number(await docker('inspect', '--format', '{{.State.Pid}}', name)) }
      }
      const [talker, box] = [await run('talker', ...TALK), await run('box', 'sleep', '3600')]

      const another = async (path: string): Promise<Page> => {
        const opened = await naru.context.newPage()
        await opened.goto(new URL(`#/${path}`, page.url()).href)
        return opened
      }
      await open(page, 'Containers')
      let logPage = await another(`containers/${talker}?tab=logs`)
      const terminalPage = await another(`containers/${box}?tab=terminal`)
      const pullPage = await another('images')
      const runPage = await another('containers')
      await runPage.getByRole('button', { name: 'Run…' }).first().click()
      const draft = runPanel(runPage).getByRole('combobox', { name: 'Image' })
      await draft.fill('half/typed:na')
      await pullPage.getByRole('button', { name: 'Pull…' }).first().click()
      const dialog = pullPage.getByRole('dialog', { name: 'Pull an image' })
      const typed = dialog.getByRole('textbox', { name: 'Image' })
      const card = dialog.getByRole('article', { name: `Pull of ${image}` }).first()

      const lastLine = async (): Promise<number> => Math.max(0, ...[...(await logLines(logPage, 'talker').innerText()).matchAll(/line (\d+)/g)].map(([, number]) => Number(number)))
      const shell = async (word: string): Promise<void> => {
        const begin = terminalPage.getByRole('button', { name: /^Open (again|terminal)$/ })
        const input = terminalPage.getByRole('textbox', { name: 'Terminal sh in box' })
        await expect(begin.or(input).first()).toBeVisible()
        if (await begin.isVisible()) await begin.click()
        await expect(async () => {
          await input.focus()
          await terminalPage.keyboard.type(`echo ${word.slice(0, 2)}""${word.slice(2)}\n`)
          await expect(terminalPage.locator('[data-terminal] .xterm-rows').last()).toContainText(word, { timeout: 1_500 })
        }).toPass({ timeout: 15_000 })
      }
      await shell('before')

      const killed = async (what: 'dockerd' | 'containerd', round: number): Promise<void> => {
        const victim = await victimOf(`victim-${round}`)
        const paths = enginePaths(world)
        const [daemon, containerd] = [await findDaemon(paths), await findContainerd(paths)]
        const found = what === 'dockerd' ? daemon : containerd
        if (!found || !daemon) throw new Error(`no ${what} runs`)
        door.mood = 'slow'
        if (round === 0) {
          await typed.fill(image)
          await dialog.getByRole('button', { name: 'Pull', exact: true }).click()
          await typed.fill('typed/by-hand:1')
        }
        const before = await lastLine()
        await sleep(random() * 500)
        process.kill(found.pid, 'SIGKILL')
        // What happens while nobody watches must be seen afterwards.
        process.kill(victim.pid, 'SIGKILL')
        // A dockerd that lost its containerd answers for a moment yet: its return is that of the next one.
        await expect.poll(async () => (await findDaemon(paths))?.pid ?? daemon.pid, { timeout: 30_000 }).not.toBe(daemon.pid)
        const ms = await returnTime(page, socket)
        times.push({ what, ms })
        expect(ms, `${what} to the truth`).toBeLessThan(RETURN_MS)
        await expect.poll(lastLine, { timeout: RETURN_MS }).toBeGreaterThan(before + 5)
        await expect(typed).toHaveValue('typed/by-hand:1')
        await expect(draft).toHaveValue('half/typed:na')
      }

      const plan = ['dockerd', 'containerd', 'dockerd'] as const
      for (const [round, what] of plan.entries()) await killed(what, round)
      await shell('after')
      // The pull that was under way was not left hanging: it says what happened, and goes on when asked.
      await expect(card.getByRole('alert')).toContainText('The engine')
      door.mood = 'open'
      await card.getByRole('button', { name: 'Try again' }).click()
      await expect(dialog.getByRole('article', { name: `Pull of ${image}` }).filter({ hasText: 'pulled in' }).first()).toBeVisible({ timeout: 30_000 })

      // A page that crashed is opened anew; the others do not notice.
      const before = await lastLine()
      const crashed = new Promise((resolve) => logPage.once('crash', resolve))
      await Promise.all([crashed, logPage.goto('chrome://crash').catch(() => undefined)])
      const gone = performance.now()
      logPage = await another(`containers/${talker}?tab=logs`)
      await expect.poll(lastLine, { timeout: RETURN_MS }).toBeGreaterThan(before)
      times.push({ what: 'page', ms: performance.now() - gone })
      expect(await differences(page, (await truth(socket)) ?? [])).toBe('')
      const numbers = [...(await logLines(logPage, 'talker').innerText()).matchAll(/line (\d+)/g)].map(([, number]) => Number(number))
      expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, at) => (numbers[0] ?? 0) + at))
    } finally {
      const sorted = times.map(({ ms }) => Math.round(ms)).sort((a, b) => a - b)
      console.log(`return to the truth, seed ${SEED}: ${times.map(({ what, ms }) => `${what} ${Math.round(ms)} ms`).join(', ')}; n ${sorted.length}, median ${sorted[Math.floor(sorted.length / 2)]} ms, most ${sorted.at(-1)} ms`)
      await door.close()
      await registry.close()
    }
  })
})
