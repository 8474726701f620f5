/**
 * Makes what the virtual machine needs: the guest image, and a QEMU where this machine has none. The engine room runs it at
 * the machine's first start: `node main/setup/vm.mjs IMAGE_DIR QEMU_DIR`. Each step is a line on stdout; nothing is done
 * when all is there, and nothing is installed.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { argv, execPath, exit, stderr } from 'node:process'
import { findProgram } from './apt.mjs'
import { ROOT } from './places.mjs'

const [image, qemu] = argv.slice(2)
if (!image || !qemu) {
  stderr.write('usage: node main/setup/vm.mjs IMAGE_DIR QEMU_DIR\n')
  exit(2)
}

/** Runs a builder to its end; resolves to its exit code. */
async function make(script, out) {
  const child = spawn(execPath, [join(ROOT, 'engine/providers/vm', script), '--out', out, '--cache', join(dirname(out), 'packages')], { stdio: 'inherit' })
  const end = (signal) => child.kill(signal)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end)
  const [code] = await once(child, 'exit')
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(signal, end)
  return code ?? 1
}

/** A bundle that is there is kept up to date; one is made where nothing else would do (docs/adr/0024). */
const wantsQemu = existsSync(qemu) || !findProgram('qemu-system-x86_64') || !findProgram('qemu-img')
const code = wantsQemu ? await make('qemu-bundle/build-qemu.mjs', qemu) : 0
process.exitCode = code === 0 ? await make('image/build-image.mjs', image) : code
