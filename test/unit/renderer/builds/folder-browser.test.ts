// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { expect, it, vi } from 'vitest'
import { NaruError } from '../../../../engine/contract/errors.ts'
import type { FolderList } from '../../../../engine/contract/models.ts'
import { i18n } from '../../../../renderer/i18n/index.ts'
import FolderBrowser from '../../../../renderer/screens/Builds/form/FolderBrowser.vue'
import { useBuildForm } from '../../../../renderer/stores/build-form.ts'

const listOf = (path: string, ...names: string[]): FolderList => ({
  path, parent: '/', home: '/home/me', hasDockerfile: false, truncated: false, folders: names.map((name) => ({ name, hidden: false, hasDockerfile: false })),
})

/** Shows `/src`, where one goes to `inner`, whose list comes when it is told to. */
async function stage() {
  setActivePinia(createPinia())
  const answers: { resolve: (list: FolderList) => void; reject: (error: Error) => void }[] = []
  vi.spyOn(useBuildForm(), 'folders').mockImplementation((path) =>
    path === '/src' ? Promise.resolve(listOf('/src', 'inner')) : new Promise((resolve, reject) => answers.push({ resolve, reject })),
  )
  const browser = mount(FolderBrowser, { props: { from: '/src' }, global: { plugins: [i18n] } })
  await vi.waitFor(() => expect(browser.text()).toContain('inner'))
  const press = (text: string) => browser.findAll('button').find((button) => button.text() === text)?.trigger('click')
  return { browser, press, answers, chosen: () => browser.emitted('choose') }
}

it('who goes into a folder and chooses at once gets that folder, not the one before', async () => {
  const { press, answers, chosen } = await stage()
  await press('inner')
  await press('Use this folder')
  expect(chosen()).toBeUndefined()
  answers[0]?.resolve(listOf('/src/inner'))
  await vi.waitFor(() => expect(chosen()).toEqual([['/src/inner']]))
})

it('what cannot be looked into is not chosen unasked; the folder that is shown can be', async () => {
  const { browser, press, answers, chosen } = await stage()
  await press('inner')
  await press('Use this folder')
  answers[0]?.reject(new NaruError('denied', 'not allowed', { params: { path: '/src/inner' } }))
  await vi.waitFor(() => expect(browser.find('[role=alert]').exists()).toBe(true))
  expect(chosen()).toBeUndefined()
  await press('Use this folder')
  await vi.waitFor(() => expect(chosen()).toEqual([['/src']]))
})
