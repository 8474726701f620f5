/** Real servers on the loopback, and ports where nobody listens. */
import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { registryCheck } from '../../../engine/diagnostics/checks/registry.ts'
import { afterwards, outcomeOf } from './support.ts'

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  afterwards(() => new Promise((resolve) => server.close(resolve)))
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}
/** Nobody listens there any more. */
async function closedPort(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return `127.0.0.1:${port}`
}
const status = (code: number, headers = {}): RequestListener => (_request, response) => response.writeHead(code, headers).end('{}')
const asked = (hub: string, logins: readonly string[] = []) => outcomeOf(registryCheck({ hubUrl: `http://${hub}/base/`, logins: async () => logins }))

it('fails when nobody listens at the address of the Hub', async () => {
  const hub = await closedPort()
  expect(await asked(hub)).toMatchObject({ state: 'failed', why: 'hub', params: { registry: hub }, error: { code: 'registry.unreachable' }, fixes: [{ kind: 'screen', screen: 'settings' }] })
})

it.each([200, 401, 403, 404])('takes %s for an answer', async (code) => {
  expect(await asked(await serve(status(code)))).toMatchObject({ state: 'passed', why: 'reached' })
})

it('tells a page that answers in place of the Hub, a server in trouble, and one that limits', async () => {
  expect(await asked(await serve(status(302, { location: 'http://login.example/' })))).toMatchObject({ state: 'failed', why: 'portal' })
  expect(await asked(await serve(status(502)))).toMatchObject({ state: 'failed', why: 'hub' })
  expect(await asked(await serve(status(429)))).toMatchObject({ state: 'warned', why: 'limited', error: { code: 'rate-limited' } })
})

it('warns when a registry with a login is away, and asks the Hub only once', async () => {
  const paths: (string | undefined)[] = []
  const hub = await serve((request, response) => {
    paths.push(request.url)
    response.end('{}')
  })
  const [away, there] = [await closedPort(), await serve(status(401))]
  expect(await asked(hub, ['docker.io', there, away])).toMatchObject({ state: 'warned', why: 'login', params: { registry: away }, fixes: [{ kind: 'screen', screen: 'registries' }] })
  expect(paths).toEqual(['/base/v2/'])
  expect(await asked(hub, [there])).toMatchObject({ state: 'passed', params: { registries: `${hub}, ${there}` } })
})
