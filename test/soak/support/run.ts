/** The run itself: rounds of all actions in an order of chance, with a look at everything in between, always in the same state. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from '@playwright/test'
import { notices, open, runPanel } from '../../e2e/support/parts.ts'
import { ACTIONS } from '../actions/index.ts'
import { chanceOf, shuffled } from './chance.ts'
import { watchPage } from './page.ts'
import type { PageFigures } from './page.ts'
import { measureRoom, writeHeap } from './room.ts'
import type { RoomFigures } from './room.ts'
import { expect, heading } from './scene.ts'
import { CONTAINERS, must, nameOf, pictureOf } from './stage.ts'
import type { Engine, Naru } from './stage.ts'

export interface Look {
  /** Minutes since the first look. */
  readonly at: number
  /** Actions done before it. */
  readonly actions: number
  readonly page: PageFigures
  readonly room: RoomFigures
}

export interface SoakOptions {
  readonly naru: Naru
  readonly engine: Engine
  readonly minutes: number
  readonly seed: number
  readonly say: (line: string) => void
  /** Called once everything was used, and at the end, each time in the state of rest. */
  readonly atRest: (when: 'before' | 'after') => Promise<void>
}

const MINUTE = 60_000
/** Actions between two looks. */
const PER_LOOK = 4
/** Looks between two heap snapshots of the engine room, where they are wanted. */
const PER_HEAP = 8
const HEAPS = process.env['NARU_SOAK_HEAPS']

/**
 * The state of rest: Overview, nothing under way, nothing told, no list of what was done. Whoever looks at it later finds
 * the same again, unless something stayed behind.
 */
export async function rest(page: Page, engine: Engine, before: readonly string[]): Promise<void> {
  await expect.poll(() => pictureOf(engine), 'containers and images are those of the beginning').toEqual(before)
  // The form to run containers keeps what it showed last, until it is opened again: always the same, then.
  await open(page, 'Containers')
  await page.getByRole('button', { name: /^Run…/ }).click()
  await runPanel(page).getByRole('textbox', { name: 'Command line' }).fill('docker run naru/welcome')
  await expect(runPanel(page).getByRole('combobox', { name: 'Image' })).toHaveValue('naru/welcome')
  await runPanel(page).getByRole('button', { name: 'Cancel' }).click()
  await expect(runPanel(page)).toBeHidden()
  await open(page, 'Activity')
  const clear = page.getByRole('button', { name: 'Clear ended' })
  const nothing = page.getByText('Every action shows its docker command here')
  await expect(async () => {
    if (await clear.isEnabled()) await clear.click()
    await expect(nothing).toBeVisible({ timeout: 2_000 })
  }).toPass({ timeout: 60_000 })
  await open(page, 'Overview')
  await expect(heading(page, 'Overview')).toBeVisible()
  await page.mouse.move(2, 2)
  await expect(notices(page).getByRole('listitem')).toHaveCount(0)
}

/** Events of the engine the page keeps at most; until there are as many its list grows, as it should. */
const EVENTS = 1_000

/** Fills what is meant to grow up to a bound. */
async function fillLists(engine: Engine): Promise<void> {
  const names = [nameOf(CONTAINERS - 1), 'another-name'] as const
  for (let at = 0; at < EVENTS; at++) {
    const [from, to] = at % 2 === 0 ? names : [names[1], names[0]]
    await must(engine, `/containers/${from}/rename?name=${to}`)
  }
}

/** What the actions rely on, chosen once. */
export async function prepare(page: Page): Promise<void> {
  // The browser's own question where to save is not the page's.
  await page.evaluate(() => Reflect.deleteProperty(window, 'showSaveFilePicker'))
  await open(page, 'Containers')
  const group = page.getByRole('button', { name: 'Group by project' })
  if ((await group.getAttribute('aria-pressed')) === 'true') await group.click()
  await expect(group).toHaveAttribute('aria-pressed', 'false')
}

const rounded = (figures: object): string =>
  Object.entries(figures).map(([name, value]) => `${name} ${Math.round(Number(value))}`).join(', ')

/** Does what people do for `minutes`; gives what was seen in between, oldest first. */
export async function soak({ naru, engine, minutes, seed, say, atRest }: SoakOptions): Promise<readonly Look[]> {
  const { page } = naru.shell
  const chance = chanceOf(seed)
  const folder = await mkdtemp(join(tmpdir(), 'naru-soak-'))
  const before = await pictureOf(engine)
  const measurePage = await watchPage(page)
  const looks: Look[] = []
  let began = Date.now()
  let number = 0
  const round = async (after: (done: number) => Promise<void>, until: () => boolean): Promise<void> => {
    for (const { name, act } of shuffled(ACTIONS, chance)) {
      if (until()) return
      number += 1
      const at = Date.now()
      say(`${number} ${name}`)
      await act({ page, naru, engine, chance, number, folder }).catch(async (error: unknown) => {
        say(`what the page shows:\n${await page.locator('body').ariaSnapshot({ timeout: 5_000 }).catch(String)}`)
        throw new Error(`action ${number}, ${name}: ${(error as Error).message}`)
      })
      // People look at what they did.
      await sleep(Math.max(0, 500 + chance() * 1_500 - (Date.now() - at)))
      await after(number)
    }
  }
  const look = async (actions: number): Promise<void> => {
    await rest(page, engine, before)
    // The page last: a dialog lets go of the screen it was opened from a second after it was closed.
    const room = await measureRoom(naru.inspector, naru.shell.pid)
    const seen = { at: (Date.now() - began) / MINUTE, actions, room, page: await measurePage() }
    if (HEAPS !== undefined && looks.length % PER_HEAP === 0) await writeHeap(naru.inspector.send, join(HEAPS, `room-${looks.length}.heapsnapshot`))
    looks.push(seen)
    say(`at ${seen.at.toFixed(1)} min  page: ${rounded(seen.page)}  room: ${rounded(seen.room)}`)
  }
  try {
    await prepare(page)
    await fillLists(engine)
    // Everything once: code is loaded, threads are started, connections are open.
    await round(async () => undefined, () => false)
    await rest(page, engine, before)
    await atRest('before')
    began = Date.now()
    await look(number)
    const over = (): boolean => Date.now() - began > minutes * MINUTE
    while (!over()) await round(async (done) => (done % PER_LOOK === 0 ? look(done) : undefined), over)
    await look(number)
    await atRest('after')
    return looks
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
