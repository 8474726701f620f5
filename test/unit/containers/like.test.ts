import { describe, expect, it } from 'vitest'
import { containerDetail } from '../../../engine/containers/inspect.ts'
import { runLike } from '../../../engine/containers/like.ts'
import type { ImageDetail } from '../../../engine/contract/models.ts'
import type { RawContainerInspect } from '../../../engine/docker/api-types.ts'

const image: ImageDetail = {
  id: 'sha256:1', tags: ['nginx:1'], digests: [], createdAt: 0, sizeBytes: 0, os: 'linux', architecture: 'amd64', author: '', exposedPorts: [],
  env: [{ name: 'PATH', value: '/bin' }, { name: 'MODE', value: 'prod' }], command: ['nginx', '-g', 'daemon off;'], entrypoint: ['/entry.sh'],
  workingDir: '/', user: '', volumes: [], labels: { maintainer: 'x' }, layers: [], history: [], raw: {},
}

function like(config: Record<string, unknown>, host: Record<string, unknown>, networks: Record<string, object> = { bridge: {} }) {
  const raw = {
    Id: 'c'.repeat(64), Name: '/web', Created: '', Image: 'sha256:1', State: { Status: 'exited', ExitCode: 0 },
    Config: { Image: 'nginx:1', Env: ['PATH=/bin', 'MODE=prod'], Cmd: image.command, Entrypoint: image.entrypoint, Labels: { maintainer: 'x' }, Hostname: 'c'.repeat(12), WorkingDir: '/', ...config },
    HostConfig: { NetworkMode: 'default', PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '8080' }] }, ...host },
    NetworkSettings: { Networks: networks },
  } as unknown as RawContainerInspect
  return runLike(containerDetail(raw), image, { from: 8080, to: 8081 })
}
const port = { containerPort: '80', protocol: 'tcp', hostIp: '127.0.0.1', hostPort: '8081' }

describe('runLike', () => {
  it('repeats nothing that the image says anyway', () => {
    expect(like({}, {})).toEqual({
      spec: { image: 'nginx:1', ports: [port], env: [], volumes: [], restart: { name: 'no' }, autoRemove: false, pull: 'missing' },
      left: [],
    })
  })
  it('repeats what was said when it was made', () => {
    const { spec } = like(
      { Env: ['PATH=/bin', 'MODE=debug', 'EMPTY='], Cmd: ['nginx', '-t'], Labels: { maintainer: 'x', team: 'shop', 'com.docker.compose.project': 'p' }, Hostname: 'edge', WorkingDir: '/srv', User: '33', Tty: true, OpenStdin: true },
      {
        PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '8080' }], '53/udp': [{ HostPort: '5353' }], '90/tcp': [{ HostPort: '' }] },
        Binds: ['/data:/data', 'vol:/var/lib/x:ro', '/z:/z:z'], Mounts: [{ Type: 'tmpfs', Target: '/tmp' }], Tmpfs: { '/run': 'size=64m' },
        RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 }, AutoRemove: false, Memory: 1_048_576, MemorySwap: 2_097_152, NanoCpus: 1.5e9, PidsLimit: 50,
        CapAdd: ['NET_ADMIN'], ExtraHosts: ['db:10.0.0.1'], Privileged: true, ReadonlyRootfs: true, Init: true,
      },
      { shop_default: {} },
    )
    expect(spec).toMatchObject({
      ports: [port, { containerPort: '53', protocol: 'udp', hostIp: '', hostPort: '5353' }, { containerPort: '90', hostPort: '' }],
      env: [{ name: 'MODE', value: 'debug' }, { name: 'EMPTY', value: '' }],
      command: ['nginx', '-t'], labels: { team: 'shop' }, hostname: 'edge', workdir: '/srv', user: '33', tty: true, interactive: true,
      volumes: [
        { source: '/data', target: '/data', readOnly: false }, { source: 'vol', target: '/var/lib/x', readOnly: true }, { source: '/z', target: '/z', readOnly: false, mode: 'z' },
      ],
      mounts: [{ type: 'tmpfs', target: '/tmp' }], tmpfs: ['/run:size=64m'], restart: { name: 'on-failure', maximumRetryCount: 3 },
      memory: '1048576b', cpus: '1.5', pidsLimit: 50, networks: [{ name: 'shop_default' }], capAdd: ['NET_ADMIN'], extraHosts: ['db:10.0.0.1'], privileged: true, readOnlyRoot: true, init: true,
    })
    expect(spec).not.toHaveProperty('memorySwap')
    expect(spec).not.toHaveProperty('name')
  })
  it('puts the other words of an entrypoint before the command', () => {
    expect(like({ Entrypoint: ['sh', '-c'], Cmd: ['echo hi'] }, {}).spec).toMatchObject({ entrypoint: 'sh', command: ['-c', 'echo hi'] })
    expect(like({ Entrypoint: null, Cmd: ['top'] }, {}).spec).toMatchObject({ entrypoint: '', command: ['top'] })
    expect(like({ Entrypoint: undefined }, {}).spec).not.toHaveProperty('entrypoint')
  })
  it('names what it does not repeat', () => {
    expect(like({}, { SecurityOpt: ['no-new-privileges'], Ulimits: [], Sysctls: { a: 'b' }, CpuShares: 512, PidMode: '' }).left).toEqual(['--security-opt', '--sysctl', '--cpu-shares'])
  })
  it('keeps a network mode that is no network', () => {
    expect(like({}, { NetworkMode: 'host' }, { host: {} }).spec).toMatchObject({ networks: [{ name: 'host' }] })
  })
})
