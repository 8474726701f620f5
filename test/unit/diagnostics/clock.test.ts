/** A real server whose clock is set as wanted. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { clockCheck } from '../../../engine/diagnostics/checks/clock.ts'
import { afterwards, outcomeOf } from './support.ts'

const MINUTE = 60_000

/** `ahead`: milliseconds of its clock; null: it tells none. */
async function server(ahead: number | null): Promise<string> {
  const made = createServer((_request, response) => {
    response.sendDate = false
    if (ahead !== null) response.setHeader('date', new Date(Date.now() + ahead).toUTCString())
    response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve))
  afterwards(() => new Promise((resolve) => made.close(resolve)))
  return `http://127.0.0.1:${(made.address() as AddressInfo).port}`
}
const asked = async (ahead: number | null, engineAhead: number | null = null) =>
  outcomeOf(clockCheck({ hubUrl: await server(ahead), engineId: 'vm', engineTime: async () => (engineAhead === null ? null : Date.now() + engineAhead) }))

it.each([10 * MINUTE, -600 * MINUTE])('fails when the world is %d ms away', async (ahead) => {
  const result = await asked(ahead)
  expect(result).toMatchObject({ state: 'failed', why: 'wrong', fixes: [{ kind: 'command', command: 'sudo timedatectl set-ntp true' }] })
  expect(Math.abs(Number(result.params['offMs']) - Math.abs(ahead))).toBeLessThan(5_000)
})

it('warns of some minutes, and of an engine whose clock differs', async () => {
  expect(await asked(2 * MINUTE)).toMatchObject({ state: 'warned', why: 'off' })
  expect(await asked(0, MINUTE)).toMatchObject({ state: 'warned', why: 'engine-off', params: { engineId: 'vm' } })
  expect(await asked(0, 0)).toMatchObject({ state: 'passed', why: 'right' })
})

it('says nothing when nobody tells the time', async () => {
  expect(await asked(null)).toMatchObject({ state: 'skipped', why: 'nobody' })
})
