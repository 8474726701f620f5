import { describe, expect, it } from 'vitest'
import { containerRow, exitCodeOf, familiarName, healthOf, imageRow, portsOf, runInfo } from '../../../engine/state/normalise.ts'

const ID = 'dec79c2ae7753c073033fd78fdf47384ca81dbd384a9a8ee8ae189c82889855b'
const HEX = 'bad9993561f82a2699f98b4d54ec4528d78131bc961839dfd85dec2e38107725'

describe('containerRow', () => {
  it('reads Docker', () => {
    const row = containerRow({
      Id: ID,
      Names: ['/front/db', '/web'],
      Image: 'bb:latest',
      ImageID: `sha256:${HEX}`,
      Command: 'sleep 100',
      Created: 1_795_250_011,
      Ports: [
        { IP: '::', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' },
        { IP: '0.0.0.0', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' },
        { PrivatePort: 53, Type: 'udp' },
      ],
      Labels: { 'com.docker.compose.project': 'shop', 'com.docker.compose.service': 'web' },
      State: 'exited',
      Status: 'Exited (137) Less than a second ago',
      NetworkSettings: { Networks: { b: {}, a: {} } },
      Mounts: [{ Name: 'data', Source: '/var/lib/data' }, { Source: '/srv' }],
    })
    expect(row).toEqual({
      id: ID,
      name: 'web',
      image: 'bb:latest',
      imageId: `sha256:${HEX}`,
      command: 'sleep 100',
      createdAt: 1_795_250_011_000,
      state: 'exited',
      health: 'none',
      status: 'Exited (137) Less than a second ago',
      exitCode: 137,
      ports: [
        { containerPort: 53, protocol: 'udp' },
        { containerPort: 80, protocol: 'tcp', hostIp: '::', hostPort: 8080 },
        { containerPort: 80, protocol: 'tcp', hostIp: '0.0.0.0', hostPort: 8080 },
      ].sort((a, b) => a.containerPort - b.containerPort || (a.hostIp ?? '').localeCompare(b.hostIp ?? '')),
      labels: { 'com.docker.compose.project': 'shop', 'com.docker.compose.service': 'web' },
      project: 'shop',
      service: 'web',
      networks: ['a', 'b'],
      mounts: ['data', '/srv'],
    })
  })

  it('reads Podman: nulls, no address, qualified names, ids without algorithm, other words', () => {
    const row = containerRow({
      Id: ID,
      Names: ['/web'],
      Image: 'docker.io/library/bb:latest',
      ImageID: HEX,
      Command: null,
      Created: 1_795_250_014,
      Ports: [{ PrivatePort: 80, PublicPort: 8080, Type: 'tcp' }],
      Labels: null,
      State: 'configured',
      Status: 'Created',
      NetworkSettings: { Networks: null },
      Mounts: null,
    })
    expect(row).toMatchObject({
      image: 'bb:latest',
      imageId: `sha256:${HEX}`,
      state: 'created',
      ports: [{ containerPort: 80, protocol: 'tcp', hostIp: '0.0.0.0', hostPort: 8080 }],
      labels: {},
      networks: [],
      mounts: [],
      command: '',
    })
    expect(row.exitCode).toBeUndefined()
  })
})

describe('status text', () => {
  it('tells health', () => {
    expect(healthOf('Up 2 hours (healthy)')).toBe('healthy')
    expect(healthOf('Up 2 seconds (health: starting)')).toBe('starting')
    expect(healthOf('Up 2 hours (unhealthy)')).toBe('unhealthy')
    expect(healthOf('Up 2 hours (Paused)')).toBe('none')
  })

  it('tells the exit code', () => {
    expect(exitCodeOf('Exited (0) 2 weeks ago')).toBe(0)
    expect(exitCodeOf('Restarting (255) 3 seconds ago')).toBe(255)
    expect(exitCodeOf('Up 2 hours')).toBeUndefined()
  })
})

describe('portsOf', () => {
  it('drops exact repetitions only', () => {
    const port = { IP: '0.0.0.0', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' }
    expect(portsOf([port, { ...port }, { ...port, IP: '::' }, { ...port, PublicPort: 8081 }])).toHaveLength(3)
  })
})

describe('familiarName', () => {
  it('leaves ids and nonsense alone', () => {
    expect(familiarName('docker.io/bitnami/nginx:1')).toBe('bitnami/nginx:1')
    expect(familiarName('localhost/bb:1')).toBe('localhost/bb:1')
    expect(familiarName(`sha256:${HEX}`)).toBe(`sha256:${HEX}`)
    expect(familiarName('bad9993561f8')).toBe('bad9993561f8')
    expect(familiarName('<none>')).toBe('<none>')
  })
})

describe('imageRow', () => {
  it('knows dangling images in every spelling', () => {
    const base = { Id: HEX, Created: 5, Size: 9 }
    for (const RepoTags of [null, [], ['<none>:<none>'], undefined]) {
      expect(imageRow({ ...base, RepoTags, RepoDigests: ['<none>@<none>'] })).toEqual({
        id: `sha256:${HEX}`,
        tags: [],
        digests: [],
        createdAt: 5_000,
        sizeBytes: 9,
        dangling: true,
        labels: {},
      })
    }
    expect(imageRow({ ...base, RepoTags: ['docker.io/library/b:1', 'a:1'], SharedSize: -1 }).tags).toEqual(['a:1', 'b:1'])
  })
})

describe('runInfo', () => {
  const inspect = (State: object) =>
    runInfo({ Id: ID, Name: '/x', Created: '', Image: '', Config: {}, State: { ExitCode: 0, Status: 'running', ...State } })

  it('gives start of a running one, both ends of an ended one, nothing for the year 1', () => {
    expect(inspect({ StartedAt: '2026-01-02T03:04:05Z', FinishedAt: '2026-01-01T00:00:00Z' })).toEqual({
      startedAt: Date.UTC(2026, 0, 2, 3, 4, 5),
    })
    expect(inspect({ Status: 'exited', ExitCode: 137, OOMKilled: true, StartedAt: '0001-01-01T00:00:00Z', FinishedAt: '2026-01-01T00:00:00Z' })).toEqual({
      finishedAt: Date.UTC(2026, 0, 1),
      exitCode: 137,
      oomKilled: true,
    })
  })
})
