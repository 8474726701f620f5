import { describe, expect, it } from 'vitest'
import { accelerations, chooseAccelerations, isSoftware, memoryKey } from '../../../engine/providers/vm/acceleration.ts'
import type { Acceleration } from '../../../engine/providers/vm/acceleration.ts'
import { comma, defaultSize, kernelLine, qemuArguments } from '../../../engine/providers/vm/arguments.ts'
import type { MachineOptions } from '../../../engine/providers/vm/arguments.ts'
import { hostKind, qemuProgram } from '../../../engine/providers/vm/platform.ts'
import type { HostKind } from '../../../engine/providers/vm/platform.ts'

const kind = (platform: string, arch: string): HostKind => hostKind(platform, arch) ?? expect.fail('no host')

const HOSTS = [
  kind('linux', 'x64'), kind('linux', 'arm64'), kind('darwin', 'x64'), kind('darwin', 'arm64'), kind('win32', 'x64'), kind('win32', 'arm64'),
]

const machine = (host: HostKind, more: Partial<MachineOptions> = {}): MachineOptions => ({
  host,
  acceleration: accelerations(host)[0] ?? expect.fail('no acceleration'),
  cpus: 2,
  memoryMiB: 2048,
  kernel: '/i/vmlinux',
  initrd: '/i/initrd',
  root: '/i/rootfs.sqfs',
  data: '/s/data.qcow2',
  api: host.platform === 'win32' ? 'naru-api' : '/s/api.sock',
  qmp: host.platform === 'win32' ? 'naru-qmp' : '/s/qmp.sock',
  serialLog: '/s/serial.log',
  version: '7.2.22',
  ...more,
})

/** Every value given for an option. */
const values = (args: readonly string[], option: string): string[] => args.flatMap((each, index) => (each === option ? [args[index + 1] ?? ''] : []))

describe('which acceleration is tried', () => {
  it.each([
    ['linux', 'x64', ['kvm host', 'kvm max,-arch-capabilities', 'tcg,thread=multi,tb-size=80 max,-erms']],
    ['linux', 'arm64', ['kvm host', 'tcg,thread=multi,tb-size=80 max']],
    ['darwin', 'x64', ['hvf host', 'tcg,thread=multi,tb-size=80 max,-erms']],
    ['darwin', 'arm64', ['hvf host', 'tcg,thread=multi,tb-size=80 max']],
    ['win32', 'x64', ['whpx,kernel-irqchip=off max', 'whpx,kernel-irqchip=off Westmere', 'tcg,thread=multi,tb-size=80 max,-erms']],
    ['win32', 'arm64', ['whpx,kernel-irqchip=off host', 'tcg,thread=multi,tb-size=80 max']],
  ])('%s %s', (platform, arch, wanted) => {
    expect(accelerations(kind(platform, arch)).map(({ accel, cpu }) => `${accel} ${cpu}`)).toEqual(wanted)
  })

  it('nowhere else', () => {
    expect(hostKind('freebsd', 'x64')).toBeNull()
    expect(hostKind('linux', 'ia32')).toBeNull()
  })

  const host = kind('linux', 'x64')
  const [first, second, software] = accelerations(host) as [Acceleration, Acceleration, Acceleration]
  const key = memoryKey(host, '6.1.0', '7.2.22', 'usable')
  const choose = (more: Partial<Parameters<typeof chooseAccelerations>[1]>) => chooseAccelerations(host, { remembered: null, key, usable: () => true, ...more })

  it.each<[string, Partial<Parameters<typeof chooseAccelerations>[1]>, readonly Acceleration[]]>([
    ['nothing known: all in order', {}, [first, second, software]],
    ['what worked comes first, then only software', { remembered: { key, ...second } }, [second, software]],
    ['software worked: no second hang', { remembered: { key, ...software } }, [software]],
    ['a device that could not be used then: all again', { remembered: { ...software, key: memoryKey(host, '6.1.0', '7.2.22', 'denied') } }, [first, second, software]],
    ['another kernel or QEMU: all again', { remembered: { ...software, key: memoryKey(host, '6.1.1', '7.2.22', 'usable') } }, [first, second, software]],
    ['what is remembered is no longer offered', { remembered: { key, accel: 'xen', cpu: 'host' } }, [first, second, software]],
    ['no access to the device', { usable: () => false }, [software]],
    ['what is remembered lost its device', { usable: () => false, remembered: { key, ...first } }, [software]],
    ['the person wants none', { softwareOnly: true, remembered: { key, ...first } }, [software]],
  ])('%s', (_name, options, wanted) => {
    expect(choose(options)).toEqual(wanted)
  })
})

describe('QEMU’s command line', () => {
  it.each(HOSTS.map((host) => [`${host.platform} ${host.arch}`, host] as const))('%s: bare machine, virtio only, no listener on the network', (_name, host) => {
    const args = qemuArguments(machine(host))
    const text = args.join(' ')
    for (const option of ['-nodefaults', '-no-user-config', '-no-reboot']) expect(args).toContain(option)
    expect(values(args, '-display')).toEqual(['none'])
    expect(text).not.toMatch(/hostfwd|tcp:|telnet|vnc|port=|-monitor|-usb|e1000|-vga/)
    for (const device of values(args, '-device')) expect(device).toMatch(/^(virtio-|virtserialport,)/)
    expect(values(args, '-netdev')).toEqual(['user,id=n0,ipv6=off'])
    expect(values(args, '-mon')).toEqual(['chardev=qmp,mode=control'])
    expect(values(args, '-drive')[0]).toContain('readonly=on')
    expect(values(args, '-drive')[1]).not.toContain('lazy')
  })

  it.each([
    ['linux', 'x64', { machine: 'q35', console: 'ttyS0', program: 'qemu-system-x86_64', channel: 'socket,id=api,path=/s/api.sock,server=on,wait=off', sandbox: 1 }],
    ['linux', 'arm64', { machine: 'virt,gic-version=max', console: 'ttyAMA0', program: 'qemu-system-aarch64', channel: 'socket,id=api,path=/s/api.sock,server=on,wait=off', sandbox: 1 }],
    ['darwin', 'x64', { machine: 'q35', console: 'ttyS0', program: 'qemu-system-x86_64', channel: 'socket,id=api,path=/s/api.sock,server=on,wait=off', sandbox: 0 }],
    ['darwin', 'arm64', { machine: 'virt', console: 'ttyAMA0', program: 'qemu-system-aarch64', channel: 'socket,id=api,path=/s/api.sock,server=on,wait=off', sandbox: 0 }],
    ['win32', 'x64', { machine: 'q35', console: 'ttyS0', program: 'qemu-system-x86_64.exe', channel: 'pipe,id=api,path=naru-api', sandbox: 0 }],
  ])('%s %s: what differs', (platform, arch, wanted) => {
    const host = kind(platform, arch)
    const args = qemuArguments(machine(host))
    expect({
      machine: values(args, '-machine')[0],
      console: /console=(\S+)/.exec(values(args, '-append')[0] ?? '')?.[1],
      program: qemuProgram(host),
      channel: values(args, '-chardev')[0],
      sandbox: values(args, '-sandbox').length,
    }).toEqual(wanted)
  })

  it('seccomp forbids new programs and privileges; changing the user is allowed only when asked for', () => {
    const host = kind('linux', 'x64')
    expect(values(qemuArguments(machine(host)), '-sandbox')).toEqual(['on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny'])
    const dropped = qemuArguments(machine(host, { runAs: { uid: 64214, gid: 64214 } }))
    expect(values(dropped, '-runas')).toEqual(['64214:64214'])
    expect(values(dropped, '-sandbox')[0]).toContain('spawn=deny')
    const named = (version: string) => values(qemuArguments(machine(host, { version, runAs: { uid: 1, gid: 2 } })), '-run-with')
    expect(['9.0.2', '9.1.0', '10.0.13', '11.1', ''].map(named)).toEqual([[], ['user=1:2'], ['user=1:2'], ['user=1:2'], []])
  })

  it('folders are shared at their own path, owners mapped; QEMU for Windows cannot', () => {
    const shares = [{ tag: 'h0', path: '/home/a b,c', readonly: false }, { tag: 'h1', path: '/srv', readonly: true }]
    const args = qemuArguments(machine(kind('linux', 'x64'), { shares }))
    expect(values(args, '-fsdev')).toEqual([
      'local,id=h0,path=/home/a b,,c,security_model=mapped-xattr,multidevs=remap,readonly=off',
      'local,id=h1,path=/srv,security_model=mapped-xattr,multidevs=remap,readonly=on',
    ])
    expect(values(args, '-append')[0]).toContain('naru.mnt=h0:/home/a%20b%2Cc:rw,h1:/srv:ro')
    expect(values(qemuArguments(machine(kind('win32', 'x64'), { shares })), '-fsdev')).toEqual([])
  })

  it('commas in paths do not become options', () => {
    expect(comma('/a,b')).toBe('/a,,b')
    expect(values(qemuArguments(machine(kind('linux', 'x64'), { data: '/s,readonly=on/d' })), '-drive')[1]).toContain('file=/s,,readonly=on/d,format=qcow2')
  })

  it('the guest is told what the person allowed, and nothing by default', () => {
    const host = kind('linux', 'x64')
    expect(kernelLine(machine(host))).not.toContain('naru.')
    // Only emulated processors are known to share one counter.
    const all = accelerations(host)
    expect(all.map((acceleration) => kernelLine(machine(host, { acceleration })).includes('tsc=reliable'))).toEqual(all.map(isSoftware))
    expect(kernelLine(machine(host, { hostLoopback: true, publishEverywhere: true, repair: true }))).toContain('naru.hostloopback=yes naru.publish=all naru.fsck=yes')
  })

  it('sizes: never below what boots', () => {
    const host = kind('linux', 'x64')
    const [hardware, , software] = accelerations(host) as [Acceleration, Acceleration, Acceleration]
    expect(values(qemuArguments(machine(host, { memoryMiB: 10, cpus: 0 })), '-m')).toEqual(['512'])
    expect(defaultSize(hardware, 16)).toEqual({ cpus: 4, memoryMiB: 2048 })
    expect([1, 2, 4, 16].map((cores) => defaultSize(software, cores))).toEqual([1, 1, 2, 2].map((cpus) => ({ cpus, memoryMiB: 1024 })))
  })
})
