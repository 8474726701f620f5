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

/** Rooms checked at once. */
const AT_ONCE = 2

const asked = argv.slice(2)
const waiting = ROOMS.filter(({ room }) => asked.length === 0 || asked.includes(room))
let failed = 0

/** Checks rooms until none waits; errors of one room stay together. */
async function work() {
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const { room, tool } = next
    // What was checked before is known the next time: a second run takes a third of the time.
    const known = join(root, '.naru/types', `${room.replaceAll('/', '-')}.tsbuildinfo`)
    const args = [tool, '--noEmit', '--pretty', 'false', '--incremental', '--tsBuildInfoFile', known, '-p', join(root, room)]
    const child = spawn(execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
    let text = ''
    child.stdout.on('data', (part) => (text += part))
    const [code] = await once(child, 'close')
    stdout.write(`${text}types ${room}: ${code === 0 ? 'ok' : 'errors'}\n`)
    if (code !== 0) failed += 1
  }
}

await Promise.all(Array.from({ length: AT_ONCE }, work))
exit(failed === 0 ? 0 : 1)
