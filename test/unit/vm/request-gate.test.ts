import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { asksForFolders, bindSources } from '../../../engine/providers/vm/bind-sources.ts'
import { HELD_MAX, RequestGate } from '../../../engine/providers/vm/request-gate.ts'
import type { GateRules } from '../../../engine/providers/vm/request-gate.ts'

const rules: GateRules = {
  holds: ({ path }) => path.startsWith('/held') || path.startsWith('/exec'),
  hijacks: ({ path }) => path.startsWith('/attach'),
  judge: async ({ path }, body) => {
    if (path.startsWith('/exec')) return { hijack: body.toString() !== 'detached' }
    return body.includes('bad') ? { refuse: 'no' } : {}
  },
}

const request = (path: string, body: string, chunks?: number): string => {
  if (chunks === undefined) return `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  const size = Math.max(1, Math.ceil(body.length / chunks))
  const parts = body.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? []
  return `POST ${path} HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n${parts.map((part) => `${part.length.toString(16)};x=1\r\n${part}\r\n`).join('')}0\r\nTrailer: t\r\n\r\n`
}

async function pass(gate: RequestGate, pieces: readonly string[]): Promise<{ out: string; refuse: string | undefined }> {
  let out = ''
  let refuse: string | undefined
  for (const piece of pieces) {
    const each = await gate.push(Buffer.from(piece, 'latin1'))
    out += Buffer.concat([...each.out]).toString('latin1')
    refuse ??= each.refuse
  }
  return { out, refuse }
}

const cut = (text: string, places: readonly number[]): string[] => {
  const at = [0, ...places.map((place) => place % (text.length + 1)).sort((a, b) => a - b), text.length]
  return at.slice(1).map((end, index) => text.slice(at[index], end))
}

const body = fc.stringMatching(/^[ -~\r\n]{0,60}$/).map((text) => text.replaceAll('bad', 'good'))
const one = fc.tuple(fc.constantFrom('/plain', '/held', '/held/more?x=1'), body, fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined })).map(([path, text, chunks]) => request(path, text, chunks))

describe('requests on their way to the engine', () => {
  it('pass unchanged, whatever the pieces', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(one, { maxLength: 5 }), fc.array(fc.nat(), { maxLength: 12 }), async (requests, places) => {
        const whole = requests.join('')
        expect(await pass(new RequestGate(rules), cut(whole, places))).toEqual({ out: whole, refuse: undefined })
      }),
    )
  })

  it('a held one that is refused ends the connection, and nothing of it or after it goes on', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(one, { maxLength: 3 }), fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }), fc.array(fc.nat(), { maxLength: 12 }), async (before, chunks, places) => {
        const whole = before.join('')
        expect(await pass(new RequestGate(rules), cut(`${whole}${request('/held', 'so bad', chunks)}${request('/plain', 'after')}`, places))).toEqual({ out: whole, refuse: 'no' })
      }),
    )
  })

  it('whatever the bytes are, they pass or end the connection', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(one, fc.string({ maxLength: 40 }), fc.constantFrom('\r\n\r\n', 'Transfer-Encoding: chunked\r\n', 'POST /held HTTP/1.1\r\n'))), async (pieces) => {
        const { out } = await pass(new RequestGate(rules), pieces)
        expect(Buffer.from(pieces.join(''), 'latin1').toString('latin1').startsWith(out)).toBe(true)
      }),
    )
    for (const bad of ['nonsense\r\n\r\n', 'POST /held HTTP/1.1\r\nContent-Length: x\r\n\r\n', 'POST /held HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', request('/held', 'x'.repeat(HELD_MAX + 1))]) {
      expect((await pass(new RequestGate(rules), [bad])).refuse).toContain('does not understand')
    }
  })

  it('a connection that is taken over is open from the engine’s agreement on; one that is not is looked at as before', async () => {
    const upgrade = 'POST /session HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n'
    for (const [asking, yes, no] of [[upgrade, '101 UPGRADED', '200 OK'], [request('/attach', ''), '200 OK', '409 Conflict'], [request('/exec', '{}'), '200 OK', '404 Not Found']] as const) {
      const agreed = new RequestGate(rules)
      expect((await pass(agreed, [`${asking}early`])).out).toBe(asking)
      // The answer may come in pieces.
      expect(agreed.answered(Buffer.from('HTTP/1.1 '))).toBe(false)
      expect(agreed.waits).toBe(true)
      expect(agreed.answered(Buffer.from(`${yes}\r\n`))).toBe(true)
      expect(Buffer.concat([...(await agreed.resume()).out]).toString()).toBe('early')
      expect(await pass(agreed, [request('/held', 'bad')])).toEqual({ out: request('/held', 'bad'), refuse: undefined })

      const refused = new RequestGate(rules)
      await pass(refused, [asking])
      expect(refused.answered(Buffer.from(`HTTP/1.1 ${no}\r\n`))).toBe(true)
      expect((await refused.resume()).out).toEqual([])
      expect((await pass(refused, [request('/held', 'bad')])).refuse).toBe('no')
    }
    const detached = new RequestGate(rules)
    await pass(detached, [request('/exec', 'detached')])
    expect(detached.waits).toBe(false)
    expect((await pass(detached, [request('/held', 'bad')])).refuse).toBe('no')
  })
})

describe('folders a request asks for', () => {
  it('are those of bind mounts, however they are written', () => {
    expect(bindSources({ HostConfig: { Binds: ['/a:/x', '/b:/y:ro', 'name:/z', 7], Mounts: [{ Type: 'bind', Source: '/c' }, { Type: 'volume', Source: '/no' }, { Type: 'tmpfs' }] } })).toEqual(['/a', '/b', '/c'])
    expect(bindSources({ hostconfig: { binds: ['/a:/x'], MOUNTS: [{ type: 'bind', source: '/c' }] } })).toEqual(['/a', '/c'])
    expect(bindSources({ HostConfig: { Mounts: [{ Type: 'volume', VolumeOptions: { DriverConfig: { Options: { type: 'none', o: 'ro,bind', device: '/d' } } } }] } })).toEqual(['/d'])
    expect(bindSources({ Driver: 'local', DriverOpts: { type: 'none', o: 'bind', device: '/e' } })).toEqual(['/e'])
    expect(bindSources({ DriverOpts: { type: 'nfs', o: 'addr=1.2.3.4', device: ':/export' } })).toEqual([])
    expect(bindSources({ TaskTemplate: { ContainerSpec: { Mounts: [{ Type: 'bind', Source: '/f' }] } } })).toEqual(['/f'])
  })

  it('whatever the body is, it is read', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => void expect(bindSources(value)).toEqual(expect.any(Array))))
  })

  it.each([
    ['POST', '/v1.51/containers/create?name=x', true],
    ['POST', '/containers/create', true],
    ['POST', '/v1.41/volumes/create', true],
    ['POST', '/services/create', true],
    ['POST', '/v1.51/services/abc/update?version=1', true],
    ['GET', '/containers/create', false],
    ['POST', '/containers/create/x', false],
    ['POST', '/containers/abc/start', false],
  ])('%s %s: %s', (method, path, wanted) => expect(asksForFolders(method, path)).toBe(wanted))
})
