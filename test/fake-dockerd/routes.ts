/** The endpoints of the fake daemon. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { frame, imageItem, inspectAnswer, listItem, pullMessages, statsSample } from './answers.ts'
import type { FakeFaults } from './faults.ts'
import type { FakeContainer, World } from './world.ts'

export interface RouteContext {
  readonly world: World
  readonly faults: FakeFaults
  readonly random: () => number
  /** Writes the log of a container itself, e.g. more of it than fits in memory. */
  readonly logs?: LogWriter
  readonly version: { readonly Version?: string; readonly ApiVersion?: string; readonly MinAPIVersion?: string }
}

/** Ends the response, or leaves it open when the log is followed. */
export type LogWriter = (container: FakeContainer, response: ServerResponse, url: URL) => Promise<void>

type Handler = (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void>

const json = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
const refuse = (response: ServerResponse, status: number, message: string): void => json(response, status, { message })

export function handlerFor(context: RouteContext): Handler {
  const { world, version } = context
  const apiVersion = version.ApiVersion ?? '1.51'
  return async (request, response, url) => {
    const path = url.pathname
    response.setHeader('api-version', apiVersion)
    if (path === '/_ping') {
      response.end('OK')
    } else if (path === '/version') {
      json(response, 200, {
        Version: '28.5.2',
        ApiVersion: apiVersion,
        MinAPIVersion: '1.24',
        Os: 'linux',
        Arch: 'amd64',
        Components: [{ Name: 'Engine' }],
        ...version,
      })
    } else if (path === '/info') {
      json(response, 200, { Driver: 'overlay2', CgroupDriver: 'cgroupfs', CgroupVersion: '2', MemoryLimit: true, NCPU: 2 })
    } else if (path === '/events') await streamEvents(context, response)
    else if (path === '/containers/json') listContainers(context, response, url)
    else if (path === '/containers/create') await createContainer(world, request, response, url)
    else if (path.startsWith('/containers/')) await onContainer(context, request, response, url)
    else if (path === '/images/json') json(response, 200, [...world.images.values()].map(imageItem))
    else if (path === '/images/create') await pull(context, response, url)
    else if (path === '/images/load') await load(context, request, response)
    else if (path.startsWith('/images/')) onImage(world, request, response, path)
    else if (path === '/session') refuse(response, 400, 'no upgrade proto in request')
    else refuse(response, 404, 'page not found')
  }
}

function listContainers({ world, faults }: RouteContext, response: ServerResponse, url: URL): void {
  const filters = JSON.parse(url.searchParams.get('filters') ?? '{}') as { id?: string[] }
  const all = url.searchParams.get('all') === 'true'
  const wanted = (container: FakeContainer): boolean =>
    (all || container.state === 'running' || container.state === 'paused') &&
    (!filters.id || filters.id.some((id) => container.id.startsWith(id)))
  const shown = (container: FakeContainer): FakeContainer =>
    container.state === 'exited' && Date.now() - container.finishedAt < faults.listLagMs
      ? { ...container, state: 'running' }
      : container
  json(response, 200, [...world.containers.values()].map(shown).filter(wanted).map(listItem))
}

async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return JSON.parse(Buffer.concat(chunks).toString() || '{}') as Record<string, unknown>
}

async function createContainer(world: World, request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
  const body = await readJson(request)
  const name = url.searchParams.get('name') ?? undefined
  const image = String(body['Image'])
  const holder = name === undefined ? undefined : world.findContainer(name)
  if (!world.findImage(image)) return refuse(response, 404, `No such image: ${image}`)
  if (holder) {
    const message = `Conflict. The container name "/${name}" is already in use by container "${holder.id}". You have to remove (or rename) that container to be able to reuse that name.`
    return refuse(response, 409, message)
  }
  json(response, 201, { Id: world.create(name, image).id, Warnings: ['fake warning'] })
}

async function onContainer(context: RouteContext, request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
  const { world } = context
  const [, , key = '', action = ''] = url.pathname.split('/')
  const container = world.findContainer(decodeURIComponent(key))
  if (!container) return refuse(response, 404, `No such container: ${decodeURIComponent(key)}`)
  const done = (changed: boolean): void => void response.writeHead(changed ? 204 : 304).end()
  switch (`${request.method} ${action}`) {
    case 'GET json':
      return json(response, 200, inspectAnswer(container))
    case 'GET logs':
      return (context.logs ?? streamLogs)(container, response, url)
    case 'GET stats':
      return url.searchParams.get('one-shot') === 'true' ? json(response, 200, oneSample(container.state === 'running')) : streamStats(response)
    case 'POST start':
      return done(world.start(container))
    case 'POST stop':
      return done(world.exit(container, 0))
    case 'POST kill':
      if (!world.exit(container, 137)) return refuse(response, 409, `container ${container.id} is not running`)
      return done(true)
    case 'POST restart':
      world.exit(container, 0)
      return done(world.start(container))
    case 'POST pause':
    case 'POST unpause':
      world.setPaused(container, action === 'pause')
      return done(true)
    case 'POST rename':
      world.rename(container, url.searchParams.get('name') ?? '')
      return done(true)
    case 'DELETE ':
      if (container.state === 'running' && url.searchParams.get('force') !== 'true') {
        return refuse(response, 409, `cannot remove container "/${container.name}": container is running: stop the container before removing or force remove`)
      }
      world.remove(container)
      return done(true)
    default:
      return refuse(response, 404, 'page not found')
  }
}

function onImage(world: World, request: IncomingMessage, response: ServerResponse, path: string): void {
  const key = decodeURIComponent(path.slice('/images/'.length).replace(/\/(json|history)$/, ''))
  const image = world.findImage(key)
  if (!image) return refuse(response, 404, `No such image: ${key}`)
  if (request.method === 'DELETE') {
    world.removeImage(image)
    return json(response, 200, [{ Untagged: image.tags[0] }, { Deleted: image.id }])
  }
  if (path.endsWith('/history')) return json(response, 200, [{ Id: image.id, Created: image.createdAt, CreatedBy: 'COPY', Size: image.size }])
  json(response, 200, { Id: image.id, RepoTags: image.tags, Size: image.size, Os: 'linux', Architecture: 'amd64' })
}

const closed = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => response.once('close', () => resolve()))

async function streamEvents({ world, faults, random }: RouteContext, response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/json' })
  response.flushHeaders()
  const stop = world.onEvent((event) => {
    if (faults.dropEvents === 0 || random() >= faults.dropEvents) response.write(`${JSON.stringify(event)}\n`)
  })
  await closed(response)
  stop()
}

async function streamLogs(container: FakeContainer, response: ServerResponse, url: URL): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/vnd.docker.raw-stream' })
  response.flushHeaders()
  const tail = Number(url.searchParams.get('tail') ?? Number.NaN)
  const gone = closed(response)
  const lines = Number.isNaN(tail) ? container.log : container.log.slice(container.log.length - Math.min(tail, container.log.length))
  for (const line of lines) {
    if (response.destroyed) return
    if (!response.write(frame(1, `${line}\n`))) await Promise.race([new Promise((go) => response.once('drain', go)), gone])
  }
  if (url.searchParams.get('follow') === 'true' && container.state === 'running') await gone
  else response.end()
}

/** A sample without anything to compare with; of nothing when the container does not run. */
function oneSample(running: boolean): object {
  return running ? { ...statsSample(Date.now() / 1000), precpu_stats: {} } : { read: '0001-01-01T00:00:00Z', cpu_stats: {}, memory_stats: {} }
}

async function streamStats(response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/json' })
  for (let second = 1; !response.destroyed; second++) {
    response.write(`${JSON.stringify(statsSample(second))}\n`)
    await sleep(100)
  }
}

async function pull({ world, faults }: RouteContext, response: ServerResponse, url: URL): Promise<void> {
  const reference = `${url.searchParams.get('fromImage')}:${url.searchParams.get('tag') ?? 'latest'}`
  response.writeHead(200, { 'content-type': 'application/json' })
  for (const message of pullMessages(reference, 3)) {
    if (response.destroyed) return
    response.write(`${JSON.stringify(message)}\r\n`)
    await sleep(2)
  }
  if (faults.pullError === null) world.addImage(reference)
  else response.write(`${JSON.stringify({ errorDetail: { message: faults.pullError }, error: faults.pullError })}\r\n`)
  response.end()
}

async function load({ faults }: RouteContext, request: IncomingMessage, response: ServerResponse): Promise<void> {
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) bytes += chunk.length
  if (faults.loadError) return json(response, 200, { errorDetail: { message: faults.loadError }, error: faults.loadError })
  json(response, 200, { stream: `Loaded ${bytes} bytes\n` })
}
