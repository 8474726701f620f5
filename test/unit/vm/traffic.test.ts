import { describe, expect, it } from 'vitest'
import { parseGuestStats } from '../../../engine/providers/vm/guest-stats.ts'
import { trafficKind } from '../../../engine/providers/vm/traffic.ts'

const head = (line: string, ...more: string[]): Buffer => Buffer.from([line, 'Host: docker', ...more, '', ''].join('\r\n'))

describe('what a connection means for the nap', () => {
  it.each([
    ['docker’s first question', head('HEAD /_ping HTTP/1.1'), 'use'],
    ['a list somebody asked for', head('GET /v1.51/containers/json HTTP/1.1'), 'use'],
    ['a change', head('POST /v1.51/containers/create HTTP/1.1'), 'use'],
    ['events, whoever listens', head('GET /v1.51/events?filters=%7B%7D HTTP/1.1'), 'watch'],
    ['events of no version', head('GET /events HTTP/1.1', 'X-Naru-Background: 1'), 'watch'],
    ['events are not everything that begins like it', head('GET /v1.51/eventsource HTTP/1.1'), 'use'],
    ['Naru’s heartbeat', head('GET /_ping HTTP/1.1', 'X-Naru-Background: 1'), 'errand'],
    ['header names know no case', head('GET /_ping HTTP/1.1', 'x-naru-background: 1'), 'errand'],
    ['a body that only looks like the header', Buffer.from('POST /x HTTP/1.1\r\n\r\n\r\nx-naru-background: 1'), 'use'],
    ['half a head', Buffer.from('GET /v1.51/ev'), 'use'],
    ['no request at all', Buffer.from([0, 255, 13, 10]), 'use'],
  ])('%s', (_name, first, wanted) => {
    expect(trafficKind(first)).toBe(wanted)
  })
})

describe('the agent’s numbers', () => {
  it('are read, or are nothing', () => {
    expect(parseGuestStats('memoryTotal=972 memoryAvailable=800 diskTotal=67108864 diskFree=1024 up=12')).toEqual({
      memoryMiB: 972, availableMiB: 800, diskBytes: 67_108_864, diskFreeBytes: 1_024, up: 12,
    })
    for (const text of ['', 'unknown', 'memoryTotal=972', 'memoryTotal=x memoryAvailable=1 diskTotal=1 diskFree=1 up=1', 'memoryTotal= memoryAvailable=1 diskTotal=1 diskFree=1 up=1']) {
      expect(parseGuestStats(text)).toBeNull()
    }
  })
})
