/** Everything the Electron shell hands to its page, and every channel it listens and speaks on. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { PORT_MESSAGE } from '../../../engine/contract/shell.ts'

type Listener = (event: { readonly ports: readonly unknown[] }, ...rest: unknown[]) => void

const told = vi.hoisted(() => ({
  exposed: [] as [string, Record<string, unknown>][],
  sent: [] as unknown[][],
  heard: new Map<string, Listener>(),
}))
vi.mock('electron', () => ({
  contextBridge: { exposeInMainWorld: (name: string, value: Record<string, unknown>) => told.exposed.push([name, value]) },
  ipcRenderer: {
    on: (channel: string, listener: Listener) => told.heard.set(channel, listener),
    send: (...words: unknown[]) => told.sent.push(words),
  },
  webUtils: { getPathForFile: () => '/home/p/dropped' },
}))

const posted: unknown[][] = []
beforeEach(async () => {
  vi.stubGlobal('window', { location: { origin: 'app://naru' }, postMessage: (...words: unknown[]) => posted.push(words) })
  if (told.exposed.length === 0) await import('../../../main/preload.ts')
})
afterEach(() => {
  vi.unstubAllGlobals()
  told.sent.length = 0
  posted.length = 0
})

describe('what the page is given', () => {
  it('is one frozen object with exactly these five things, all words or functions', () => {
    expect(told.exposed.map(([name]) => name)).toEqual(['naru'])
    const bridge = told.exposed[0]?.[1] ?? {}
    expect(Object.fromEntries(Object.entries(bridge).map(([name, value]) => [name, typeof value]))).toEqual({
      shell: 'string',
      platform: 'string',
      connect: 'function',
      openWindow: 'function',
      pathOfFile: 'function',
    })
    expect(Object.isFrozen(bridge)).toBe(true)
  })

  it('speaks on two channels and takes nothing of the page along but a text', () => {
    const bridge = told.exposed[0]?.[1] as { connect: (...words: unknown[]) => void; openWindow: (route: unknown) => void }
    bridge.connect('naru:anything', { of: 'the page' })
    bridge.openWindow({ toString: () => '/settings' })
    expect(told.sent).toEqual([['naru:connect'], ['naru:open-window', '/settings']])
  })

  it('hears one channel, and passes only its ports on, to its own origin', () => {
    expect([...told.heard.keys()]).toEqual(['naru:port'])
    told.heard.get('naru:port')?.({ ports: ['port'] }, 'something else')
    expect(posted).toEqual([[{ type: PORT_MESSAGE }, 'app://naru', ['port']]])
  })
})
