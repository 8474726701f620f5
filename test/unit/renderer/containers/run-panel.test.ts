// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import type { VueWrapper } from '@vue/test-utils'
import { TooltipProvider } from 'reka-ui'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { defineComponent, h, nextTick } from 'vue'
import { createRouter, createMemoryHistory } from 'vue-router'
import type { ImageDetail, OperationRow, RunSpec } from '../../../../engine/contract/models.ts'
import { i18n } from '../../../../renderer/i18n/index.ts'
import RunPanel from '../../../../renderer/screens/Run/RunPanel.vue'
import { useConnection } from '../../../../renderer/stores/connection.ts'
import { useEngines } from '../../../../renderer/stores/engines.ts'
import { useOperations } from '../../../../renderer/stores/operations.ts'
import { useRun } from '../../../../renderer/stores/run.ts'
import { useState } from '../../../../renderer/stores/state.ts'
import { useUi } from '../../../../renderer/stores/ui.ts'
import { CONTAINERS, IMAGES, NATIVE } from '../../../screens/seed.ts'
import { createRoom } from '../page.ts'
import type { Room } from '../page.ts'

/** Patient: a busy machine is no failure. */
const soon = <T>(check: () => T): Promise<T> => vi.waitFor(check, { timeout: 8_000 })
const openLink = vi.hoisted(() => vi.fn())
vi.mock('../../../../renderer/link/connect.ts', () => ({ openLink, openWindow: vi.fn() }))

const IMAGE: ImageDetail = {
  id: IMAGES[1]?.id ?? '', tags: ['nginx:1.27'], digests: [], createdAt: 0, sizeBytes: 1, os: 'linux', architecture: 'amd64', author: '',
  exposedPorts: [{ port: 8080, protocol: 'tcp' }], env: [], command: ['nginx'], entrypoint: [], workingDir: '', user: '', volumes: [], labels: {}, layers: [], history: [], raw: {},
}
const OPERATION: OperationRow = {
  id: 'op-run', name: 'containers.run', engineId: 'native', status: 'running', subject: 'x', targets: [], command: '', startedAt: 1, cancellable: true,
}

let room: Room
let wrapper: VueWrapper
let started: RunSpec[]
const router = createRouter({
  history: createMemoryHistory(),
  routes: [{ path: '/', component: { template: '<i />' } }, { path: '/containers/:id?', name: 'containers', component: { template: '<i />' } }],
})

beforeEach(async () => {
  started = []
  room = createRoom({
    'images.inspect': async () => IMAGE,
    'ports.check': async ({ hostPort }) =>
      hostPort === 8080 ? { free: false, holder: { kind: 'container', name: 'web', containerId: 'x' }, nearestFree: 8081 } : { free: true },
    'operations.start': async (request) => {
      if (request.name === 'containers.run') started.push(request.arg.spec)
      return { operationId: 'op-run' }
    },
  })
  openLink.mockImplementation((signal: AbortSignal) => Promise.resolve(room.open(signal)))
  useEngines().start()
  useState().start()
  useOperations().start()
  void useConnection().start()
  await soon(() => expect(room.readers('state.watch') + room.readers('engines.watch') + room.readers('operations.watch')).toBe(3))
  const none = { upsert: [], remove: [] }
  room.push('engines.watch', { engines: [NATIVE], currentId: 'native', detecting: false })
  room.push('operations.watch', none)
  room.push('state.watch', {
    engineId: 'native', revision: 1, reset: true, sync: 'live',
    containers: { upsert: CONTAINERS, remove: [] }, images: { upsert: IMAGES, remove: [] },
  })
  await soon(() => expect(useState().images.length).toBeGreaterThan(0))
  const Host = defineComponent({ setup: () => () => h(TooltipProvider, null, () => h(RunPanel)) })
  wrapper = mount(Host, { attachTo: document.body, global: { plugins: [i18n, router] } })
})
afterEach(() => {
  wrapper.unmount()
  room.cut()
  openLink.mockReset()
})

const field = (label: string): HTMLInputElement => {
  const found = document.querySelector<HTMLInputElement>(`.run input[aria-label="${label}"]`)
  const named = [...document.querySelectorAll('.run label')].find((each) => each.textContent.trim().startsWith(label))
  const element = found ?? document.getElementById(named?.getAttribute('for') ?? '')
  if (!(element instanceof HTMLInputElement)) throw new Error(`no field ${label}`)
  return element
}
function type(label: string, text: string): void {
  const input = field(label)
  input.value = text
  input.dispatchEvent(new Event('input', { bubbles: true }))
}
const button = (text: string): HTMLButtonElement =>
  [...document.querySelectorAll<HTMLButtonElement>('.n-panel footer button')].findLast((each) => each.textContent.includes(text)) ?? expect.fail(`no button ${text}`)

async function open(): Promise<void> {
  useRun().open({ image: 'nginx:1.27' })
  await nextTick()
  // The image's port is 8080, which is taken: the next free one takes its place.
  await soon(() => expect(field('Host port').value).toBe('8081'))
}

describe('RunPanel', { timeout: 30_000 }, () => {
  it('moves a taken port of the image to a free one and says why', async () => {
    await open()
    await soon(() => expect(document.querySelector('.run')?.textContent).toContain('8080 is taken by web; 8081 is free.'))
    expect(document.querySelector('.command')?.textContent).toContain('-p 127.0.0.1:8081:8080')
  })

  it('refuses a taken name before it is sent', async () => {
    await open()
    type('Name', 'web')
    await nextTick()
    expect(document.querySelector('.run')?.textContent).toContain('web is the name of another container.')
    expect(button('Run').disabled).toBe(true)
  })

  it('sends the form; a failure keeps it and shows the cause', async () => {
    await open()
    type('Name', 'fresh')
    await soon(() => expect(button('Run').disabled).toBe(false))
    button('Run').click()
    await soon(() => expect(started).toHaveLength(1))
    expect(started[0]).toMatchObject({ image: 'nginx:1.27', name: 'fresh', ports: [{ hostIp: '127.0.0.1', hostPort: '8081', containerPort: '8080' }] })
    const error = { code: 'name-in-use', message: 'taken', params: { name: 'fresh', holder: 'fresh', field: 'name' }, retryable: false, detail: 'own words' } as const
    room.push('operations.watch', { upsert: [{ ...OPERATION, status: 'failed', error }], remove: [] })
    await soon(() => expect(document.querySelector('.n-error')?.textContent).toContain('taken by fresh'))
    expect(field('Name').value).toBe('fresh')
    expect(field('Name').getAttribute('aria-invalid')).toBe('true')
    expect(useRun().isOpen).toBe(true)
  })

  it('keeps the form and the refusal while the engine restarts and its images are not known', async () => {
    await open()
    await soon(() => expect(button('Run').disabled).toBe(false))
    button('Run').click()
    await soon(() => expect(started).toHaveLength(1))
    const error = { code: 'invalid-request', message: 'no', hint: 'folder-not-shared', params: { field: 'volumes', path: '/work', folders: ['/home/me'] }, retryable: false } as const
    room.push('operations.watch', { upsert: [{ ...OPERATION, status: 'failed', error }], remove: [] })
    await soon(() => expect(document.querySelector('.n-error')?.textContent).toContain('Share this folder'))
    const none = { upsert: [], remove: [] }
    room.push('state.watch', { engineId: 'native', revision: 0, reset: true, sync: 'loading', containers: none, images: none })
    await soon(() => expect(useState().images).toHaveLength(0))
    await nextTick()
    expect(field('Host port').value).toBe('8081')
    expect(document.querySelector('.n-error')).not.toBeNull()
    room.push('state.watch', { engineId: 'native', revision: 1, reset: true, sync: 'live', containers: none, images: { upsert: IMAGES, remove: [] } })
    await soon(() => expect(useState().images.length).toBeGreaterThan(0))
    expect(field('Host port').value).toBe('8081')
  })

  it('closes on success, tells it and shows the container', async () => {
    await open()
    await soon(() => expect(button('Run').disabled).toBe(false))
    button('Run').click()
    await soon(() => expect(started).toHaveLength(1))
    const result = { containerId: 'new', name: 'jolly', warnings: [] }
    room.push('operations.watch', { upsert: [{ ...OPERATION, status: 'succeeded', result }], remove: [] })
    await soon(() => expect(useRun().isOpen).toBe(false))
    expect(useUi().toasts.at(-1)).toMatchObject({ text: 'jolly is running', action: { label: 'Open page' } })
    await soon(() => expect(router.currentRoute.value.params.id).toBe('new'))
  })

  it('made like another container, shows and copies its secrets only when asked for, and runs with them', async () => {
    const spec: RunSpec = {
      image: 'nginx:1.27', ports: [], env: [{ name: 'DB_PASSWORD', value: 'hunter2!' }, { name: 'MODE', value: 'fast' }], volumes: [], restart: { name: 'no' }, autoRemove: false, pull: 'missing',
      labels: { 'api.token': 'label-secret' }, command: ['serve', '--password=word-secret'],
    }
    useRun().open({ spec, like: { name: 'db', from: 1, to: 2, left: [] } })
    await soon(() => expect(document.querySelector('[data-line=covered]')?.textContent).toContain('-e DB_PASSWORD=•••••••• \\\n  -e MODE=fast'))
    const dots = (): string[] => [...document.querySelectorAll<HTMLInputElement>('.run input[type=password]')].map(({ value }) => value)
    expect(dots()).toEqual(expect.arrayContaining(['hunter2!', 'serve --password=word-secret']))
    expect(document.querySelector('.run')?.textContent).not.toMatch(/hunter2|label-secret|word-secret/)
    expect(document.querySelector('.run textarea')).toBeNull()
    document.querySelector<HTMLButtonElement>('[data-act=uncover]')?.click()
    await soon(() => expect(document.querySelector('.command')?.textContent).toContain('DB_PASSWORD=hunter2!'))
    expect(dots()).toEqual([])
    button('Run').click()
    await soon(() => expect(started[0]?.env).toEqual(spec.env))
    // The next one is covered again.
    useRun().open({ spec, like: { name: 'db', from: 1, to: 2, left: [] } })
    await soon(() => expect(dots()).toContain('hunter2!'))
  })

  it('asked for another one while the first is on its way, shows that when the first is done', async () => {
    await open()
    button('Run').click()
    await soon(() => expect(started).toHaveLength(1))
    expect(button('Run').disabled).toBe(true)
    useRun().close()
    const spec: RunSpec = { image: 'redis:7', name: 'second', ports: [], env: [], volumes: [], restart: { name: 'no' }, autoRemove: false, pull: 'missing' }
    useRun().open({ spec })
    room.push('operations.watch', { upsert: [{ ...OPERATION, status: 'succeeded', result: { containerId: 'first', name: 'jolly', warnings: [] } }], remove: [] })
    await soon(() => expect(field('Name').value).toBe('second'))
    expect(useRun().isOpen).toBe(true)
    // Nobody is led away from the form.
    expect(router.currentRoute.value.params.id).not.toBe('first')
    expect(useUi().toasts.at(-1)).toMatchObject({ text: 'jolly is running' })
  })

  it('opened again without anything while one is on its way, shows how that goes on and closes with it', async () => {
    await open()
    button('Run').click()
    await soon(() => expect(started).toHaveLength(1))
    useRun().close()
    useRun().open()
    room.push('operations.watch', { upsert: [{ ...OPERATION, status: 'succeeded', result: { containerId: 'watched', name: 'jolly', warnings: [] } }], remove: [] })
    await soon(() => expect(useRun().isOpen).toBe(false))
    await soon(() => expect(router.currentRoute.value.params.id).toBe('watched'))
  })
})
