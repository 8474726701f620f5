/**
 * Makes what the virtual machine needs: QEMU, installed when this is root on Debian, and the guest image. The engine room
 * runs it at the machine's first start: `node main/setup/vm.mjs DIR`. Each step is a line on stdout; nothing is done
 * when all is there.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname, join } from 'node:path'
import { argv, execPath, exit, stderr, stdout } from 'node:process'
import { ensurePackages, findProgram } from './apt.mjs'
import { ROOT } from './places.mjs'

const PACKAGES = ['qemu-system-x86', 'qemu-utils']

const [out] = argv.slice(2)
if (!out) {
  stderr.write('usage: node main/setup/vm.mjs DIR\n')
  exit(2)
}
if (!findProgram('qemu-system-x86_64') || !findProgram('qemu-img')) {
  stdout.write(`installing ${PACKAGES.join(' ')}\n`)
  const trouble = await ensurePackages(PACKAGES, 'the virtual machine')
  if (trouble) {
    stderr.write(`${trouble}\n`)
    exit(1)
  }
}
const script = join(ROOT, 'engine/providers/vm/image/build-image.mjs')
const child = spawn(execPath, [script, '--out', out, '--cache', join(dirname(out), 'packages')], { stdio: 'inherit' })
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
const [code] = await once(child, 'exit')
process.exitCode = code ?? 1
