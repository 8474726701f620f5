/** One real engine for all specs of a worker, started outside Naru, and what a spec does to it behind Naru's back. */
import { request } from 'node:http'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { BUNDLES, makeNativeHome } from '../../support/native.ts'
import { CACHE } from './environment.ts'

const run = promisify(execFile)
export const WELCOME_IMAGE = 'naru/welcome:latest'
/** The welcome image as `docker load` takes it. */
export const WELCOME_ARCHIVE = join(CACHE, 'welcome.tar')

export interface Answer {
  readonly status: number
  readonly body: unknown
}

export interface Daemon {
  readonly socketPath: string
  /** A call of the Engine API; resolves for any status, rejects after 30 s. */
  readonly call: (method: string, path: string, body?: unknown) => Promise<Answer>
  /** The docker command line of the bundle; its output, trimmed. */
  readonly docker: (...args: string[]) => Promise<string>
  /** Runs a container of the welcome image with a command of its own; gives its id. */
  readonly start: (name: string, command?: readonly string[], more?: RunOptions) => Promise<string>
  /** Removes every container, and every image but the welcome image. */
  readonly clear: () => Promise<void>
  readonly close: () => Promise<void>
}

export interface RunOptions {
  /** Port of the host that leads to port 80. */
  readonly hostPort?: number
  readonly labels?: Readonly<Record<string, string>>
  readonly tty?: boolean
  /** Only made, not started. */
  readonly created?: boolean
}

interface Named {
  readonly Id: string
  readonly RepoTags?: readonly string[] | null
}

function call(socketPath: string, method: string, path: string, body?: unknown): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const payload = body === undefined ? undefined : JSON.stringify(body)
    const headers = payload === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }
    const asked = request({ socketPath, method, path, headers, timeout: 30_000 }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (part: string) => (text += part))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: parse(text) }))
    })
    asked.on('timeout', () => asked.destroy(new Error(`${method} ${path}: no answer`)))
    asked.on('error', reject)
    asked.end(payload)
  })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function body(command: readonly string[] | undefined, { hostPort, labels, tty }: RunOptions): unknown {
  return {
    Image: WELCOME_IMAGE,
    ...(command && { Cmd: command }),
    Labels: labels ?? {},
    Tty: tty ?? false,
    ExposedPorts: { '80/tcp': {} },
    HostConfig: hostPort === undefined ? {} : { PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: String(hostPort) }] } },
  }
}

/** The docker command line of the bundle against the engine at a socket; gives its output, trimmed. */
export function dockerOf(socketPath: string): (...args: string[]) => Promise<string> {
  const env = { PATH: process.env['PATH'] ?? '', HOME: '/nowhere', DOCKER_HOST: `unix://${socketPath}` }
  return async (...args) => {
    const { stdout } = await run(join(BUNDLES.newest, 'bin/docker'), args, { env, timeout: 60_000, maxBuffer: 256 * 1024 * 1024 })
    return stdout.trim()
  }
}

/** An engine that runs already, with the welcome image. */
export async function useDaemon(socket: string): Promise<Omit<Daemon, 'close'>> {
  const ask = (method: string, path: string, payload?: unknown): Promise<Answer> => call(socket, method, path, payload)
  const must = async (method: string, path: string, payload?: unknown): Promise<unknown> => {
    const answer = await ask(method, path, payload)
    if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
    return answer.body
  }
  const clear = async (): Promise<void> => {
    const containers = (await must('GET', '/containers/json?all=true')) as Named[]
    await Promise.all(containers.map(({ Id }) => ask('DELETE', `/containers/${Id}?force=true&v=true`)))
    const images = (await must('GET', '/images/json')) as Named[]
    const others = images.flatMap(({ Id, RepoTags }) => (RepoTags?.length ? RepoTags.filter((tag) => tag !== WELCOME_IMAGE) : [Id]))
    for (const name of others) await ask('DELETE', `/images/${encodeURIComponent(name)}?force=true`)
  }
  const docker = dockerOf(socket)
  await docker('load', '-i', WELCOME_ARCHIVE)
  return {
    socketPath: socket,
    call: ask,
    docker,
    start: async (name, command, more = {}) => {
      const made = (await must('POST', `/containers/create?name=${name}`, body(command, more))) as Named
      if (!more.created) await must('POST', `/containers/${made.Id}/start`)
      return made.Id
    },
    clear,
  }
}

/** Starts an engine in a folder of its own and loads the welcome image. */
export async function startDaemon(): Promise<Daemon> {
  const home = await makeNativeHome(BUNDLES.newest)
  await home.start()
  return { ...(await useDaemon(home.paths.socket)), close: () => home.destroy() }
}
