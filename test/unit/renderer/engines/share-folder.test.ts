// @vitest-environment happy-dom
/** A folder the machine does not see: offered beside the error, shared after a question, and then what was refused goes on. */
import { mount } from '@vue/test-utils'
import type { VueWrapper } from '@vue/test-utils'
import { TooltipProvider } from 'reka-ui'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { defineComponent, h } from 'vue'
import type { ErrorEnvelope } from '../../../../engine/contract/errors.ts'
import type { EngineSummary, FolderOffer as Offer, OperationRow } from '../../../../engine/contract/models.ts'
import { i18n } from '../../../../renderer/i18n/index.ts'
import FolderOffer from '../../../../renderer/screens/Engines/machine/FolderOffer.vue'
import ShareFolderDialog from '../../../../renderer/screens/Engines/machine/ShareFolderDialog.vue'
import { useConnection } from '../../../../renderer/stores/connection.ts'
import { useEngines } from '../../../../renderer/stores/engines.ts'
import { useMachineFolders } from '../../../../renderer/stores/machine-folders.ts'
import { useOperations } from '../../../../renderer/stores/operations.ts'
import { createRoom } from '../page.ts'
import type { Room } from '../page.ts'

const soon = <T>(check: () => T): Promise<T> => vi.waitFor(check, { timeout: 8_000 })
const openLink = vi.hoisted(() => vi.fn())
vi.mock('../../../../renderer/link/connect.ts', () => ({ openLink, openWindow: vi.fn() }))

const ENGINE: EngineSummary = { id: 'vm', kind: 'vm', name: '', status: 'ready', since: 0, origin: 'embedded', managed: true }
const ERROR: ErrorEnvelope = { code: 'invalid-request', message: 'no', hint: 'folder-not-shared', params: { path: '/work/site', folders: [] }, retryable: false }
const RESTART: OperationRow = { id: 'op-1', name: 'engines.restart', engineId: 'vm', status: 'running', subject: 'vm', targets: [], command: '', startedAt: 1, cancellable: false }

let room: Room
let wrapper: VueWrapper
let offer: Offer
let shared: object[]
let restarts: number
const done = vi.fn()

beforeEach(() => {
  offer = { folder: '/work/site', ofFile: false, listed: false, inside: [] }
  shared = []
  restarts = 0
  done.mockReset()
  room = createRoom({
    'machine.folder-offer': async () => offer,
    'machine.share-folder': async (arg) => {
      shared.push(arg)
      return {}
    },
    'operations.start': async ({ name }) => {
      if (name === 'engines.restart') restarts += 1
      return { operationId: 'op-1' }
    },
  })
  openLink.mockImplementation((signal: AbortSignal) => Promise.resolve(room.open(signal)))
})
afterEach(() => {
  wrapper.unmount()
  room.cut()
  openLink.mockReset()
})

async function show(engine: Partial<EngineSummary> = {}, error: Partial<ErrorEnvelope> = {}): Promise<void> {
  useEngines().start()
  useOperations().start()
  void useConnection().start()
  await soon(() => expect(room.readers('engines.watch') + room.readers('operations.watch')).toBe(2))
  room.push('engines.watch', { engines: [{ ...ENGINE, ...engine }], currentId: 'vm', detecting: false })
  room.push('operations.watch', { upsert: [], remove: [] })
  await soon(() => expect(useEngines().list).toHaveLength(1))
  const folders = useMachineFolders()
  const Host = defineComponent({
    setup: () => () => h(TooltipProvider, null, () => [h(FolderOffer, { error: { ...ERROR, ...error }, onDone: done }), folders.dialog && h(ShareFolderDialog)]),
  })
  wrapper = mount(Host, { attachTo: document.body, global: { plugins: [i18n] } })
}
const buttons = (): HTMLButtonElement[] => [...document.querySelectorAll('button')]
const press = (name: string): void => {
  const button = buttons().find(({ textContent }) => textContent.trim() === name)
  if (!button) throw new Error(`no button ${name}`)
  button.click()
}
const text = (): string => document.querySelector('[role=dialog]')?.textContent ?? ''

it('is shared, the machine restarted, and what was refused goes on when that is done', async () => {
  offer = { ...offer, inside: [{ path: '/work/site/in', readonly: false }, { path: '/work/site/read', readonly: true }] }
  await show()
  press('Share this folder…')
  await soon(() => expect(text()).toContain('/work/site'))
  expect(text()).toContain('Takes the place of /work/site/in on the list.')
  expect(text()).toContain('The virtual machine restarts for it.')
  expect(shared).toEqual([])
  press('Share and restart')
  await soon(() => expect(restarts).toBe(1))
  expect(shared).toEqual([{ path: '/work/site', readonly: false }])
  expect(done).not.toHaveBeenCalled()
  room.push('operations.watch', { upsert: [{ ...RESTART, status: 'succeeded', endedAt: 2 }], remove: [] })
  await soon(() => expect(done).toHaveBeenCalledOnce())
  expect(useMachineFolders().dialog).toBeNull()
})

it('is only shared when the machine does not run, and only restarted for when it is on the list', async () => {
  await show({ status: 'stopped' })
  press('Share this folder…')
  await soon(() => expect(text()).toContain('Read only'))
  expect(text()).not.toContain('restarts')
  press('Share')
  await soon(() => expect(done).toHaveBeenCalledOnce())
  expect([shared.length, restarts]).toEqual([1, 0])

  offer = { ...offer, listed: true }
  room.push('engines.watch', { engines: [ENGINE], currentId: 'vm', detecting: false })
  press('Share this folder…')
  await soon(() => expect(text()).toContain('among the shared folders already'))
  press('Restart engine')
  await soon(() => expect(restarts).toBe(1))
  expect(shared).toHaveLength(1)
})

it('tells why a folder cannot be shared, looks again when asked to, and shares nothing', async () => {
  offer = { ...offer, problem: { code: 'invalid-request', message: 'no', hint: 'vm-offer-missing', params: { path: '/work/site' }, retryable: false } }
  await show()
  press('Share this folder…')
  await soon(() => expect(text()).toContain('There is no folder /work/site on this computer.'))
  expect(buttons().some(({ type, textContent }) => type === 'submit' && /Share/.test(textContent))).toBe(false)
  offer = { folder: '/work/site', ofFile: false, listed: false, inside: [] }
  press('Try again')
  await soon(() => expect(text()).toContain('Share and restart'))
})

it('keeps the question open when the machine did not come up again', async () => {
  await show()
  press('Share this folder…')
  await soon(() => expect(text()).toContain('Share and restart'))
  press('Share and restart')
  await soon(() => expect(restarts).toBe(1))
  room.push('operations.watch', { upsert: [{ ...RESTART, status: 'failed', endedAt: 2, error: { code: 'provider.boot-failed', message: 'no', hint: 'vm-boot', retryable: false } }], remove: [] })
  await soon(() => expect(text()).toContain('did not get as far as its first program'))
  expect(done).not.toHaveBeenCalled()
})

it('is not offered beside any other error', async () => {
  await show({}, { hint: 'vm-share' })
  expect(buttons()).toEqual([])
})
