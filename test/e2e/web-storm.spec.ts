/** A storm of events, a stopped engine room and a wall clock that is set: the window stays usable, and true afterwards. */
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from '@playwright/test'
import type { FakeDockerd } from '../fake-dockerd/fake-dockerd.ts'
import { expect, test } from './support/fake.ts'
import { list, open, row } from './support/parts.ts'

const DAY_S = 86_400
const asked = (fake: FakeDockerd, path: string): number => fake.requests.filter((request) => request.includes(path)).length

/** Resident memory of a process, MB. */
async function residentMb(pid: number): Promise<number> {
  return Number(/^VmRSS:\s+(\d+)/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024
}

test.describe('a storm', () => {
  test.use({ fakeOptions: { containers: 200, images: 3 } })
  const EVENTS = 20_000
  const PER_SECOND = 5_000

  /** Starts and ends containers, 5 000 events a second in ticks of 10 ms; gives the rate it reached. */
  async function rage({ world }: FakeDockerd): Promise<number> {
    const all = [...world.containers.values()]
    const began = performance.now()
    for (let sent = 0, at = 0; sent < EVENTS; ) {
      const due = Math.min(EVENTS, (performance.now() - began) * (PER_SECOND / 1_000))
      for (; sent < due; at++) {
        const container = all[at % all.length]
        if (container && (world.start(container) || world.exit(container, at % 3))) sent++
      }
      await sleep(10)
    }
    return EVENTS / ((performance.now() - began) / 1_000)
  }

  /** Milliseconds from a key to the frame that follows it, as the page measures it. */
  async function watchKeys(page: Page): Promise<() => Promise<number[]>> {
    await page.evaluate(() => {
      const delays: number[] = []
      Object.assign(window, { keyDelays: delays })
      window.addEventListener('keydown', ({ timeStamp }) => requestAnimationFrame(() => delays.push(performance.now() - timeStamp)), true)
    })
    return () => page.evaluate(() => (window as unknown as { keyDelays: number[] }).keyDelays)
  }

  test('5 000 events a second: keys are heard, lists are asked for seldom, memory is bounded, and the end is the truth', async ({ page, fake, naru }) => {
    await open(page, 'Containers')
    const table = list(page, 'Containers')
    await page.getByRole('button', { name: 'Group by project' }).click()
    await expect(table).toHaveAttribute('aria-rowcount', '201')
    const delays = await watchKeys(page)
    const filter = page.getByRole('searchbox', { name: 'Filter containers' })
    const [memory, lists] = [await residentMb(naru.pid), asked(fake, '/containers/json')]
    let over = false
    const raging = rage(fake).finally(() => (over = true))
    await filter.focus()
    for (let at = 0; !over; at++) {
      await page.keyboard.press(at % 2 === 0 ? 'x' : 'Backspace')
      await sleep(60)
    }
    const rate = await raging
    const grown = (await residentMb(naru.pid)) - memory
    const asks = asked(fake, '/containers/json') - lists
    await filter.fill('')
    const running = [...fake.world.containers.values()].filter(({ state }) => state === 'running')
    await filter.fill('is:running ')
    await expect(table).toHaveAttribute('aria-rowcount', String(running.length + 1), { timeout: 5_000 })
    // A further word of the same kind is one more that fits: all of them, each with its own state.
    await filter.fill('is:exited ')
    await expect(table).toHaveAttribute('aria-rowcount', '201')
    const wrong = async (): Promise<readonly string[]> =>
      (await table.getByRole('row').allInnerTexts()).filter((text) => {
        const container = fake.world.findContainer(/\bfake_\d+/.exec(text)?.[0] ?? '')
        return container && !text.includes(container.state === 'running' ? 'Up' : 'Exited')
      })
    await expect.poll(wrong, { timeout: 5_000 }).toEqual([])
    const keys = (await delays()).sort((a, b) => a - b)
    console.log(`storm: ${EVENTS} events at ${Math.round(rate)}/s, ${asks} lists, +${Math.round(grown)} MB, ${keys.length} keys, median ${Math.round(keys[keys.length >> 1] ?? 0)} ms, most ${Math.round(keys.at(-1) ?? 0)} ms`)
    // One list per event would be thousands; what is kept of events is a few hundred small objects.
    expect(asks).toBeLessThan(EVENTS / 50)
    expect(grown).toBeLessThan(200)
  })
})

test.describe('time', () => {
  const LIBRARY = '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1'
  const file = join(tmpdir(), `naru-e2e-clock-${process.pid}`)
  test.use({
    fakeOptions: { containers: 2, images: 1 },
    worldOptions: async ({ fake }, use) => {
      writeFileSync(file, '+0')
      // Timers keep the steady clock, as they do when a person sets the time.
      await use({ sockets: [fake.socketPath], env: { LD_PRELOAD: LIBRARY, FAKETIME_TIMESTAMP_FILE: file, FAKETIME_NO_CACHE: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1' } })
    },
  })
  test.skip(!existsSync(LIBRARY), 'libfaketime is not installed (package faketime)')
  test.afterAll(() => rmSync(file, { force: true }))

  /** Sets the wall clock of the engine room and of the page, seconds from the machine's. */
  async function setClock(page: Page, seconds: number): Promise<void> {
    writeFileSync(file, `${seconds >= 0 ? '+' : ''}${seconds}`)
    await page.evaluate((shift) => {
      const clock = window as unknown as { wall?: () => number }
      const wall = (clock.wall ??= Date.now.bind(Date))
      Date.now = () => wall() + shift
    }, seconds * 1_000)
  }

  test('set a day on, a day back, and stopped for eleven seconds: no reconnect, no operation lost, times right at once', async ({ page, fake, naru }) => {
    await open(page, 'Containers')
    await expect(row(page, 'fake_1')).toBeVisible()
    fake.faults.hang = /images\/create/
    await open(page, 'Images')
    await page.getByRole('button', { name: 'Pull…' }).first().click()
    const dialog = page.getByRole('dialog', { name: 'Pull an image' })
    await dialog.getByRole('textbox', { name: 'Image' }).fill('acme/slow:1')
    await dialog.getByRole('button', { name: 'Pull', exact: true }).click()
    await expect.poll(() => asked(fake, '/images/create')).toBe(1)
    await page.keyboard.press('Escape')
    await open(page, 'Containers')
    let sockets = 0
    page.on('websocket', () => (sockets += 1))
    const [streams, connections] = [asked(fake, '/events'), fake.connections()]
    const makeNow = (name: string, shift: number): void => {
      const made = fake.world.create(name, 'fake/image0:latest')
      fake.world.start(made)
      made.startedAt += shift * 1_000
    }
    const beat = async (): Promise<void> => {
      const before = asked(fake, '/_ping')
      await expect.poll(() => asked(fake, '/_ping'), { timeout: 15_000 }).toBeGreaterThan(before)
    }

    await setClock(page, DAY_S)
    makeNow('a-day-on', DAY_S)
    await expect(row(page, 'a-day-on')).toContainText(/Up (less|\d+ second)/)
    await beat()

    process.kill(naru.pid, 'SIGSTOP')
    try {
      await setClock(page, -DAY_S)
      makeNow('a-day-back', -DAY_S)
      await sleep(11_000)
    } finally {
      process.kill(naru.pid, 'SIGCONT')
    }
    const woken = performance.now()
    await expect(row(page, 'a-day-back')).toContainText(/Up (less|\d+ second)/, { timeout: 5_000 })
    console.log(`stopped for 11 s: the truth ${Math.round(performance.now() - woken)} ms after it went on`)
    await beat()
    await expect(page.getByRole('complementary').getByRole('link', { name: /ready/ })).toBeVisible()
    await expect(page.getByText('Reconnecting to the engine room…')).toBeHidden()
    expect(sockets).toBe(0)
    expect(asked(fake, '/events')).toBe(streams)
    expect(fake.connections()).toBeLessThanOrEqual(connections + 2)
    await open(page, 'Activity')
    const operation = page.getByRole('row').filter({ hasText: 'acme/slow:1' }).or(page.getByRole('article').filter({ hasText: 'acme/slow:1' })).first()
    await expect(operation.getByRole('button', { name: /Cancel/ })).toBeVisible()
    expect(asked(fake, '/images/create')).toBe(1)
  })
})
