/** Checks the types of every room: tsc where there are no components, vue-tsc where there are. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import { argv, execPath, exit, stdout } from 'node:process'
import { fileURLToPath } from 'node:url'

const root = resolve(fileURLToPath(new URL('..', import.meta.url)))
const TSC = join(root, 'node_modules/typescript/bin/tsc')
const VUE_TSC = join(root, 'node_modules/vue-tsc/bin/vue-tsc.js')
const ROOMS = [
  { room: 'engine/contract', tool: TSC },
  { room: 'engine', tool: TSC },
  { room: 'main', tool: TSC },
  { room: 'renderer', tool: VUE_TSC },
  { room: 'test', tool: VUE_TSC },
]

const asked = argv.slice(2)
let failed = 0
for (const { room, tool } of ROOMS) {
  if (asked.length > 0 && !asked.includes(room)) continue
  const child = spawn(execPath, [tool, '--noEmit', '-p', join(root, room)], { cwd: root, stdio: 'inherit' })
  const [code] = await once(child, 'exit')
  stdout.write(`types ${room}: ${code === 0 ? 'ok' : 'errors'}\n`)
  if (code !== 0) failed += 1
}
exit(failed === 0 ? 0 : 1)
