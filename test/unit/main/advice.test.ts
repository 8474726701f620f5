/** What set-up suggests to who is not root: once, and only where it would change something. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { adviseWithoutRoot } from '../../../main/setup/advice.mjs'

const SENTENCE = 'For an engine that needs no root, run: sudo apt-get install uidmap'
const none = { find: () => undefined, ensure: async (names: string[], purpose: string) => `For ${purpose}, run: sudo apt-get install ${names.join(' ')}`, sockets: [] }

describe.skipIf(process.platform !== 'linux')('the advice of set-up', () => {
  let state = ''
  beforeEach(() => {
    state = mkdtempSync(join(tmpdir(), 'naru-advice-'))
    vi.spyOn(process, 'getuid').mockReturnValue(1000)
  })
  afterEach(() => {
    vi.restoreAllMocks()
    rmSync(state, { recursive: true })
  })

  it('names the package and the command once, and says what happens without', async () => {
    expect(await adviseWithoutRoot(state, none)).toBe(`${SENTENCE}\nUntil then Naru uses its virtual machine.`)
    expect(await adviseWithoutRoot(state, none)).toBeUndefined()
  })

  it('is not given to root, nor where the programs or a usable socket are', async () => {
    expect(await adviseWithoutRoot(state, { ...none, find: (name) => `/usr/bin/${name}` })).toBeUndefined()
    const socket = join(state, 'docker.sock')
    writeFileSync(socket, '')
    expect(await adviseWithoutRoot(state, { ...none, sockets: [socket] })).toBeUndefined()
    vi.spyOn(process, 'getuid').mockReturnValue(0)
    expect(await adviseWithoutRoot(state, none)).toBeUndefined()
  })

  it('is given again where nothing could be said', async () => {
    expect(await adviseWithoutRoot(state, { ...none, ensure: async () => undefined })).toBeUndefined()
    expect(await adviseWithoutRoot(state, none)).toContain(SENTENCE)
  })
})
