/** The virtual machine in the pictures: running in software, on its way up, failed, not to be had. */
import type { EngineSummary, MachineState, MachineUsage } from '../../engine/contract/models.ts'
import type { MethodHandlers, StreamHandlers } from '../../engine/link/handlers.ts'
import { NATIVE, NOW, SETTINGS } from './seed.ts'
import type { Scenario } from './scenarios.ts'

export type MachineMood = 'ready' | 'starting' | 'failed' | 'missing'

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

const ENGINES: { readonly [M in MachineMood]: EngineSummary } = {
  ready: {
    ...VM, status: 'ready', capabilities: NATIVE.capabilities!, rootless: false,
    version: { ...NATIVE.version!, kernel: '6.1.0-41-amd64', cpus: 2, memoryBytes: 1_013_280_768 },
  },
  starting: {
    ...VM, status: 'starting', since: NOW - 9_000,
    phase: { step: 'guest', index: 3, total: 4, since: NOW - 3_100, limitMs: 120_000, lastLine: 'fsck rc=0: narudata: clean, 1914/4194304 files' },
  },
  failed: {
    ...VM, status: 'failed', since: NOW - 4_000,
    error: { code: 'provider.boot-failed', message: 'the virtual machine did not boot', retryable: false, hint: 'vm-boot', detail: 'kvm -cpu host: no userspace in 20000 ms\nkvm -cpu max,-arch-capabilities: no byte on the console in 6000 ms\ntcg,thread=multi,tb-size=96 -cpu max: no userspace in 60000 ms' },
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
  restartFor: ['memory'], limits: { memoryMiB: 15_890, cpus: 8 }, phases: [],
}

const STATES: { readonly [M in MachineMood]: MachineState } = {
  ready: STATE,
  starting: {
    ...STATE, running: false, restartFor: [], qemuVersion: '',
    phases: [
      { step: 'image', since: NOW - 9_000, tookMs: 410, limitMs: 120_000 },
      { step: 'machine', since: NOW - 8_600, tookMs: 5_480, limitMs: 60_000 },
      { step: 'guest', since: NOW - 3_100, limitMs: 120_000 },
    ],
  },
  failed: {
    ...STATE, running: false, restartFor: [], qemuVersion: '', acceleration: null,
    phases: [
      { step: 'image', since: NOW - 91_000, tookMs: 410, limitMs: 120_000 },
      { step: 'machine', since: NOW - 90_600, limitMs: 100_000 },
    ],
  },
  missing: { ...STATE, running: false, restartFor: [], qemuVersion: '', qemuOrigin: null, acceleration: null },
}

export function machineScenario(mood: MachineMood): Pick<Scenario, 'engines' | 'machine' | 'settings' | 'sync'> {
  return {
    engines: { engines: [ABSENT_NATIVE, ENGINES[mood]], currentId: mood === 'missing' ? null : 'vm', detecting: false },
    machine: STATES[mood],
    settings: { ...SETTINGS, engine: 'auto', ...(mood === 'ready' && { vm: { memoryMiB: 2_048 } }) },
    sync: mood === 'ready' ? 'live' : null,
  }
}

/** Some of its memory is given back, some deleted bytes have not come back yet. */
const USAGE: MachineUsage = {
  disk: { virtualBytes: 64 * 1024 ** 3, usedBytes: 9.4 * 1024 ** 3, hostBytes: 11.2 * 1024 ** 3, hostFreeBytes: 120 * 1024 ** 3 },
  memory: { limitMiB: 1_024, grantedMiB: 480, usedMiB: 229, hostMiB: 527 },
  napping: false,
  awakeFor: 'containers',
}

export const machineMethods = (scenario: Scenario): Pick<MethodHandlers, 'machine.console' | 'machine.forget-acceleration'> => ({
  'machine.console': async () => ({ lines: scenario.machine ? CONSOLE : [] }),
  'machine.forget-acceleration': async () => ({}),
})

export const machineStreams = ({ machine }: Scenario): Pick<StreamHandlers, 'machine.watch' | 'machine.usage'> => ({
  'machine.usage': async function* (_arg, { signal }): AsyncGenerator<MachineUsage> {
    if (machine?.running) yield USAGE
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
  },
  'machine.watch': async function* (_arg, { signal }): AsyncGenerator<MachineState> {
    if (machine) yield machine
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
  },
})
