/** Real folders and sockets: their modes are what is looked at. */
import { chmod, mkdir } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { NaruError, toEnvelope } from '../../../engine/contract/errors.ts'
import { accessCheck } from '../../../engine/diagnostics/checks/access.ts'
import { afterwards, engine, isRoot, makeFolder, mountTmpfs, outcomeOf } from './support.ts'

async function socketIn(folder: string, mode: number): Promise<string> {
  const path = join(folder, 'engine.sock')
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(path, resolve))
  afterwards(() => new Promise((resolve) => server.close(resolve)))
  await chmod(path, mode)
  return path
}
const asked = (stateFolder: string, engines = [engine()]) => outcomeOf(accessCheck({ stateFolder, engines, currentId: 'native' }))

it('finds a socket that everybody may write to, wherever everybody gets to it', async () => {
  const folder = await makeFolder()
  const [state, open] = [join(folder, 'state'), join(folder, 'open')]
  await mkdir(state, { mode: 0o700 })
  await mkdir(open)
  await chmod(folder, 0o755)
  await chmod(open, 0o755)
  const path = await socketIn(open, 0o666)
  const engines = [engine({ dockerHost: `unix://${path}` })]
  expect(await asked(state, engines)).toMatchObject({ state: 'failed', why: 'socket-open', params: { path }, fixes: [{ kind: 'command', command: `sudo chmod o-rw ${path}` }] })
  // A closed folder on the way keeps others out.
  await chmod(open, 0o700)
  expect(await asked(state, engines)).toMatchObject({ state: 'passed' })
  await chmod(open, 0o755)
  await chmod(path, 0o660)
  expect(await asked(state, engines)).toMatchObject({ state: 'passed', why: 'right' })
})

it('warns when others may look into the state folder', async () => {
  const folder = await makeFolder()
  await chmod(folder, 0o755)
  expect(await asked(folder)).toMatchObject({ state: 'warned', why: 'folder-open', fixes: [{ kind: 'command', command: `chmod 700 ${folder}` }] })
})

it('tells the engine whose socket may not be opened: a failure when it is the one in use, else a warning', async () => {
  const folder = await makeFolder()
  const error = toEnvelope(new NaruError('denied', 'permission denied', { hint: 'join-group', params: { path: '/run/x', group: 'docker', command: 'sudo usermod -aG docker me' } }))
  const denied = engine({ status: 'absent', error })
  expect(await asked(folder, [denied])).toMatchObject({ state: 'failed', why: 'denied', error, fixes: [{ kind: 'command', command: 'sudo usermod -aG docker me' }] })
  expect(await asked(folder, [engine(), { ...denied, id: 'socket:/run/x' }])).toMatchObject({ state: 'warned', why: 'denied-other' })
})

it.skipIf(isRoot)('fails when Naru may not write to its own folder', async () => {
  const folder = await makeFolder()
  await chmod(folder, 0o500)
  expect(await asked(folder)).toMatchObject({ state: 'failed', why: 'folder-closed' })
  await chmod(folder, 0o700)
})

it.runIf(isRoot)('fails on a file system that is mounted read-only', async () => {
  const folder = await makeFolder()
  await mountTmpfs(folder, 'ro,mode=700')
  expect(await asked(folder)).toMatchObject({ state: 'failed', why: 'folder-read-only' })
})
