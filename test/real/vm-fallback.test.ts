/**
 * Hardware's help that fails in the middle: QEMU aborts with the first processor, with the second the guest gets as far as
 * its first program and is gone. In the real accelerator's place, which does not fail on demand, a script calls QEMU.
 */
import { chmod, mkdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findQemu } from '../../engine/providers/vm/qemu.ts'
import { accelerationDevice } from '../../engine/providers/vm/launch.ts'
import { findMachine } from '../../engine/providers/vm/record.ts'
import { USERSPACE_MARKER } from '../../engine/providers/vm/watchdog.ts'
import { makeVmHome, prepareVmImage, VM_QEMU, whyNoVm } from '../support/vm.ts'
import type { VmHome } from '../support/vm.ts'

const reason = whyNoVm() ?? ((await accelerationDevice()) === 'usable' ? null : 'no device to accelerate with, so nothing to fall back from')
if (reason) console.log(`skipped: falling back from hardware's help is not tried here (${reason})`)

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`

/** QEMU as `-accel kvm` finds it here: see above. Other accelerations are the real QEMU's. */
const script = (program: string, console: string): string => `#!/bin/bash
case " $* " in *' kvm '*)
  case " $* " in *' -cpu host '*) echo 'no such register' >&2; exit 1;; esac
  args=()
  for each in "$@"; do
    case $each in kvm) each=tcg,thread=multi;; max,-arch-capabilities) each=max,-erms;; esac
    args+=("$each")
  done
  (until grep -qs ${quoted(USERSPACE_MARKER)} ${quoted(console)}; do kill -0 $$ || exit; sleep 0.05; done; sleep 0.3; kill -KILL $$) &
  exec ${program} "\${args[@]}";;
esac
exec ${program} "$@"
`

describe.skipIf(reason !== null)('a machine whose acceleration fails after its first program', () => {
  let home: VmHome
  const path = process.env.PATH ?? ''

  beforeAll(async () => {
    await prepareVmImage()
    home = await makeVmHome({ qemuFolder: join('/nowhere', 'qemu') })
    const { emulator, img } = await findQemu({ platform: 'linux', arch: 'x64' }, { bundle: VM_QEMU })
    const programs = join(home.folder, 'bin')
    await mkdir(programs)
    const words = ({ file, args }: typeof emulator): string => [file, ...args].map(quoted).join(' ')
    await writeFile(join(programs, 'qemu-system-x86_64'), script(words(emulator), home.paths.console))
    await writeFile(join(programs, 'qemu-img'), `#!/bin/sh\nexec ${words(img)} "$@"\n`)
    for (const name of ['qemu-system-x86_64', 'qemu-img']) await chmod(join(programs, name), 0o755)
    process.env.PATH = `${programs}:${path}`
  }, 960_000)

  afterAll(async () => {
    process.env.PATH = path
    await home?.destroy()
  }, 60_000)

  it('is started with the next one, and the engine answers; what failed is told, and not remembered', async () => {
    const handle = await home.start()
    try {
      const { accel, acceleration } = (await findMachine(home.paths)) ?? expect.fail('no machine runs')
      expect(accel).toMatch(/^tcg/)
      expect(acceleration).toMatchObject({ software: true, why: 'failed' })
      expect(acceleration.tried.map((each) => each.accel)).toEqual(['kvm -cpu host', 'kvm -cpu max,-arch-capabilities'])
      expect(acceleration.tried[0]?.why).toContain('no such register')
      expect(await home.docker(['version', '--format', '{{.Server.Os}}'])).toBe('linux')
      expect(home.lines.join('\n')).toContain('trying the next acceleration')
      await expect(stat(home.paths.memory)).rejects.toMatchObject({ code: 'ENOENT' })
    } finally {
      await handle.stop({ graceMs: 30_000 })
    }
  }, 300_000)
})
