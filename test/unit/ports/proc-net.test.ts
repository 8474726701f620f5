import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hostPorts } from '../../../engine/ports/host-ports.ts'
import { parseSocketTable } from '../../../engine/ports/proc-net.ts'

const head = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n'
const line = (address: string, state: string, inode: number) =>
  `   0: ${address} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0 100 0 0 10 0\n`

describe('parseSocketTable', () => {
  it.each([
    ['0100007F:1F90', '127.0.0.1', 8080],
    ['00000000:0050', '0.0.0.0', 80],
    ['00000000000000000000000000000000:0050', '::', 80],
    ['00000000000000000000000001000000:0050', '::1', 80],
    ['0000000000000000FFFF00000100007F:0050', '127.0.0.1', 80],
    ['B80D0120000000000000000001000000:0050', '2001:db8::1', 80],
  ])('%s', (address, ip, port) => {
    expect(parseSocketTable(head + line(address, '0A', 7), 'tcp')).toEqual([{ ip, port, inode: 7 }])
  })

  it('leaves out what listens not', () => {
    const table = head + line('0100007F:1F90', '01', 1) + line('0100007F:1F90', '07', 2)
    expect(parseSocketTable(table, 'tcp')).toEqual([])
    expect(parseSocketTable(table, 'udp')).toMatchObject([{ inode: 2 }])
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
      expect(await hostPorts.processOf(listener?.inode ?? 0, AbortSignal.timeout(5_000))).toMatchObject({ kind: 'process', pid: process.pid })
    } finally {
      await new Promise((resolve) => server.close(resolve))
    }
    expect(await hostPorts.tryBind(question)).toBe('free')
    expect(await hostPorts.tryBind({ ...question, hostIp: '192.0.2.1' })).toBe('not-here')
  })
})
