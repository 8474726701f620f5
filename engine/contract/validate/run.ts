/** Shape of a RunSpec. What the values mean is checked where the request is made (engine/containers/create-body.ts). */
import * as v from 'valibot'
import { protocol, text, whole } from './shapes.ts'

const list = <S extends v.GenericSchema>(member: S, most: number) => v.pipe(v.array(member), v.maxLength(most))
const word = v.optional(text(4_096))
const words = v.optional(list(text(4_096), 1_000))
const pairs = v.optional(v.pipe(v.record(text(1_000), text(100_000)), v.check((record) => Object.keys(record).length <= 2_000)))
const flag = v.optional(v.boolean())
const number = (min: number, max: number) => v.optional(whole(min, max))
const anyNumber = number(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)

const mount = v.strictObject({
  type: v.picklist(['bind', 'volume', 'tmpfs', 'image']),
  source: word,
  target: text(4_096),
  readOnly: flag,
  consistency: word,
  propagation: v.optional(v.picklist(['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave'])),
  recursive: v.optional(v.picklist(['enabled', 'disabled', 'writable', 'readonly'])),
  noCopy: flag,
  labels: pairs,
  driver: word,
  driverOptions: pairs,
  subpath: word,
  tmpfsSize: v.optional(text(50)),
  tmpfsMode: v.optional(text(20)),
})

const network = v.strictObject({
  name: text(300),
  aliases: v.optional(list(text(300), 100)),
  ip: v.optional(text(60)),
  ip6: v.optional(text(60)),
  linkLocalIps: v.optional(list(text(60), 100)),
  macAddress: v.optional(text(60)),
  driverOptions: pairs,
  gatewayPriority: anyNumber,
})

const process = {
  detach: flag,
  attach: v.optional(list(v.picklist(['stdin', 'stdout', 'stderr']), 10)),
  interactive: flag,
  tty: flag,
  entrypoint: word,
  workdir: word,
  user: v.optional(text(300)),
  groupAdd: words,
  hostname: v.optional(text(300)),
  domainname: v.optional(text(300)),
  init: flag,
  stopSignal: v.optional(text(50)),
  stopTimeout: number(-1, 2 ** 31 - 1),
  envNames: words,
  envFiles: v.optional(list(text(4_096), 100)),
  labelFiles: v.optional(list(text(4_096), 100)),
  annotations: pairs,
}

const networking = {
  networks: v.optional(list(network, 100)),
  expose: words,
  publishAll: flag,
  links: words,
  dns: words,
  dnsSearch: words,
  dnsOptions: words,
  extraHosts: words,
}

const storage = {
  mounts: v.optional(list(mount, 500)),
  tmpfs: words,
  volumesFrom: words,
  volumeDriver: word,
  storageOptions: pairs,
  readOnlyRoot: flag,
}

const size = v.optional(text(50))
const limits = {
  memory: size,
  memoryReservation: size,
  memorySwap: size,
  memorySwappiness: number(-1, 100),
  oomKillDisable: flag,
  oomScoreAdj: number(-1_000, 1_000),
  cpus: size,
  cpuShares: anyNumber,
  cpuPeriod: anyNumber,
  cpuQuota: anyNumber,
  cpuRtPeriod: anyNumber,
  cpuRtRuntime: anyNumber,
  cpusetCpus: word,
  cpusetMems: word,
  pidsLimit: anyNumber,
  shmSize: size,
  ulimits: words,
  blkioWeight: number(0, 65_535),
  blkioWeightDevices: words,
  deviceReadBps: words,
  deviceWriteBps: words,
  deviceReadIops: words,
  deviceWriteIops: words,
}

const security = {
  privileged: flag,
  capAdd: words,
  capDrop: words,
  securityOptions: words,
  userns: word,
  cgroupns: word,
  cgroupParent: word,
  ipc: word,
  pid: word,
  uts: word,
  sysctls: pairs,
  runtime: word,
  isolation: word,
  devices: words,
  deviceCgroupRules: words,
  gpus: words,
}

const health = {
  noHealthcheck: flag,
  healthCmd: v.optional(text(100_000)),
  healthInterval: size,
  healthTimeout: size,
  healthStartPeriod: size,
  healthStartInterval: size,
  healthRetries: number(0, 2 ** 31 - 1),
  logDriver: word,
  logOptions: pairs,
}

/** See RunSpec in models/run.ts. */
export const runSpec = v.strictObject({
  image: text(1_000),
  name: v.optional(text(255)),
  command: v.optional(list(text(100_000), 10_000)),
  ports: list(v.strictObject({ containerPort: text(20), protocol, hostIp: text(60), hostPort: text(20) }), 1_000),
  env: list(v.strictObject({ name: text(4_096), value: text(131_072) }), 2_000),
  volumes: list(v.strictObject({ source: text(4_096), target: text(4_096), readOnly: v.boolean(), mode: v.optional(text(200)) }), 500),
  restart: v.strictObject({
    name: v.picklist(['no', 'always', 'unless-stopped', 'on-failure']),
    maximumRetryCount: number(0, 1_000_000),
  }),
  autoRemove: v.boolean(),
  pull: v.picklist(['missing', 'always', 'never']),
  quiet: flag,
  platform: v.optional(text(100)),
  labels: pairs,
  ...process,
  ...networking,
  ...storage,
  ...limits,
  ...security,
  ...health,
})
