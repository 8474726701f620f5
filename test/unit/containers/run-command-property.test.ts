/** Whatever a line can say comes back from it. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MountSpec, NetworkSpec, RunSpec, VolumeSpec } from '../../../engine/contract/models.ts'
import { formatRunCommand, parseRunCommand } from '../../../engine/containers/run-command.ts'
import { volumeOfMount } from '../../../engine/containers/values/storage.ts'

const any = fc.string({ unit: 'binary', maxLength: 12 })
const filled = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 })
const noEquals = filled.filter((text) => !text.includes('='))
const label = noEquals.filter((text) => text.trim() !== '' && !/\s/.test(text.trimStart()))
const record = (name: fc.Arbitrary<string>) =>
  fc.array(fc.tuple(name, any), { minLength: 1, maxLength: 3 }).map((pairs) => Object.fromEntries(pairs)).filter((each) => Object.keys(each).length > 0)
const name = fc.stringMatching(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{1,8}$/)
const lower = fc.stringMatching(/^[a-z][a-z0-9_.-]{0,8}$/)
const texts = <T>(member: fc.Arbitrary<T>) => fc.array(member, { minLength: 1, maxLength: 3 })
const size = fc.oneof(fc.integer({ min: 0, max: 1e9 }).map(String), fc.integer({ min: 1, max: 900 }).map((n) => `${n}m`), fc.constant('1.5g'))
const duration = fc.constantFrom('30s', '1m30s', '500ms', '1.5h', '0')
const path = fc.string({ unit: 'binary', maxLength: 8 }).filter((text) => !/^\/*$/.test(text)).map((text) => `/${text}`)
const ip = fc.ipV4()
const pathOrName = fc.oneof(path, name)

const portSpec = fc.record({
  containerPort: fc.constantFrom('80', '443', '80-82'),
  protocol: fc.constantFrom('tcp', 'udp', 'sctp'),
  hostIp: fc.oneof(fc.constant(''), ip, fc.constant('::1')),
  hostPort: fc.constantFrom('', '8080', '8080-8082'),
}).filter(({ containerPort, hostPort }) => containerPort.includes('-') === hostPort.includes('-') || hostPort === '' || !containerPort.includes('-')) as fc.Arbitrary<RunSpec['ports'][number]>

const volume: fc.Arbitrary<VolumeSpec> = fc.record({ source: fc.oneof(pathOrName, fc.constant('')), target: path, readOnly: fc.boolean() })
const withMode: fc.Arbitrary<VolumeSpec> = fc
  .record({ source: pathOrName, target: path, mode: fc.constantFrom('z', 'rw', 'ro,z', 'nocopy', 'rslave') })
  .filter(({ source, target }) => !`${source}${target}`.includes(':'))
  .map((each) => ({ ...each, readOnly: each.mode.startsWith('ro') }))

const optional = <T extends object>(shape: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record(shape, { requiredKeys: [] })
const mount: fc.Arbitrary<MountSpec> = fc
  .oneof(
    fc.tuple(fc.record({ type: fc.constant('bind' as const), source: path, target: path }), optional({ propagation: fc.constantFrom('rslave', 'private'), recursive: fc.constantFrom('enabled', 'disabled'), consistency: lower })),
    fc.tuple(fc.record({ type: fc.constant('volume' as const), target: path }), optional({ source: filled, noCopy: fc.constant(true), labels: record(noEquals), driver: any, driverOptions: record(noEquals), subpath: any, readOnly: fc.constant(true) })),
    fc.tuple(fc.record({ type: fc.constant('tmpfs' as const), target: path }), optional({ tmpfsSize: size, tmpfsMode: fc.constantFrom('1777', '700') })),
    fc.tuple(fc.record({ type: fc.constant('image' as const), source: filled, target: path }), optional({ subpath: any, readOnly: fc.constant(true) })),
  )
  .map(([base, more]) => ({ ...base, ...more }) as MountSpec)
  // Those that -v or a plain --mount says are volumes.
  .filter((each) => volumeOfMount(each) === undefined && !(each.type !== 'tmpfs' && Object.keys(each).every((key) => ['type', 'source', 'target', 'readOnly'].includes(key))))

const networkOptions = (word: fc.Arbitrary<string>) => optional<Omit<NetworkSpec, 'name'>>({
  aliases: texts(word), ip, ip6: fc.constant('fd00::7'), linkLocalIps: texts(ip), macAddress: fc.constant('02:42:ac:11:00:02'),
})
const networks: fc.Arbitrary<readonly NetworkSpec[]> = fc.oneof(
  fc.constantFrom('host', 'none', 'bridge', 'container:abc').map((each) => [{ name: each }]),
  fc.uniqueArray(lower.filter((each) => !['host', 'none', 'bridge', 'default', 'nat'].includes(each)), { minLength: 1, maxLength: 3 }).chain((names) =>
    fc.tuple(...names.map((each, index) =>
      // The first one's options are flags of their own, which leave letters as they are.
      (index === 0 ? fc.oneof(networkOptions(filled), fc.tuple(networkOptions(lower), record(lower.filter((key) => key !== ''))).map(([options]) => ({ ...options, driverOptions: { a: 'b' }, gatewayPriority: -3 }))) : networkOptions(lower))
        .map((options) => ({ ...options, name: each })),
    )),
  ),
)

const spec: fc.Arbitrary<RunSpec> = fc
  .tuple(
    fc.record({
      image: filled,
      ports: fc.array(portSpec, { maxLength: 3 }),
      env: fc.array(fc.record({ name: noEquals, value: any }), { maxLength: 3 }),
      volumes: fc.array(fc.oneof(volume, withMode), { maxLength: 3 }),
      restart: fc.oneof(fc.constantFrom('no', 'always', 'unless-stopped', 'on-failure').map((each) => ({ name: each })), fc.nat(9).map((count) => ({ name: 'on-failure', maximumRetryCount: count }))),
      autoRemove: fc.boolean(),
      pull: fc.constantFrom('missing', 'always', 'never'),
    }),
    optional<Partial<RunSpec>>({
      name, platform: fc.constant('linux/arm64/v8'), command: fc.array(any, { minLength: 1, maxLength: 3 }), labels: record(label), quiet: fc.constant(true),
      detach: fc.constant(false), interactive: fc.constant(true), tty: fc.constant(true),
      entrypoint: any, workdir: path, user: filled, groupAdd: texts(any), hostname: filled, domainname: filled, init: fc.boolean(),
      stopSignal: filled, stopTimeout: fc.integer({ min: -1, max: 900 }), envNames: texts(noEquals), envFiles: texts(path), labelFiles: texts(path), annotations: record(noEquals),
      networks, expose: texts(fc.constantFrom('80', '53/udp', '90-92')), publishAll: fc.constant(true), links: texts(name), dns: texts(ip), dnsSearch: texts(fc.constant('example.org')),
      dnsOptions: texts(any), extraHosts: texts(fc.constantFrom('a:1.2.3.4', 'b=host-gateway', 'c=[::1]')),
      mounts: texts(mount), tmpfs: texts(path.filter((each) => !/^\/*:/.test(each))), volumesFrom: texts(any), volumeDriver: filled, storageOptions: record(noEquals), readOnlyRoot: fc.constant(true),
    }),
    optional<Partial<RunSpec>>({
      memory: size, memoryReservation: size, memorySwap: fc.oneof(size, fc.constant('-1')), memorySwappiness: fc.nat(100), oomKillDisable: fc.constant(true), oomScoreAdj: fc.integer({ min: 1, max: 1000 }),
      cpus: fc.constantFrom('1.5', '.25', '2'), cpuShares: fc.integer({ min: 1, max: 9_999 }), cpuPeriod: fc.integer({ min: 1 }), cpuQuota: fc.constant(-1), cpuRtPeriod: fc.constant(5), cpuRtRuntime: fc.constant(6),
      cpusetCpus: fc.constantFrom('0-3', '0,2'), cpusetMems: fc.constant('0'), pidsLimit: fc.constantFrom(-1, 7), shmSize: size, ulimits: texts(fc.constantFrom('nofile=1:2', 'core=-1')),
      blkioWeight: fc.integer({ min: 10, max: 1_000 }), blkioWeightDevices: texts(fc.constant('/dev/sda:200')), deviceReadBps: texts(fc.constant('/dev/sda:1mb')), deviceWriteIops: texts(fc.constant('/dev/sda:9')),
      privileged: fc.constant(true), capAdd: texts(any), capDrop: texts(any), securityOptions: texts(fc.constantFrom('no-new-privileges', 'seccomp=unconfined', 'label:disable', 'seccomp=/a b.json')),
      userns: fc.constant('host'), cgroupns: fc.constant('private'), cgroupParent: filled, ipc: fc.constant('container:x'), pid: fc.constant('host'), uts: fc.constant('host'), sysctls: fc.constant({ 'net.core.somaxconn': '1' }),
      runtime: filled, isolation: filled, devices: texts(fc.constantFrom('/dev/fuse', '/dev/a:/dev/b:r', 'v.com/c=n')), deviceCgroupRules: texts(fc.constant('c 1:3 rwm')), gpus: texts(fc.constantFrom('all', '2', '"device=0,1"')),
      healthCmd: filled, healthInterval: duration, healthTimeout: duration, healthStartPeriod: duration, healthStartInterval: duration, healthRetries: fc.integer({ min: 1, max: 9 }),
      logDriver: filled.filter((each) => each !== 'none'), logOptions: record(noEquals),
    }),
  )
  .map(([base, some, more]) => ({ ...base, ...some, ...more }) as RunSpec)
  .map((each) => (each.restart.name === 'no' ? each : { ...each, autoRemove: false }))

describe('a command line that was written is read back', () => {
  it('for every spec', () => {
    fc.assert(
      fc.property(spec, (each) => {
        expect(parseRunCommand(formatRunCommand(each))).toEqual({ spec: each })
      }),
      { seed: 20260728, numRuns: 400 },
    )
  }, 60_000)
  it('and any text is answered, with places inside it', () => {
    const pieces = fc.array(fc.oneof(any, fc.constantFrom('docker ', 'run ', '-p ', "'", '"', '\\\n', '`\n', '^\n', '$(', '|', '--mount ', 'a=b,', '--network ', ' nginx', '\n', '#', '-', '=')), { maxLength: 14 })
    fc.assert(
      fc.property(pieces, (parts) => {
        const text = `docker run ${parts.join('')}`
        const read = parseRunCommand(text)
        if (!('errors' in read)) return
        expect(read.errors.length).toBeGreaterThan(0)
        for (const { at, length } of read.errors) {
          expect(at).toBeGreaterThanOrEqual(0)
          expect(at + length).toBeLessThanOrEqual(Math.max(text.length, at + 1))
        }
      }),
      { seed: 20260728, numRuns: 1_000 },
    )
  }, 60_000)
})
