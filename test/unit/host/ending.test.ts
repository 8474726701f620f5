import { describe, expect, it } from 'vitest'
import { NaruError } from '../../../engine/contract/errors.ts'
import type { EngineSummary, Settings } from '../../../engine/contract/models.ts'
import { endingLimitMs, stopWithNaru } from '../../../engine/host/ending.ts'
import { startEngineRoom } from '../../support/engine-room.ts'

const ENGINES = [
  { id: 'vm', kind: 'vm', managed: true, status: 'ready' },
  { id: 'native', kind: 'native', managed: true, status: 'ready' },
  { id: 'off', kind: 'vm', managed: true, status: 'stopped' },
  { id: 'socket:/s', kind: 'socket', managed: false, status: 'ready' },
] as unknown as EngineSummary[]

/** What is stopped, and how, when so many containers run in the virtual machine. */
async function stopped(wish: Settings['stopWithNaru'], running: number, fail?: 'list' | 'stop'): Promise<string[]> {
  const done: string[] = []
  const refuse = (): never => {
    throw new NaruError('timeout', 'no answer')
  }
  const engines = {
    snapshot: () => ({ engines: ENGINES }),
    connection: () => ({ client: { listContainers: async () => (fail === 'list' ? refuse() : Array.from({ length: running })) } }),
    stopEngine: async (id: string, { containers }: { containers: string }) => void (fail === 'stop' ? refuse() : done.push(`${id} ${containers}`)),
  } as unknown as Parameters<typeof stopWithNaru>[0]
  await stopWithNaru(engines, { stopWithNaru: wish, stopGraceSeconds: 10 }, () => undefined)
  return done
}

describe('when Naru ends', () => {
  it.each([
    ['never', 0, []],
    ['idle-machine', 0, ['vm keep']],
    ['idle-machine', 1, []],
    ['always', 5, ['vm stop', 'native stop']],
  ] as const)('%s, %i containers running', async (wish, running, expected) => expect(await stopped(wish, running)).toEqual(expected))

  it('an engine that does not say what runs in it, or will not stop, lives on', async () => {
    expect(await stopped('idle-machine', 0, 'list')).toEqual([])
    expect(await stopped('always', 0, 'stop')).toEqual([])
  })

  it('takes no longer than it says, and nothing when nothing stops', () => {
    expect(endingLimitMs({ stopWithNaru: 'never', stopGraceSeconds: 600 })).toBe(0)
    expect(endingLimitMs({ stopWithNaru: 'always', stopGraceSeconds: 600 })).toBeGreaterThan(600_000)
  })
})

describe('the setting of starting at login', () => {
  it('is kept only when the system took it', async () => {
    const asked: boolean[] = []
    let refuse = false
    const loginItem = {
      set: async (enabled: boolean) => {
        if (refuse) throw new NaruError('denied', 'no', { params: { path: '/f' } })
        asked.push(enabled)
      },
    }
    const room = await startEngineRoom({ loginItem })
    try {
      expect((await room.link.call('app.info', {})).loginItem).toBe(true)
      expect((await room.link.call('settings.update', { patch: { startAtLogin: true } })).startAtLogin).toBe(true)
      await room.link.call('settings.update', { patch: { startAtLogin: true, logWrap: false } })
      expect(asked).toEqual([true])
      refuse = true
      await expect(room.link.call('settings.update', { patch: { startAtLogin: false } })).rejects.toMatchObject({ code: 'denied' })
      expect((await room.link.call('settings.get', {})).startAtLogin).toBe(true)
    } finally {
      await room.close()
    }
  })

  it('is refused where nobody can keep it', async () => {
    const room = await startEngineRoom()
    try {
      expect((await room.link.call('app.info', {})).loginItem).toBe(false)
      await expect(room.link.call('settings.update', { patch: { startAtLogin: true } })).rejects.toMatchObject({ code: 'unsupported', hint: 'login-item' })
    } finally {
      await room.close()
    }
  })
})
