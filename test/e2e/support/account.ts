/**
 * Naru as an account that may do nothing special, on a machine as it is fresh: the web shell as `npm start` runs it, and a
 * browser of the same account with its sandbox on. /run is empty but for what a test puts there.
 */
import { spawn } from 'node:child_process'
import { chmod, chown, copyFile, cp, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { chromium } from '@playwright/test'
import type { BrowserContext, Page } from '@playwright/test'
import { quoteWord } from '../../../engine/containers/words.ts'
import { exec } from '../../../engine/system/exec.ts'
import { makeAccount } from '../../support/rootless/account.ts'
import type { Account, AccountOptions } from '../../support/rootless/account.ts'
import { CACHE, CHROMIUM, ROOT } from './environment.ts'
import { watchWebProcess } from './shells.ts'

export interface AccountShell {
  readonly page: Page
  /** Window and shell are gone; engines live on. */
  readonly close: () => Promise<void>
}

export interface FurnishedAccount extends Account {
  readonly open: (watch: (context: BrowserContext) => void, machine?: Machine) => Promise<AccountShell>
}

/** What the machine is like on which the account starts Naru. */
export interface Machine {
  /** An engine's socket, to be found at its usual place with the owner and mode it has. */
  readonly socket?: string
  /** A program of this machine that is not there. */
  readonly without?: string
}

/** The account's own /run, so that no engine of this machine is found, with one socket when there is one. */
const freshMachine = (uid: number, { socket, without }: Machine): string =>
  [
    'mount -t tmpfs -o mode=755,size=1m naru-run /run',
    `mkdir -p /run/user/${uid} && chown ${uid}:${uid} /run/user/${uid} && chmod 700 /run/user/${uid}`,
    ...(without ? [`mount --bind /dev/null "$(command -v ${quoteWord(without)})"`] : []),
    ...(socket ? [`touch /run/docker.sock && mount --bind ${quoteWord(socket)} /run/docker.sock`] : []),
  ].join('\n')

/** @throws Impossible what `makeAccount` throws */
export async function makeFurnishedAccount(options: AccountOptions = {}): Promise<FurnishedAccount> {
  const account = await makeAccount(join(CACHE, 'engine'), options)
  try {
    return { ...account, open: await furnish(account) }
  } catch (error) {
    await account.remove()
    throw error
  }
}

/** The built app, the welcome image and a way to start the browser, where the account gets to them. */
async function furnish({ folder, paths, uid, command }: Account): Promise<FurnishedAccount['open']> {
  const app = join(folder, 'app/out')
  await cp(join(ROOT, 'out'), app, { recursive: true })
  await copyFile(join(CACHE, 'welcome.tar'), join(folder, 'welcome.tar'))
  await exec('chmod', ['-R', 'a+rX', join(folder, 'app'), join(folder, 'welcome.tar')])
  const browser = join(folder, 'browser')
  const [program, args] = command('', CHROMIUM, [])
  await writeFile(browser, `#!/bin/sh\nexec ${[program, ...args].map(quoteWord).join(' ')} "$@"\n`)
  await chmod(browser, 0o755)
  const profile = join(paths.home, 'profile')
  await mkdir(profile)
  await chown(profile, uid, uid)
  const settings = {
    NARU_ENGINE_BUNDLE: paths.bundle,
    NARU_WELCOME_IMAGE: join(folder, 'welcome.tar'),
    NARU_VM_IMAGE: join(folder, 'no-image'),
    NARU_VM_QEMU: join(folder, 'no-qemu'),
    LANG: 'C.UTF-8',
  }
  return async (watch, machine = {}) => {
    const words = Object.entries(settings).map(([name, value]) => `${name}=${value}`)
    const [file, rest] = command(freshMachine(uid, machine), 'env', [...words, paths.node, join(app, 'web/web.cjs'), '--no-open'])
    const web = await watchWebProcess(spawn(file, rest, { cwd: '/', stdio: 'pipe' }))
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: browser, chromiumSandbox: true, colorScheme: null, viewport: { width: 1280, height: 820 },
    })
    watch(context)
    const page = context.pages()[0] ?? (await context.newPage())
    await page.goto(web.address)
    await page.waitForURL((url) => url.pathname !== '/boot')
    return {
      page,
      close: async () => {
        await context.close()
        await web.stop()
      },
    }
  }
}
