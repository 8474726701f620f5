/** The container the docker CLI makes of a line and the one Naru makes of it: the same to `docker inspect`. */
import { request } from 'node:http'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { parseRunCommand, toCreateRequest } from '../../engine/containers/run-command.ts'
import { exec } from '../../engine/system/exec.ts'
import { RUN_COMMANDS } from '../fixtures/run-commands.ts'
import { busyboxArchive } from '../support/busybox-image.ts'
import { cliEnvironment } from '../support/docker-cli.ts'
import { allCases } from '../support/cases.ts'
import type { Suite } from '../support/cases.ts'
import type { RealEngine } from '../support/real-engine.ts'

/** Each is made but not started: a container of that kind could not run on every machine of the tests. */
const asCreate = (line: string): string =>
  line.replace(/^((?:\w+=\S* )?docker (?:container )?)run/, '$1create').replace(/ (?:--detach|-d=true|-d)(?= )/, '').replace(/ -d(it|P) /, ' -$1 ')

/** Names of what differs between two containers of one line. */
const OWN = ['Id', 'Created', 'Name', 'ResolvConfPath', 'HostnamePath', 'HostsPath', 'LogPath']

/** Lines of the fixture, or as many of them as `every` leaves over: one of `every`. */
export function runCommandSuite({ start, cases: it = allCases }: Suite, every = 1): void {
  const lines = RUN_COMMANDS.map(asCreate).filter((_, index) => index % every === 0)
  let engine: RealEngine
  let folder = ''

  function call(method: string, path: string, body?: unknown): Promise<{ readonly status: number; readonly json: Record<string, unknown> }> {
    return new Promise((resolve, reject) => {
      const sent = body instanceof Buffer ? body : body === undefined ? undefined : JSON.stringify(body)
      const asked = request({ socketPath: engine.socketPath, method, path, headers: sent ? { 'Content-Type': body instanceof Buffer ? 'application/x-tar' : 'application/json' } : {} }, (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => (text += chunk))
        response.on('end', () => {
          let json: unknown = {}
          try {
            json = JSON.parse(text)
          } catch {
            json = { text }
          }
          resolve({ status: response.statusCode ?? 0, json: json as Record<string, unknown> })
        })
      })
      asked.on('error', reject)
      asked.end(sent)
    })
  }

  const docker = async (line: string): Promise<string> => {
    const { stdout } = await exec('/bin/bash', ['-c', line], { env: cliEnvironment(engine.socketPath, folder), timeoutMs: 60_000 })
    return stdout.trim().split('\n').at(-1) ?? ''
  }

  /** Inspect without what belongs to this one container, then without the container. */
  async function inspectAndRemove(id: string): Promise<unknown> {
    const { json } = await call('GET', `/containers/${id}/json`)
    await call('DELETE', `/containers/${id}?force=true&v=true`)
    const text = JSON.stringify(json, (key, value: unknown) => (OWN.includes(key) ? undefined : value))
    const without = JSON.parse(text.replaceAll(id, 'ID').replaceAll(id.slice(0, 12), 'SHORT').replace(/[0-9a-f]{64}/g, 'HEX')) as unknown
    // Kept by the CLI and the engine in maps of Go: no order.
    return JSON.parse(JSON.stringify(without, (key, value: unknown) =>
      ['Env', 'Binds', 'Ulimits', 'Mounts'].includes(key) && Array.isArray(value) ? [...value].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : value,
    ))
  }

  beforeAll(async () => {
    engine = await start()
    folder = await mkdtemp(join(tmpdir(), 'naru-cli-'))
    await call('POST', '/images/load', await busyboxArchive('busybox:latest'))
    const network = (Name: string, Subnet: string) => call('POST', '/networks/create', { Name, IPAM: { Config: [{ Subnet }] } })
    expect((await network('front', '10.91.0.0/24')).status).toBe(201)
    expect((await network('back', '10.92.0.0/24')).status).toBe(201)
  }, 120_000)
  afterAll(async () => {
    await engine?.close()
    await rm(folder, { recursive: true, force: true })
  }, 60_000)

  let same = 0
  const refused: string[] = []

  it.each(lines)('%s', async (line) => {
    const read = parseRunCommand(line)
    if ('errors' in read) throw new Error(JSON.stringify(read.errors))
    const { name, platform, body } = toCreateRequest(read.spec)
    const query = new URLSearchParams({ ...(name && { name }), ...(platform && { platform }) })
    let theirs: string
    try {
      theirs = await docker(line)
    } catch (error) {
      // What this engine refuses to the CLI it refuses to Naru, in the same words.
      const ours = await call('POST', `/containers/create?${query}`, body)
      expect(ours.status).toBeGreaterThanOrEqual(400)
      const words = error instanceof Error && 'detail' in error ? String(error.detail) : String(error)
      expect(words).toContain(String(ours.json['message']).slice(0, 80))
      refused.push(`${line}: ${String(ours.json['message'])}`)
      return
    }
    const expected = await inspectAndRemove(theirs)
    const ours = await call('POST', `/containers/create?${query}`, body)
    expect(ours).toMatchObject({ status: 201 })
    expect(await inspectAndRemove(String(ours.json['Id']))).toEqual(expected)
    same++
  }, 60_000)

  it('was a sample worth the name', () => {
    console.log(`${same} containers the same; refused alike by this engine:\n${refused.join('\n')}`)
    expect(same).toBeGreaterThanOrEqual(Math.floor(100 / every))
  })
}
