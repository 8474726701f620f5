/** Real listeners on the loopback, and ports where nobody listens. */
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import type { ContainerRow, RowPort } from '../../../engine/contract/models.ts'
import { portsCheck } from '../../../engine/diagnostics/checks/ports.ts'
import { row } from '../../support/rows.ts'
import { afterwards, outcomeOf } from './support.ts'

async function listening(): Promise<number> {
  const server = createServer((socket) => socket.on('error', () => undefined).resume())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  afterwards(() => new Promise((resolve) => server.close(resolve)))
  return (server.address() as AddressInfo).port
}
async function silentPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
const published = (name: string, hostPort: number, more: Partial<RowPort> = {}): ContainerRow => row({ name, ports: [{ containerPort: 80, protocol: 'tcp', hostIp: '127.0.0.1', hostPort, ...more }] })
const asked = (...rows: readonly ContainerRow[]) => outcomeOf(portsCheck({ rows }))

it('fails when no published port answers at all', async () => {
  const [web, api] = [await silentPort(), await silentPort()]
  expect(await asked(published('web', web), published('api', api))).toMatchObject({ state: 'failed', why: 'all-silent', params: { ports: `${web} (web), ${api} (api)` }, fixes: [{ kind: 'screen', screen: 'ports' }] })
})

it('warns of one that does not answer beside others, and of one that is not open', async () => {
  const [web, api] = [await listening(), await silentPort()]
  expect(await asked(published('web', web), published('api', api))).toMatchObject({ state: 'warned', why: 'silent', params: { ports: `${api} (api)` } })
  expect(await asked(published('web', web, { conflict: { kind: 'held', running: true } }))).toMatchObject({ state: 'warned', why: 'closed', params: { ports: `${web} (web)` } })
})

it('is content when all answer and when none is published; without an engine there is nothing to try', async () => {
  expect(await asked(published('web', await listening()))).toMatchObject({ state: 'passed', why: 'reached', params: { count: 1 } })
  expect(await asked(row())).toMatchObject({ state: 'passed', why: 'none' })
  expect(await outcomeOf(portsCheck({ rows: null }))).toMatchObject({ state: 'skipped' })
})
