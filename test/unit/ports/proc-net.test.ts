import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hostPorts } from '../../../engine/ports/host-ports.ts'
import { hasConnected, parseSctpTable, parseSocketTable } from '../../../engine/ports/proc-net.ts'
import type { Listener } from '../../../engine/ports/proc-net.ts'

const head = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n'
const line = (address: string, state: string, inode: number) =>
  `   0: ${address} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000  1000        0 ${inode} 1 0 100 0 0 10 0\n`

describe('parseSocketTable', () => {
  it.each([
    ['0100007F:1F90', '127.0.0.1', 8080],
    ['00000000:0050', '0.0.0.0', 80],
    ['00000000000000000000000000000000:0050', '::', 80],
    ['00000000000000000000000001000000:0050', '::1', 80],
    ['0000000000000000FFFF00000100007F:0050', '127.0.0.1', 80],
    ['B80D0120000000000000000001000000:0050', '2001:db8::1', 80],
  ])('%s', (address, ip, port) => {
    expect(parseSocketTable(head + line(address, '0A', 7), 'tcp')).toEqual([{ protocol: 'tcp', ip, port, inode: 7, uid: 1000 }])
  })

  it('leaves out what listens not', () => {
    const table = head + line('0100007F:1F90', '01', 1) + line('0100007F:1F90', '07', 2)
    expect(parseSocketTable(table, 'tcp')).toEqual([])
    expect(parseSocketTable(table, 'udp')).toMatchObject([{ inode: 2 }])
  })

  it('reads what a real machine says, IPv6 and users included', () => {
    const tcp6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000   101        0 45041 1 0000000000000000 100 0 0 10 0
   1: 00000000000000000000000001000000:0277 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 31337 2 0000000000000000 100 0 0 10 0
   2: 0000000000000000FFFF00000100007F:1F90 0000000000000000FFFF00000100007F:C1A6 01 00000000:00000000 00:00000000 00000000     0        0 45100 1 0000000000000000 20 4 30 10 -1
`
    expect(parseSocketTable(tcp6, 'tcp')).toEqual([
      { protocol: 'tcp', ip: '::', port: 8080, inode: 45_041, uid: 101 },
      { protocol: 'tcp', ip: '::1', port: 631, inode: 31_337, uid: 0 },
    ])
    expect(hasConnected(tcp6)).toBe(true)
    expect(hasConnected(tcp6.split('\n').slice(0, 3).join('\n'))).toBe(false)
    const udp = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
 1234: 0100007F:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000   102        0 22222 2 0000000000000000 0
 1235: 0A01A8C0:9C40 08080808:01BB 01 00000000:00000000 00:00000000 00000000  1000        0 22223 2 0000000000000000 0
`
    expect(parseSocketTable(udp, 'udp')).toEqual([{ protocol: 'udp', ip: '127.0.0.1', port: 53, inode: 22_222, uid: 102 }])
  })

  it('reads listening SCTP endpoints, one for each address', () => {
    const eps = ` ENDPT     SOCK   STY SST HBKT LPORT   UID INODE LADDRS
ffff88a1 ffff88b2 2   10  29   36412   0 48112 127.0.0.1 *0000:0000:0000:0000:0000:0000:0000:0001
ffff88a2 ffff88b3 2   7   30   4000 1000 48113 10.0.0.1
`
    expect(parseSctpTable(eps)).toEqual([
      { protocol: 'sctp', ip: '127.0.0.1', port: 36_412, inode: 48_112, uid: 0 },
      { protocol: 'sctp', ip: '::1', port: 36_412, inode: 48_112, uid: 0 },
    ])
    fc.assert(fc.property(fc.string(), (text) => Array.isArray(parseSctpTable(text))))
  })

  it('gives back every listener that was written', () => {
    const socket = fc.record({ ip: fc.ipV4(), port: fc.integer({ min: 1, max: 65_535 }), inode: fc.nat(), uid: fc.nat({ max: 65_535 }) })
    fc.assert(
      fc.property(fc.array(socket), (sockets) => {
        const hex = (ip: string) => ip.split('.').reverse().map((part) => Number(part).toString(16).padStart(2, '0')).join('').toUpperCase()
        const text = sockets.map(({ ip, port, inode, uid }, n) => `${String(n).padStart(4)}: ${hex(ip)}:${port.toString(16).padStart(4, '0').toUpperCase()} 00000000:0000 0A 00000000:00000000 00:00000000 00000000 ${uid} 0 ${inode} 1 0 100 0 0 10 0`)
        expect(parseSocketTable([head.trimEnd(), ...text].join('\n'), 'tcp')).toEqual(sockets.map((each) => ({ protocol: 'tcp', ...each })))
      }),
    )
  })

  it('survives any text', () => {
    fc.assert(fc.property(fc.string(), (text) => Array.isArray(parseSocketTable(`\n${text}`, 'tcp'))))
  })
})

describe('hostPorts on this machine', () => {
  it('knows a listener, its process, and that its port is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as AddressInfo
    const question = { hostIp: '127.0.0.1', hostPort: port, protocol: 'tcp' } as const
    try {
      expect(await hostPorts.tryBind(question)).toBe('taken')
      expect(await hostPorts.tryBind({ ...question, hostIp: '' })).toBe('taken')
      expect(await hostPorts.tryBind({ ...question, protocol: 'udp' })).toBe('free')
      if (process.platform !== 'linux') return
      const [listener] = await hostPorts.listeners(question)
      expect(await hostPorts.processOf(listener as Listener, AbortSignal.timeout(5_000))).toMatchObject({ kind: 'process', pid: process.pid })
    } finally {
      await new Promise((resolve) => server.close(resolve))
    }
    expect(await hostPorts.tryBind(question)).toBe('free')
    expect(await hostPorts.tryBind({ ...question, hostIp: '192.0.2.1' })).toBe('not-here')
  })
})
