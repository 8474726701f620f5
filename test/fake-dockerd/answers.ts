/** The fake daemon's objects in the shapes of the Engine API. */
import type { FakeContainer, FakeImage } from './world.ts'

const title = (container: FakeContainer): string => {
  switch (container.state) {
    case 'running':
      return 'Up 5 minutes'
    case 'paused':
      return 'Up 5 minutes (Paused)'
    case 'restarting':
      return `Restarting (${container.exitCode}) 5 seconds ago`
    case 'exited':
      return `Exited (${container.exitCode}) 3 minutes ago`
    case 'created':
      return 'Created'
  }
}

const iso = (milliseconds: number): string =>
  milliseconds === 0 ? '0001-01-01T00:00:00Z' : new Date(milliseconds).toISOString()

export function listItem(container: FakeContainer): object {
  return {
    Id: container.id,
    Names: [`/${container.name}`],
    Image: container.image,
    ImageID: container.imageId,
    Command: 'sh -c "serve"',
    Created: container.createdAt,
    Ports: container.ports.map(({ ip, privatePort, publicPort, type }) => ({
      IP: ip,
      PrivatePort: privatePort,
      PublicPort: publicPort,
      Type: type,
    })),
    Labels: container.labels,
    State: container.state,
    Status: title(container),
    HostConfig: { NetworkMode: 'default' },
    NetworkSettings: { Networks: { bridge: { IPAddress: '172.17.0.2' } } },
    Mounts: [],
  }
}

export function inspectAnswer(container: FakeContainer): object {
  return {
    Id: container.id,
    Name: `/${container.name}`,
    Created: iso(container.createdAt * 1000),
    Image: container.imageId,
    RestartCount: 0,
    Path: 'sh',
    Args: ['-c', 'serve'],
    State: {
      Status: container.state,
      Running: container.state === 'running' || container.state === 'paused',
      OOMKilled: container.oomKilled,
      ExitCode: container.exitCode,
      Error: '',
      StartedAt: iso(container.startedAt),
      FinishedAt: iso(container.finishedAt),
    },
    Config: { Image: container.image, Tty: false, Env: [], Cmd: ['sh'], Labels: container.labels },
    HostConfig: { RestartPolicy: { Name: 'no', MaximumRetryCount: 0 }, LogConfig: { Type: 'json-file' } },
    Mounts: [],
    NetworkSettings: { Ports: {}, Networks: {} },
  }
}

export function imageItem(image: FakeImage): object {
  return {
    Containers: -1,
    Created: image.createdAt,
    Id: image.id,
    Labels: null,
    ParentId: '',
    RepoDigests: image.digests,
    RepoTags: image.tags,
    SharedSize: -1,
    Size: image.size,
  }
}

/** A line in the framing of `logs` and `attach`: stream number, three zero bytes, length, bytes. */
export function frame(stream: 1 | 2, text: string): Buffer {
  const body = Buffer.from(text)
  const header = Buffer.alloc(8)
  header[0] = stream
  header.writeUInt32BE(body.length, 4)
  return Buffer.concat([header, body])
}

export function statsSample(second: number): object {
  const cpu = (total: number, system: number) => ({
    cpu_usage: { total_usage: total },
    system_cpu_usage: system,
    online_cpus: 2,
  })
  return {
    read: new Date(second * 1000).toISOString(),
    cpu_stats: cpu(second * 1e8, second * 2e9),
    precpu_stats: cpu((second - 1) * 1e8, (second - 1) * 2e9),
    memory_stats: { usage: 50_000_000, limit: 1e9, stats: { inactive_file: 10_000_000 } },
    pids_stats: { current: 3 },
    blkio_stats: { io_service_bytes_recursive: [{ op: 'read', value: second * 4_096 }, { op: 'write', value: second * 8_192 }] },
    networks: { eth0: { rx_bytes: second * 1_000, tx_bytes: second * 2_000 } },
  }
}

/** Messages of a pull of `layers` layers that succeeds. */
export function pullMessages(reference: string, layers: number): object[] {
  const ids = Array.from({ length: layers }, (_, i) => `${i}`.padStart(12, 'a'))
  const total = 1_000_000
  return [
    { status: `Pulling from ${reference}`, id: 'latest' },
    ...ids.map((id) => ({ status: 'Pulling fs layer', progressDetail: {}, id })),
    ...ids.flatMap((id) => [
      { status: 'Downloading', progressDetail: { current: total / 2, total }, id },
      { status: 'Download complete', progressDetail: {}, id },
      { status: 'Extracting', progressDetail: { current: total, total }, id },
      { status: 'Pull complete', progressDetail: {}, id },
    ]),
    { status: `Digest: sha256:${'d'.repeat(64)}` },
    { status: `Status: Downloaded newer image for ${reference}` },
  ]
}
