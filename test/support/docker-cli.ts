/** The real docker CLI of the bundle, asked what it would send: a socket that records `POST /containers/create`. */
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { exec } from '../../engine/system/exec.ts'

const CACHE = process.env['NARU_TEST_CACHE'] ?? resolve(import.meta.dirname, '../../.naru/cache')
const BIN = join(CACHE, 'engine/bin')

/** Why the CLI cannot be asked here; null when it can. */
export const whyNoCli = (): string | null => (existsSync(join(BIN, 'docker')) ? null : 'no docker CLI in the engine bundle')

export interface Recorded {
  readonly name: string
  readonly platform: string
  readonly body: Readonly<Record<string, unknown>>
}

export interface Recorder {
  /** Runs a line through `sh` and gives what the CLI asked the engine to create. @throws the CLI's own words when it refused */
  readonly record: (line: string) => Promise<Recorded>
  readonly close: () => Promise<void>
}

/** Environment in which `docker` is the bundle's and talks to `socket`. */
export function cliEnvironment(socket: string, folder: string): NodeJS.ProcessEnv {
  return { PATH: `${BIN}:/usr/bin:/bin`, DOCKER_HOST: `unix://${socket}`, DOCKER_CONFIG: folder, HOME: folder }
}

/** Output of `docker …`, as the CLI prints it. */
export async function dockerHelp(...args: string[]): Promise<string> {
  return (await exec(join(BIN, 'docker'), args, { env: { PATH: BIN }, timeoutMs: 30_000 })).stdout
}

export async function startRecorder(): Promise<Recorder> {
  const folder = await mkdtemp(join(tmpdir(), 'naru-cli-'))
  const socket = join(folder, 'r.sock')
  let recorded: Recorded | null = null
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://engine')
      response.setHeader('Api-Version', '1.51')
      response.setHeader('Ostype', 'linux')
      response.setHeader('Content-Type', 'application/json')
      if (url.pathname.endsWith('/_ping')) response.end('OK')
      else if (url.pathname.endsWith('/containers/create')) {
        const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, unknown>
        recorded = { name: url.searchParams.get('name') ?? '', platform: url.searchParams.get('platform') ?? '', body }
        response.writeHead(201).end(JSON.stringify({ Id: 'a'.repeat(64), Warnings: [] }))
      } else if (url.pathname.endsWith('/start')) response.writeHead(204).end()
      else response.writeHead(404).end(JSON.stringify({ message: 'recorded' }))
    })
  })
  await new Promise<void>((done) => server.listen(socket, done))
  return {
    record: async (line) => {
      recorded = null
      let words = ''
      try {
        await exec('/bin/bash', ['-c', line], { env: cliEnvironment(socket, folder), timeoutMs: 30_000 })
      } catch (error) {
        words = String(error)
      }
      if (!recorded) throw new Error(`the CLI sent nothing for ${line}: ${words}`)
      return recorded
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Members that mean something even when they are empty. */
const KEPT = new Set(['Init', 'StopTimeout', 'MaskedPaths', 'ReadonlyPaths'])
/** The CLI keeps them in maps of Go, which have no order. */
const UNORDERED = new Set(['Env', 'Binds', 'Ulimits'])
const isEmpty = (value: unknown): boolean =>
  value === null || value === undefined || value === '' || value === 0 || value === false ||
  (typeof value === 'object' && Object.keys(value).length === 0)

/** A body without what says nothing, so that `[]`, `null` and absent are the same. Attached networks stay by name. */
export function plainBody(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) {
    const members = value.map((each) => plainBody(each))
    return UNORDERED.has(key) ? members.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : members
  }
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).map(([name, each]) => [name, plainBody(each, name)] as const)
  return Object.fromEntries(members.filter(([name, each]) => key === 'EndpointsConfig' || (KEPT.has(name) && each !== null) || !isEmpty(each)))
}
