/** Programs that listen on a port of this machine, as processes of their own. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'

export interface ListeningProgram {
  readonly pid: number
  readonly port: number
  readonly close: () => Promise<void>
}

const SCRIPT = `
const [, kind, host, port] = process.argv
const say = (socket) => process.stdout.write(String(socket.address().port))
if (kind === 'tcp') { const server = require('net').createServer().listen({ host, port: Number(port), ipv6Only: host.includes(':') }, () => say(server)) }
else { const socket = require('dgram').createSocket({ type: host.includes(':') ? 'udp6' : 'udp4' }); socket.bind(Number(port), host, () => say(socket)) }
process.stdin.resume().on('end', () => process.exit())
`

/** Resolves once it listens. @param port 0 = any; @param uid user it runs as */
export async function listen(kind: 'tcp' | 'udp', host: string, { port = 0, uid }: { readonly port?: number; readonly uid?: number } = {}): Promise<ListeningProgram> {
  const child: ChildProcess = spawn(process.execPath, ['-e', SCRIPT, kind, host, String(port)], { stdio: ['pipe', 'pipe', 'inherit'], cwd: '/', ...(uid !== undefined && { uid, gid: uid }) })
  const [line] = (await once(child.stdout ?? child, 'data', { signal: AbortSignal.timeout(20_000) })) as [Buffer]
  return {
    pid: child.pid ?? 0,
    port: Number(line.toString().trim()),
    close: async () => {
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
  }
}
