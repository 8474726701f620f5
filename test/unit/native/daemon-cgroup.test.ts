import { describe, expect, it } from 'vitest'
import { startedIn, unifiedMount } from '../../../engine/providers/native/daemon-cgroup.ts'

describe('the daemon’s control group', () => {
  it('is made where the second version is mounted whole', () => {
    const alone = '25 30 0:23 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate'
    const beside = '36 25 0:31 / /sys/fs/cgroup/unified rw,nosuid shared:9 - cgroup2 cgroup2 rw'
    const first = '37 25 0:32 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu'
    expect(unifiedMount(alone)).toBe('/sys/fs/cgroup')
    expect(unifiedMount(`${first}\n${beside}\n`)).toBe('/sys/fs/cgroup/unified')
    expect(unifiedMount(first)).toBeNull()
    expect(unifiedMount('')).toBeNull()
    // A part of it: the firewall would look for the path elsewhere.
    expect(unifiedMount(alone.replace('0:23 /', '0:23 /docker/abc'))).toBeNull()
  })
  it('is entered before the daemon begins, by words and not by a text for the shell', () => {
    const [file, args] = startedIn('/sys/fs/cgroup/naru-0a1b2c3d', ['nsenter', ['--net=/a b', 'dockerd']])
    expect(file).toBe('/bin/sh')
    expect(args.slice(2)).toEqual(['/sys/fs/cgroup/naru-0a1b2c3d', 'nsenter', '--net=/a b', 'dockerd'])
    expect(args[1]).toMatch(/cgroup\.procs"; exec "\$@"$/)
    expect(startedIn(null, ['nsenter', ['dockerd']])).toEqual(['nsenter', ['dockerd']])
  })
})
