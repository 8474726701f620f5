/**
 * QEMU's command line, as a pure function of what is wanted. Sources: QEMU 7.2 "Invocation" (-accel, -sandbox, -chardev,
 * -netdev user, -drive), "virt generic virtual platform" (gic-version, arm64), "PVH" boot of an ELF kernel on x86;
 * Windows' pipes: `-chardev pipe,path=NAME` is \\.\pipe\NAME. Only Linux amd64 has been run (README).
 */
import type { Acceleration } from './acceleration.ts'
import { isSoftware } from './acceleration.ts'
import { guestArch } from './platform.ts'
import type { HostKind } from './platform.ts'

/** A folder of the host that the guest sees at the same path. */
export interface Share {
  /** `h0`, `h1`… */
  readonly tag: string
  readonly path: string
  readonly readonly: boolean
}

export interface MachineOptions {
  readonly host: HostKind
  readonly acceleration: Acceleration
  readonly cpus: number
  readonly memoryMiB: number
  readonly kernel: string
  readonly initrd: string
  /** squashfs, opened read-only. */
  readonly root: string
  /** qcow2 */
  readonly data: string
  /** Socket paths; on Windows names of pipes. */
  readonly api: string
  readonly qmp: string
  readonly serialLog: string
  readonly shares?: readonly Share[]
  /** Containers may reach the host's loopback (10.0.2.2). */
  readonly hostLoopback?: boolean
  /** Ports published without an address are for the whole network, as Docker has it; else for this computer alone. */
  readonly publishEverywhere?: boolean
  /** The disk check may change things; only after the person agreed. */
  readonly repair?: boolean
  /** Changes to this numeric user and group after opening everything; forbids the sandbox to forbid that. */
  readonly runAs?: { readonly uid: number; readonly gid: number }
  /** Of QEMU, like `7.2.22`; what it calls some options depends on it. */
  readonly version: string
}

/** Least memory that boots and answers with room for a container. */
export const MEMORY_FLOOR_MIB = 512

/** A comma ends a value in QEMU's options; two mean one. */
export const comma = (value: string): string => value.replaceAll(',', ',,')

const bool = (value: boolean): string => (value ? 'on' : 'off')

/** Values on the kernel's command line are split at blanks; shares' paths are therefore percent-encoded. */
const word = (text: string): string => encodeURIComponent(text).replaceAll('%2F', '/')

/** The kernel's command line. */
export function kernelLine(options: MachineOptions): string {
  const { host, shares = [], hostLoopback = false, publishEverywhere = false, repair = false } = options
  const serial = guestArch(host) === 'amd64' ? 'ttyS0' : 'ttyAMA0'
  return [
    `console=${serial}`,
    // The first byte comes early, which is what the boot watchdog waits for.
    guestArch(host) === 'amd64' ? `earlyprintk=${serial}` : 'earlycon',
    'quiet',
    'loglevel=4',
    'panic=-1',
    // Emulation does not speculate.
    `mitigations=${isSoftware(options.acceleration) ? 'off' : 'auto'}`,
    'random.trust_cpu=1',
    'audit=0',
    // All emulated processors read one counter; the kernel cannot know, and would ask a slow emulated device for the time.
    ...(isSoftware(options.acceleration) && guestArch(host) === 'amd64' ? ['tsc=reliable'] : []),
    ...(shares.length > 0 ? [`naru.mnt=${shares.map((each) => `${each.tag}:${word(each.path)}:${each.readonly ? 'ro' : 'rw'}`).join(',')}`] : []),
    ...(hostLoopback ? ['naru.hostloopback=yes'] : []),
    ...(publishEverywhere ? ['naru.publish=all'] : []),
    ...(repair ? ['naru.fsck=yes'] : []),
  ].join(' ')
}

function machine({ host }: MachineOptions): readonly string[] {
  if (guestArch(host) === 'amd64') return ['-machine', 'q35']
  return ['-machine', host.platform === 'linux' ? 'virt,gic-version=max' : 'virt']
}

/** `server=on,wait=off` makes a socket QEMU listens on itself; a Windows pipe always has a server. */
function channel(host: HostKind, id: string, at: string): readonly string[] {
  if (host.platform === 'win32') return ['-chardev', `pipe,id=${id},path=${comma(at)}`]
  return ['-chardev', `socket,id=${id},path=${comma(at)},server=on,wait=off`]
}

function disks({ root, data }: MachineOptions): readonly string[] {
  return [
    '-drive', `if=none,id=r,file=${comma(root)},format=raw,readonly=on`,
    '-device', 'virtio-blk-pci,drive=r',
    '-drive', `if=none,id=d,file=${comma(data)},format=qcow2,discard=unmap,detect-zeroes=unmap,cache=writeback,werror=stop,rerror=report`,
    '-device', 'virtio-blk-pci,drive=d',
  ]
}

/** Sharing by QEMU's own 9p server: not in QEMU for Windows. Owners are kept in attributes, files stay the user's. */
function shares({ host, shares: all = [] }: MachineOptions): readonly string[] {
  if (host.platform === 'win32') return []
  return all.flatMap(({ tag, path, readonly }) => [
    '-fsdev', `local,id=${tag},path=${comma(path)},security_model=mapped-xattr,multidevs=remap,readonly=${bool(readonly)}`,
    '-device', `virtio-9p-pci,fsdev=${tag},mount_tag=${tag}`,
  ])
}

/** `-runas` became `-run-with user=` in QEMU 9.1 and was taken away in 10.0. */
function userOption(version: string, user: string): readonly string[] {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > 9 || (major === 9 && minor >= 1) ? ['-run-with', `user=${user}`] : ['-runas', user]
}

/** seccomp is Linux' own; QEMU must be allowed to change its user when that is asked of it. */
function confinement({ host, runAs, version }: MachineOptions): readonly string[] {
  if (host.platform !== 'linux') return []
  const privileges = runAs ? 'allow' : 'deny'
  return [
    '-sandbox', `on,obsolete=deny,elevateprivileges=${privileges},spawn=deny,resourcecontrol=deny`,
    ...(runAs ? userOption(version, `${runAs.uid}:${runAs.gid}`) : []),
  ]
}

/** Every argument of QEMU for a machine. */
export function qemuArguments(options: MachineOptions): readonly string[] {
  const { host, acceleration, cpus, memoryMiB, kernel, initrd, api, qmp, serialLog } = options
  return [
    '-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot', '-name', host.platform === 'linux' ? 'naru,process=naru-vm' : 'naru',
    ...machine(options),
    '-accel', acceleration.accel,
    '-cpu', acceleration.cpu,
    '-smp', String(Math.max(1, Math.floor(cpus))),
    '-m', String(Math.max(MEMORY_FLOOR_MIB, Math.floor(memoryMiB))),
    '-kernel', kernel,
    '-initrd', initrd,
    '-append', kernelLine(options),
    ...disks(options),
    // No network boot: its ROM costs start time.
    '-netdev', 'user,id=n0,ipv6=off',
    '-device', 'virtio-net-pci,netdev=n0,romfile=',
    '-device', 'virtio-rng-pci',
    '-device', 'virtio-balloon-pci,id=balloon,free-page-reporting=on,deflate-on-oom=on',
    '-device', 'virtio-serial-pci,id=vs',
    ...channel(host, 'api', api),
    '-device', 'virtserialport,bus=vs.0,chardev=api,name=naru.api',
    ...channel(host, 'qmp', qmp),
    '-mon', 'chardev=qmp,mode=control',
    '-chardev', `file,id=con,path=${comma(serialLog)}`,
    '-serial', 'chardev:con',
    '-rtc', 'base=utc,clock=host',
    ...shares(options),
    ...confinement(options),
  ]
}

/**
 * Memory and processors for a machine nobody chose them for. Emulation has no use for much of either: processors that
 * interrupt each other cost more than the second one of two gives, so half of the cores is enough (docs/adr/0022).
 */
export function defaultSize(acceleration: Acceleration, cores: number): { readonly cpus: number; readonly memoryMiB: number } {
  const half = Math.floor(cores / 2)
  if (isSoftware(acceleration)) return { cpus: Math.max(1, Math.min(2, half)), memoryMiB: 1024 }
  return { cpus: Math.max(1, Math.min(4, Math.max(2, half), cores)), memoryMiB: 2048 }
}
