/** What can be reached from within a container or a network namespace: one program tries a list of addresses and says what became of each. */
import { dirname } from 'node:path'
import { realpathSync } from 'node:fs'
import { exec } from '../../engine/system/exec.ts'

export interface Target {
  readonly host: string
  readonly port: number
  /** Address to bind to first. */
  readonly from?: string
}

/** `open`, the code of the error, or `silent` when nothing came back within the time. */
export type Outcome = string

/** More at once would be this machine's limits, not the network's. */
const AT_ONCE = 200
/** Everything tried here is on this machine: an answer comes at once or never, ms. */
const WAIT_MS = 1_500

const PROGRAM = `
const net = require('net')
const { targets, waitMs, atOnce } = JSON.parse(process.argv[1])
const one = ({ host, port, from }) => new Promise((done) => {
  const socket = net.connect({ host, port, ...(from && { localAddress: from }) })
  const say = (what) => { socket.destroy(); done(what) }
  const late = setTimeout(() => say('silent'), waitMs)
  socket.once('connect', () => { clearTimeout(late); say('open') }).on('error', (e) => { clearTimeout(late); say(e.code || e.message) })
})
const said = []
const work = async (next) => { for (let i; (i = next()) < targets.length;) said[i] = await one(targets[i]) }
let at = 0
Promise.all(Array.from({ length: atOnce }, () => work(() => at++))).then(() => process.stdout.write(JSON.stringify(said)))
`

const argument = (targets: readonly Target[]): string => JSON.stringify({ targets, waitMs: WAIT_MS, atOnce: AT_ONCE })

/** Where this machine's Node is found in a container that was given {@link nodeMounts}. */
const NODE_FOLDER = '/naru-node'

/** Options of `docker run` that show a container this machine's Node and libraries, for reading. */
export function nodeMounts(): readonly string[] {
  const folders = ['/lib', '/lib64', '/usr'].map((path) => `${path}:${path}:ro`)
  return [...folders, `${dirname(realpathSync(process.execPath))}:${NODE_FOLDER}:ro`].flatMap((each) => ['-v', each])
}

/** Words of a command that tries the targets in a container with {@link nodeMounts}. */
export const probeInContainer = (targets: readonly Target[]): readonly string[] => [`${NODE_FOLDER}/node`, '-e', PROGRAM, argument(targets)]

/** Outcomes in the order of the targets, out of what the command printed. */
export const outcomes = (printed: string): readonly Outcome[] => JSON.parse(printed) as Outcome[]

/** Tries the targets from the network namespace of a process. */
export async function probeFrom(pid: number, targets: readonly Target[]): Promise<readonly Outcome[]> {
  const command = [`--net=/proc/${pid}/ns/net`, process.execPath, '-e', PROGRAM, argument(targets)]
  return outcomes((await exec('nsenter', command, { timeoutMs: 120_000 })).stdout)
}

/** For a shell in a container: paths of sockets in its file system, and names of abstract ones in its network. Prints nothing when there are none. */
export const LOOK_FOR_SOCKETS = 'find / -path /proc -prune -o -type s -print; while read -r n r p f t s i path; do case $path in @*) echo "$path";; esac; done < /proc/net/unix'
