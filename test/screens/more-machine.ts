/** The virtual machine in the pictures: running in software, on its way up, failed, damaged, asleep, without room, not to be had. */
import { NaruError } from '../../engine/contract/errors.ts'
import type { ErrorEnvelope } from '../../engine/contract/errors.ts'
import type { ContainerRow, EngineLoss, EngineSummary, FolderOffer, MachineState, MachineUsage, OperationRow, PortConflict } from '../../engine/contract/models.ts'
import type { MethodHandlers, StreamHandlers } from '../../engine/link/handlers.ts'
import { CONTAINERS, NATIVE, NOW, SETTINGS } from './seed.ts'
import type { Scenario } from './scenarios.ts'

export type MachineMood = 'ready' | 'napping' | 'full' | 'starting' | 'failed' | 'damaged' | 'missing'
const UP: ReadonlySet<MachineMood> = new Set(['ready', 'napping', 'full'])

const CONSOLE = [
  '[    0.412803] Run /init as init process', 'NARU: initramfs up=0.52', 'NARU: root up=0.93', 'NARU: modules up=1.71',
  'NARU: fsck rc=0: narudata: clean, 1914/4194304 files', 'NARU: data up=2.44', 'NARU: share h0', 'NARU: dockerd up=3.20',
]

const ABSENT_NATIVE: EngineSummary = {
  id: 'native', kind: 'native', name: '', status: 'absent', since: NOW - 60_000, origin: 'embedded', managed: true,
  error: { code: 'provider.absent', message: 'user namespaces are switched off', retryable: false, hint: 'userns-off', params: { path: '/proc/sys/user/max_user_namespaces', command: 'sudo sysctl -w user.max_user_namespaces=15000' } },
}

const VM: EngineSummary = {
  id: 'vm', kind: 'vm', name: '', status: 'stopped', since: NOW - 60_000, origin: 'embedded', managed: true,
  dockerHost: 'unix:///home/mina/.local/share/naru/vm/run/docker.sock',
}

const READY: EngineSummary = {
  ...VM, status: 'ready', capabilities: NATIVE.capabilities!, rootless: false,
  version: { ...NATIVE.version!, kernel: '6.1.0-41-amd64', cpus: 2, memoryBytes: 1_013_280_768 },
}
const DISK = '/home/mina/.local/share/naru/vm/data.qcow2'

const ENGINES: { readonly [M in MachineMood]: EngineSummary } = {
  ready: READY,
  napping: { ...READY, napping: true },
  full: {
    ...READY, status: 'degraded', since: NOW - 40_000,
    error: { code: 'no-space', message: 'paused: no space left', retryable: true, hint: 'vm-disk-full', params: { path: DISK }, detail: 'BLOCK_IO_ERROR: nospace' },
  },
  damaged: {
    ...VM, status: 'failed', since: NOW - 4_000,
    error: { code: 'provider.boot-failed', message: 'the file system is damaged', retryable: false, hint: 'vm-disk-check', params: { path: DISK }, detail: 'NARU: fsck rc=4: narudata: UNEXPECTED INCONSISTENCY; RUN fsck MANUALLY.' },
  },
  starting: {
    ...VM, status: 'starting', since: NOW - 9_000,
    phase: { step: 'guest', index: 3, total: 4, since: NOW - 3_100, limitMs: 120_000, lastLine: 'fsck rc=0: narudata: clean, 1914/4194304 files' },
  },
  failed: {
    ...VM, status: 'failed', since: NOW - 4_000,
    error: { code: 'provider.boot-failed', message: 'the virtual machine did not boot', retryable: false, hint: 'vm-boot', detail: 'kvm -cpu host: no userspace in 20000 ms\nkvm -cpu max,-arch-capabilities: no byte on the console in 6000 ms\ntcg,thread=multi,tb-size=80 -cpu max: no userspace in 60000 ms' },
  },
  missing: {
    ...VM, status: 'absent',
    error: { code: 'provider.absent', message: 'qemu-system-x86_64 was not found', retryable: false, hint: 'vm-qemu-missing', params: { program: 'qemu-system-x86_64', command: 'sudo apt-get install qemu-system-x86 qemu-utils' } },
  },
}

const TRIED: NonNullable<MachineState['acceleration']>['tried'] = [
  { accel: 'kvm -cpu host', why: 'QEMU ended: ended with SIGABRT: error: failed to set MSR 0x10a to 0x69' },
  { accel: 'kvm -cpu max,-arch-capabilities', why: 'no byte on the console in 6000 ms' },
]

const STATE: MachineState = {
  engineId: 'vm', running: true, qemuVersion: '10.0.13', qemuOrigin: 'bundled', memoryMiB: 1_024, cpus: 2, hostLoopback: false, publishEverywhere: false,
  folders: [{ path: '/home/mina', readonly: false }, { path: '/srv/data', readonly: true }],
  acceleration: { name: 'tcg', software: true, why: 'failed', tried: TRIED },
  containerStartMs: 3_140, restartFor: ['memory'], limits: { memoryMiB: 15_890, cpus: 8 }, phases: [],
}

const STATES: { readonly [M in MachineMood]: MachineState } = {
  ready: STATE,
  napping: { ...STATE, restartFor: [] },
  full: { ...STATE, restartFor: [] },
  damaged: {
    ...STATE, running: false, containerStartMs: null, restartFor: [], qemuVersion: '',
    phases: [
      { step: 'image', since: NOW - 24_000, tookMs: 410, limitMs: 120_000 },
      { step: 'machine', since: NOW - 23_600, tookMs: 5_480, limitMs: 100_000 },
      { step: 'guest', since: NOW - 18_100, limitMs: 120_000 },
    ],
  },
  starting: {
    ...STATE, running: false, containerStartMs: null, restartFor: [], qemuVersion: '',
    phases: [
      { step: 'image', since: NOW - 9_000, tookMs: 410, limitMs: 120_000 },
      { step: 'machine', since: NOW - 8_600, tookMs: 5_480, limitMs: 60_000 },
      { step: 'guest', since: NOW - 3_100, limitMs: 120_000 },
    ],
  },
  failed: {
    ...STATE, running: false, containerStartMs: null, restartFor: [], qemuVersion: '', acceleration: null,
    phases: [
      { step: 'image', since: NOW - 91_000, tookMs: 410, limitMs: 120_000 },
      { step: 'machine', since: NOW - 90_600, limitMs: 100_000 },
    ],
  },
  missing: { ...STATE, running: false, containerStartMs: null, restartFor: [], qemuVersion: '', qemuOrigin: null, acceleration: null },
}

export function machineScenario(mood: MachineMood): Pick<Scenario, 'engines' | 'machine' | 'settings' | 'sync'> & Partial<Pick<Scenario, 'usage' | 'containers' | 'operations'>> {
  return {
    engines: { engines: [ABSENT_NATIVE, ENGINES[mood]], currentId: mood === 'missing' ? null : 'vm', detecting: false },
    machine: STATES[mood],
    settings: { ...SETTINGS, engine: 'auto', ...(mood === 'ready' && { vm: { memoryMiB: 2_048 } }) },
    sync: UP.has(mood) ? 'live' : null,
    ...(mood === 'napping' && { usage: NAPPING }),
    ...(mood === 'full' && { usage: FULL }),
    ...(mood === 'ready' && { containers: withClosedPorts, operations: [REFUSED_RUN] }),
  }
}

/** What a run is refused with in these pictures, by the path it asks for. */
export const refusalOf = (path: string): ErrorEnvelope => ({
  code: 'invalid-request', message: `${path} is not shared with the virtual machine`, retryable: false, hint: 'folder-not-shared',
  params: { field: 'volumes', path, folders: STATE.folders.map((folder) => folder.path) },
})
const REFUSED_RUN: OperationRow = {
  id: 'op-refused', engineId: 'vm', name: 'containers.run', subject: 'site', status: 'failed', targets: [], startedAt: NOW - 95_000, endedAt: NOW - 94_900, cancellable: false,
  command: 'docker run -d --name site -v /srv/site:/usr/share/nginx/html nginx:1.27', error: refusalOf('/srv/site'),
}

/** Ports that somebody else on this computer has, one that nobody may give, one whose address went away. */
const CLOSED: Readonly<Record<string, PortConflict>> = {
  web: { kind: 'held', running: true, holder: { kind: 'process', name: 'python3', pid: 51_377, command: 'python3 -m http.server 8080' }, nearestFree: 8_081 },
  db: { kind: 'held', running: true, holder: { kind: 'unknown', name: '', user: 'postgres' }, nearestFree: 5_433 },
  mailer: { kind: 'address-gone', running: true },
}
const withClosedPorts: readonly ContainerRow[] = CONTAINERS.map((row) => {
  const conflict = CLOSED[row.name]
  return conflict ? { ...row, ports: row.ports.map((port, n) => (n === 0 ? { ...port, conflict } : port)) } : row
})

/** Some of its memory is given back, some deleted bytes have not come back yet. */
const USAGE: MachineUsage = {
  disk: { virtualBytes: 64 * 1024 ** 3, usedBytes: 9.4 * 1024 ** 3, hostBytes: 11.2 * 1024 ** 3, hostFreeBytes: 120 * 1024 ** 3 },
  memory: { limitMiB: 1_024, grantedMiB: 480, usedMiB: 229, hostMiB: 527 },
  napping: false,
  awakeFor: 'containers',
}

const NAPPING: MachineUsage = { disk: USAGE.disk, memory: { ...USAGE.memory, grantedMiB: 400, usedMiB: 204, hostMiB: 391 }, napping: true }
const FULL: MachineUsage = { ...USAGE, disk: { ...USAGE.disk, hostBytes: 61.8 * 1024 ** 3, usedBytes: 61.2 * 1024 ** 3, hostFreeBytes: 2 * 1024 ** 2 } }

/** What its reset would take; nothing is known of one that does not run. */
const lossOf = ({ machine }: Scenario): EngineLoss =>
  machine && !machine.running
    ? { known: false, containers: 0, running: 0, images: 0, volumes: 0, containersBytes: 0, imagesBytes: 0, volumesBytes: 0, buildCacheBytes: 0, dataBytes: 12.1e9, consent: 'c' }
    : { known: true, containers: 12, running: 6, images: 11, volumes: 1, containersBytes: 162e6, imagesBytes: 3.42e9, volumesBytes: 1.13e9, buildCacheBytes: 640e6, dataBytes: 12.1e9, consent: 'c' }

function offerOf(path: string): FolderOffer {
  const offer: FolderOffer = { folder: path, ofFile: false, listed: false, inside: [] }
  const refused = (hint: string): FolderOffer => ({ ...offer, problem: { code: 'invalid-request', message: hint, hint, retryable: false, params: { path } } })
  if (path === '/') return refused('vm-share')
  if (path.includes('missing')) return refused('vm-offer-missing')
  if (path.endsWith('.conf')) return { ...offer, folder: path.replace(/\/[^/]*$/, ''), ofFile: true, inside: [{ path: '/srv/conf/nginx/sites', readonly: false }] }
  return path.startsWith('/home/mina/') ? { ...offer, listed: true } : offer
}

type Names = 'machine.console' | 'machine.forget-acceleration' | 'machine.folder-offer' | 'engines.loss' | 'operations.start'

export const machineMethods = (scenario: Scenario): Pick<MethodHandlers, Names> => ({
  'engines.loss': async () => lossOf(scenario),
  'machine.folder-offer': async ({ path }) => offerOf(path),
  'operations.start': async ({ name, arg }) => {
    const source = 'spec' in arg && 'volumes' in arg.spec ? (arg.spec.volumes[0]?.source ?? '') : ''
    if (name !== 'containers.run' || !scenario.machine || !source.startsWith('/')) throw new NaruError('unsupported', `${name} is not part of the pictures`)
    const { code, message, ...more } = refusalOf(source)
    throw new NaruError(code, message, more)
  },
  'machine.console': async () => ({ lines: scenario.machine ? CONSOLE : [] }),
  'machine.forget-acceleration': async () => ({}),
})

export const machineStreams = ({ machine, usage = USAGE }: Scenario): Pick<StreamHandlers, 'machine.watch' | 'machine.usage'> => ({
  'machine.usage': async function* (_arg, { signal }): AsyncGenerator<MachineUsage> {
    if (machine?.running) yield usage
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
  },
  'machine.watch': async function* (_arg, { signal }): AsyncGenerator<MachineState> {
    if (machine) yield machine
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
  },
})
