/**
 * The embedded engine without root. Root makes an unprivileged account for it; anybody else is that account already,
 * if theirs allows it.
 */
import { copyFile, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { exec } from '../../engine/system/exec.ts'
import { argumentsOf, listProcesses } from '../../engine/system/processes.ts'
import { prepareNative, WELCOME } from '../support/native.ts'
import { Impossible, makeAccount } from '../support/rootless/account.ts'
import type { RootlessReport } from '../support/rootless/check.ts'
import { bundle } from '../support/worker.ts'

interface Place {
  /** Runs the check to its end. */
  readonly check: (script: string) => Promise<RootlessReport>
  /** What the engine left on the machine. */
  readonly traces: () => Promise<readonly string[]>
  readonly close: () => Promise<void>
}

const isRoot = process.getuid?.() === 0
const CHECK_MS = 180_000

const reportOf = (stdout: string): RootlessReport => JSON.parse(stdout.trim().split('\n').at(-1) ?? '')

async function asAccount(bundleFolder: string): Promise<Place> {
  const account = await makeAccount(bundleFolder)
  const { folder, paths } = account
  return {
    check: async (script) => {
      // Where they lie, only root may look.
      await copyFile(script, join(folder, 'check.cjs'))
      await copyFile(WELCOME, join(folder, 'welcome.tar'))
      const args = ['check.cjs', 'welcome.tar'].map((name) => join(folder, name))
      const [program = '', welcome = ''] = args
      await exec('chmod', ['644', ...args])
      return reportOf((await account.run(paths.node, [program, paths.bundle, welcome, join(paths.home, 'naru')], CHECK_MS)).stdout)
    },
    traces: account.traces,
    close: account.remove,
  }
}

async function asMyself(bundleFolder: string): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'naru-r-'))
  return {
    check: async (script) => reportOf((await exec(process.execPath, [script, bundleFolder, WELCOME, join(folder, 'naru')], { timeoutMs: CHECK_MS })).stdout),
    traces: async () => {
      const all = await Promise.all((await listProcesses()).map(argumentsOf))
      const sockets = (await readFile('/proc/net/unix', 'utf8')).split('\n')
      return [...all.map((args) => args.join(' ')), ...sockets].filter((line) => line.includes(folder))
    },
    close: () => rm(folder, { recursive: true, force: true }),
  }
}

const hasControllers = (): Promise<boolean> => stat('/sys/fs/cgroup/cgroup.controllers').then(() => true, () => false)

describe.skipIf(process.platform !== 'linux')('embedded engine without root', () => {
  it('starts, is adopted, serves a page, reaches local registries and stops without a trace', async ({ skip }) => {
    const impossible = (reason: string): never => {
      console.warn(`skipped, the embedded engine without root: ${reason}`)
      return skip(reason)
    }
    const bundleFolder = await prepareNative('newest')
    const place = await (isRoot ? asAccount(bundleFolder) : asMyself(bundleFolder)).catch((error: unknown) => {
      if (error instanceof Impossible) return impossible(error.message)
      throw error
    })
    const script = await bundle('test/support/rootless/check.ts', 'check.cjs')
    try {
      const before = await place.traces()
      const report = await place.check(script.path)
      if (report.absent !== undefined) impossible(report.absent)
      expect(report.failed).toBeUndefined()
      expect(report.uid).toBeGreaterThan(0)
      expect(report).toMatchObject({ adopted: [false, true], rootless: true, end: { kind: 'stopped' }, runFolderGone: true })
      expect(report.loaded).toBeGreaterThan(0)
      expect(report.page).toMatchObject({ status: 200, body: expect.stringContaining('컨테이너') })
      expect(report.asked).toEqual({ daemon: expect.arrayContaining(['/v2/', '/v2/x/manifests/1']), container: [] })
      // Control groups of the first version cannot be handed to an account at all; of the second, only by its session.
      if (isRoot || !(await hasControllers())) {
        expect(report.capabilities).toMatchObject({ pause: false, limits: false, stats: false, notes: ['no-cgroups'] })
      }
      expect(await place.traces()).toEqual(before)
      expect(before).toEqual([])
      console.info(`rootless engine, ms: ${JSON.stringify(report.times)}`)
    } finally {
      await Promise.all([place.close(), script.remove()])
    }
  }, 400_000)
})
