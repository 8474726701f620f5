/**
 * The embedded engine without root. Root makes an unprivileged account for it; anybody else is that account already,
 * if theirs allows it.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, copyFile, mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { nativePaths } from '../../engine/providers/native/paths.ts'
import { exec } from '../../engine/system/exec.ts'
import { argumentsOf, listProcesses } from '../../engine/system/processes.ts'
import { prepareNative, WELCOME } from '../support/native.ts'
import { Impossible, makeAccount } from '../support/rootless/account.ts'
import type { RootlessReport } from '../support/rootless/check.ts'
import { bundle } from '../support/worker.ts'

interface Place {
  /** Runs the check to its end, its state in a folder of this name in the home. */
  readonly check: (script: string, state: string) => Promise<RootlessReport>
  readonly home: string
  /** What the engine left on the machine. */
  readonly traces: () => Promise<readonly string[]>
  readonly close: () => Promise<void>
}

const isRoot = process.getuid?.() === 0
const CHECK_MS = 180_000
/** Another user of the machine. */
const NOBODY = 65_534

const reportOf = (stdout: string): RootlessReport => JSON.parse(stdout.trim().split('\n').at(-1) ?? '')

async function asAccount(bundleFolder: string): Promise<Place> {
  const account = await makeAccount(bundleFolder)
  const { folder, paths } = account
  return {
    home: paths.home,
    check: async (script, state) => {
      // Where they lie, only root may look.
      await copyFile(script, join(folder, 'check.cjs'))
      await copyFile(WELCOME, join(folder, 'welcome.tar'))
      const args = ['check.cjs', 'welcome.tar'].map((name) => join(folder, name))
      const [program = '', welcome = ''] = args
      await exec('chmod', ['644', ...args])
      return reportOf((await account.run(paths.node, [program, paths.bundle, welcome, join(paths.home, state)], CHECK_MS)).stdout)
    },
    traces: account.traces,
    close: account.remove,
  }
}

async function asMyself(bundleFolder: string): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'naru-r-'))
  return {
    home: folder,
    check: async (script, state) => reportOf((await exec(process.execPath, [script, bundleFolder, WELCOME, join(folder, state)], { timeoutMs: CHECK_MS })).stdout),
    traces: async () => {
      const all = await Promise.all((await listProcesses()).map(argumentsOf))
      const sockets = (await readFile('/proc/net/unix', 'utf8')).split('\n')
      return [...all.map((args) => args.join(' ')), ...sockets].filter((line) => line.includes(folder))
    },
    close: () => rm(folder, { recursive: true, force: true }),
  }
}

const hasControllers = (): Promise<boolean> => stat('/sys/fs/cgroup/cgroup.controllers').then(() => true, () => false)

/** What another user of the machine would put in the way: the run folder, an engine's answer in it, a process that looks like ours. */
async function trapAt(run: string): Promise<{ readonly asked: readonly string[]; readonly close: () => Promise<void> }> {
  const asked: string[] = []
  const engine = createServer((call, answer) => {
    asked.push(call.url ?? '')
    answer.end('OK')
  })
  await mkdir(run)
  engine.listen(join(run, 'docker.sock'))
  await once(engine, 'listening')
  await chmod(join(run, 'docker.sock'), 0o777)
  await chown(run, NOBODY, NOBODY)
  await chmod(run, 0o777)
  const kit = spawn('sleep', ['600'], { argv0: `--state-dir=${join(run, 'kit')}`, stdio: 'ignore', uid: NOBODY, gid: NOBODY })
  return {
    asked,
    close: async () => {
      kit.kill('SIGKILL')
      engine.close()
      engine.closeAllConnections()
      await rm(run, { recursive: true, force: true })
    },
  }
}

describe.skipIf(process.platform !== 'linux')('embedded engine without root', () => {
  let place: Place | undefined
  let script: Awaited<ReturnType<typeof bundle>> | undefined
  /** Why there is no place. */
  let reason = ''

  beforeAll(async () => {
    const bundleFolder = await prepareNative('newest')
    place = await (isRoot ? asAccount(bundleFolder) : asMyself(bundleFolder)).catch((error: unknown) => {
      if (!(error instanceof Impossible)) throw error
      reason = error.message
      return undefined
    })
    script = await bundle('test/support/rootless/check.ts', 'check.cjs')
  }, 320_000)
  afterAll(async () => {
    await Promise.all([place?.close(), script?.remove()])
  }, 60_000)

  const impossible = (why: string, skip: (note: string) => never): never => {
    console.warn(`skipped, the embedded engine without root: ${why}`)
    return skip(why)
  }

  it('starts, is adopted, serves a page, reaches local registries and stops without a trace', async ({ skip }) => {
    if (!place || !script) return impossible(reason, skip)
    const before = await place.traces()
    const report = await place.check(script.path, 'naru')
    if (report.absent !== undefined) impossible(report.absent, skip)
    expect(report.failed).toBeUndefined()
    expect(report.uid).toBeGreaterThan(0)
    expect(report).toMatchObject({ adopted: [false, true], rootless: true, end: { kind: 'stopped' }, runFolderGone: true, dataGone: true })
    // Nobody else gets to the socket, and nobody else may write to it.
    expect(report.modes).toEqual(['700', '600'])
    expect(report.loaded).toBeGreaterThan(0)
    expect(report.page).toMatchObject({ status: 200, body: expect.stringContaining('컨테이너') })
    expect(report.asked).toEqual({ daemon: expect.arrayContaining(['/v2/', '/v2/x/manifests/1']), container: [] })
    // From within containers no socket of Naru's is seen, and in the engine's own network nothing listens.
    expect(report.inside).toEqual({ own: '', shared: '', listening: [] })
    // Control groups of the first version cannot be handed to an account at all; of the second, only by its session.
    if (isRoot || !(await hasControllers())) {
      expect(report.capabilities).toMatchObject({ pause: false, limits: false, stats: false, notes: ['no-cgroups'] })
    }
    expect(await place.traces()).toEqual(before)
    expect(before).toEqual([])
    console.info(`rootless engine, ms: ${JSON.stringify(report.times)}`)
  }, 400_000)

  it('does not use a run folder that another user made first, nor the engine that answers there', async ({ skip }) => {
    if (!place || !script) return impossible(reason, skip)
    if (!isRoot) return impossible('only root can make a folder of another user', skip)
    // Too long for sockets: they go to the temporary folder, where everybody may make folders.
    const state = 'n'.repeat(60)
    const trap = await trapAt(nativePaths(join(place.home, state), tmpdir()).run)
    try {
      const report = await place.check(script.path, state)
      if (report.absent !== undefined) impossible(report.absent, skip)
      expect(report.error).toBe('denied run-folder-foreign')
      expect(report.adopted).toBeUndefined()
      expect(trap.asked).toEqual([])
    } finally {
      await trap.close()
    }
  }, 400_000)
})
