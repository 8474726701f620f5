/** What the fake daemon holds: containers and images made from a seed, and the events of what happens to them. */

export interface FakeContainer {
  id: string
  name: string
  image: string
  imageId: string
  state: 'created' | 'running' | 'paused' | 'restarting' | 'exited'
  exitCode: number
  oomKilled: boolean
  createdAt: number
  startedAt: number
  finishedAt: number
  labels: Record<string, string>
  ports: { ip: string; privatePort: number; publicPort: number; type: string }[]
  /** Lines the logs endpoint gives, without newline. */
  log: string[]
}

export interface FakeImage {
  id: string
  tags: string[]
  /** `name@sha256:…` */
  digests: string[]
  createdAt: number
  size: number
}

export interface FakeEvent {
  Type: string
  Action: string
  status: string
  id: string
  Actor: { ID: string; Attributes: Record<string, string> }
  time: number
  timeNano: number
}

/** Deterministic numbers in [0, 1) (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

export interface World {
  readonly containers: Map<string, FakeContainer>
  readonly images: Map<string, FakeImage>
  /** By id, unambiguous id prefix or name. */
  readonly findContainer: (key: string) => FakeContainer | undefined
  readonly findImage: (key: string) => FakeImage | undefined
  readonly create: (name: string | undefined, image: string) => FakeContainer
  readonly start: (container: FakeContainer) => boolean
  readonly exit: (container: FakeContainer, exitCode: number, oomKilled?: boolean) => boolean
  readonly setPaused: (container: FakeContainer, paused: boolean) => void
  readonly rename: (container: FakeContainer, name: string) => void
  readonly remove: (container: FakeContainer) => void
  readonly addImage: (tag: string) => FakeImage
  readonly removeImage: (image: FakeImage) => void
  readonly onEvent: (listener: (event: FakeEvent) => void) => () => void
}

export function createWorld(options: { seed: number; containers: number; images: number }): World {
  const random = createRandom(options.seed)
  const containers = new Map<string, FakeContainer>()
  const images = new Map<string, FakeImage>()
  const listeners = new Set<(event: FakeEvent) => void>()
  let count = 0
  let nano = Date.now() * 1e6

  const hex = (): string => Array.from({ length: 64 }, () => Math.floor(random() * 16).toString(16)).join('')
  const emit = (type: string, action: string, id: string, attributes: Record<string, string>): void => {
    const now = Date.now() * 1e6
    // Stamps are told apart; a clock that is set back takes them along, as a real daemon's.
    nano = now < nano - 1e9 ? now : Math.max(nano + 1_000, now)
    const event: FakeEvent = {
      Type: type,
      Action: action,
      status: action,
      id,
      Actor: { ID: id, Attributes: attributes },
      time: Math.floor(nano / 1e9),
      timeNano: nano,
    }
    for (const listener of listeners) listener(event)
  }
  const tell = (container: FakeContainer, action: string, more: Record<string, string> = {}): void =>
    emit('container', action, container.id, { name: container.name, image: container.image, ...more })

  const addImage = (tag: string): FakeImage => {
    const image: FakeImage = {
      id: `sha256:${hex()}`,
      tags: [tag],
      digests: [],
      createdAt: Math.floor(Date.now() / 1000),
      size: Math.floor(random() * 5e8),
    }
    images.set(image.id, image)
    emit('image', 'pull', tag, { name: tag })
    return image
  }
  const findImage = (key: string): FakeImage | undefined => {
    const tag = key.includes(':') ? key : `${key}:latest`
    return images.get(key) ?? [...images.values()].find((image) => image.tags.includes(tag))
  }
  const create = (name: string | undefined, imageName: string): FakeContainer => {
    count++
    const container: FakeContainer = {
      id: hex(),
      name: name ?? `fake_${count}`,
      image: imageName,
      imageId: findImage(imageName)?.id ?? `sha256:${'0'.repeat(64)}`,
      state: 'created',
      exitCode: 0,
      oomKilled: false,
      createdAt: Math.floor(Date.now() / 1000) - Math.floor(random() * 1e6),
      startedAt: 0,
      finishedAt: 0,
      labels: random() < 0.3 ? { 'com.docker.compose.project': `project${Math.floor(random() * 10)}` } : {},
      ports: [],
      log: [],
    }
    containers.set(container.id, container)
    tell(container, 'create')
    return container
  }
  const start = (container: FakeContainer): boolean => {
    if (container.state === 'running' || container.state === 'paused') return false
    container.state = 'running'
    container.startedAt = Date.now()
    tell(container, 'start')
    return true
  }
  const exit = (container: FakeContainer, exitCode: number, oomKilled = false): boolean => {
    if (container.state !== 'running' && container.state !== 'paused') return false
    Object.assign(container, { state: 'exited', exitCode, oomKilled, finishedAt: Date.now() })
    if (oomKilled) tell(container, 'oom')
    tell(container, 'die', { exitCode: String(exitCode) })
    return true
  }

  for (let i = 0; i < options.images; i++) addImage(`fake/image${i}:latest`)
  for (let i = 0; i < options.containers; i++) {
    const container = create(undefined, `fake/image${i % Math.max(1, options.images)}:latest`)
    const dice = random()
    if (dice < 0.7) start(container)
    if (dice < 0.2) exit(container, Math.floor(random() * 3))
    if (dice > 0.4) container.ports.push({ ip: '0.0.0.0', privatePort: 80, publicPort: 20_000 + (i % 40_000), type: 'tcp' })
  }

  return {
    containers,
    images,
    findContainer: (key) => {
      const exact = containers.get(key)
      if (exact) return exact
      for (const container of containers.values()) {
        if (container.name === key || (key.length >= 12 && container.id.startsWith(key))) return container
      }
      return undefined
    },
    findImage,
    create,
    start,
    exit,
    setPaused: (container, paused) => {
      container.state = paused ? 'paused' : 'running'
      tell(container, paused ? 'pause' : 'unpause')
    },
    rename: (container, name) => {
      const oldName = `/${container.name}`
      container.name = name
      tell(container, 'rename', { oldName })
    },
    remove: (container) => {
      containers.delete(container.id)
      tell(container, 'destroy')
    },
    addImage,
    removeImage: (image) => {
      images.delete(image.id)
      emit('image', 'delete', image.id, { name: image.id })
    },
    onEvent: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
