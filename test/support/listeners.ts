/** Every socket that some processes listen with, out of /proc, whatever network namespace it is in. */
import { readFile, readdir, readlink } from 'node:fs/promises'
import { argumentsOf, listProcesses } from '../../engine/system/processes.ts'

export interface Listener {
  readonly pid: number
  /** Name of the program. */
  readonly program: string
  readonly kind: 'tcp' | 'udp' | 'unix'
  /** `127.0.0.1:80`, `[::]:80`; a path, or `@name` of an abstract one. */
  readonly at: string
  /** Absent for `unix`. */
  readonly port?: number
}

/** Processes whose arguments or environment name a folder. Containers are not among them. */
export async function processesOf(folder: string): Promise<readonly number[]> {
  const found = await Promise.all(
    (await listProcesses()).map(async (pid) => {
      const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '')
      return pid !== process.pid && `${environment}${(await argumentsOf(pid)).join(' ')}`.includes(folder) ? [pid] : []
    }),
  )
  return found.flat()
}

/** Inodes of the sockets a process has open. */
async function socketsOf(pid: number): Promise<readonly string[]> {
  const links = await Promise.all((await readdir(`/proc/${pid}/fd`).catch(() => [])).map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')))
  return links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? [])
}

/** `0100007F:1F90` of /proc/net/tcp: the bytes of each word are turned around. */
export function addressOf(text: string): { readonly host: string; readonly port: number } {
  const [hex = '', port = ''] = text.split(':')
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => (word.match(/../g) ?? []).reverse()).map((byte) => Number.parseInt(byte, 16))
  const host = bytes.length === 4 ? bytes.join('.') : `[${bytes.flatMap((byte, n) => (n % 2 ? [] : [((byte << 8) | (bytes[n + 1] ?? 0)).toString(16)])).join(':')}]`
  return { host, port: Number.parseInt(port, 16) }
}

/** Listening sockets by inode, as the network namespace of a process has them. */
async function tableOf(pid: number): Promise<ReadonlyMap<string, Omit<Listener, 'pid' | 'program'>>> {
  const read = async (name: string): Promise<readonly (readonly string[])[]> =>
    (await readFile(`/proc/${pid}/net/${name}`, 'utf8').catch(() => '')).split('\n').slice(1).map((line) => line.trim().split(/\s+/))
  const table = new Map<string, Omit<Listener, 'pid' | 'program'>>()
  // 0A: listens. 07: a datagram socket that is bound, and connected to nobody.
  for (const [kind, state] of [['tcp', '0A'], ['udp', '07']] as const) {
    for (const words of [...(await read(kind)), ...(await read(`${kind}6`))]) {
      if (words[3] !== state) continue
      const { host, port } = addressOf(words[1] ?? '')
      table.set(words[9] ?? '', { kind, at: `${host}:${port}`, port })
    }
  }
  for (const [, , , flags = '', , , inode = '', ...path] of await read('unix')) {
    // 10000: accepts connections.
    if ((Number.parseInt(flags, 16) & 0x10000) !== 0) table.set(inode, { kind: 'unix', at: path.join(' ') })
  }
  return table
}

/** Sockets may lie in another namespace than their process: all that the machine has are looked into. */
export async function listenersOf(pids: readonly number[]): Promise<readonly Listener[]> {
  const namespaces = new Map<string, number>()
  for (const pid of await listProcesses()) namespaces.set(await readlink(`/proc/${pid}/ns/net`).catch(() => ''), pid)
  namespaces.delete('')
  const tables = await Promise.all([...namespaces.values()].map(tableOf))
  const found: Listener[] = []
  for (const pid of pids) {
    const program = (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')).trim()
    for (const inode of await socketsOf(pid)) for (const table of tables) {
      const listener = table.get(inode)
      if (listener) found.push({ pid, program, ...listener })
    }
  }
  return found
}
