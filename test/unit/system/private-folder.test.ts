import { chmod, chown, mkdir, mkdtemp, rm, stat, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createVmProvider } from '../../../engine/providers/vm/vm-provider.ts'
import { vmPaths } from '../../../engine/providers/vm/paths.ts'
import { ensurePrivateFolder, refuseForeignFolder } from '../../../engine/system/private-folder.ts'

const REFUSED = { code: 'denied', hint: 'run-folder-foreign' }
const isRoot = process.getuid?.() === 0
if (!isRoot) console.log('skipped: folders of another user (only root can make them)')

describe('a folder for sockets', () => {
  let base = ''
  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'naru-p-'))
  })
  afterEach(async () => {
    vi.restoreAllMocks()
    await rm(base, { recursive: true, force: true })
  })

  it('is made for its owner only, and closed when it was open', async () => {
    const path = join(base, 'a/b')
    await ensurePrivateFolder(path)
    expect((await stat(path)).mode & 0o777).toBe(0o700)
    await chmod(path, 0o777)
    await ensurePrivateFolder(path)
    expect((await stat(path)).mode & 0o777).toBe(0o700)
  })

  it('is no link and no file, whoever made it', async () => {
    await mkdir(join(base, 'mine'))
    await symlink(join(base, 'mine'), join(base, 'link'))
    await expect(ensurePrivateFolder(join(base, 'link'))).rejects.toMatchObject({ ...REFUSED, params: { path: join(base, 'link') } })
    await expect(refuseForeignFolder('/proc/version')).rejects.toMatchObject(REFUSED)
    await expect(refuseForeignFolder(join(base, 'nothing'))).resolves.toBeUndefined()
  })

  it.skipIf(!isRoot)('is not another user’s, empty or closed as it may be', async () => {
    const path = join(base, 'theirs')
    await mkdir(path, { mode: 0o700 })
    await chown(path, 65_534, 65_534)
    // Root gets everywhere: the question is a normal user's.
    vi.spyOn(process, 'geteuid').mockReturnValue(1000)
    await expect(ensurePrivateFolder(path)).rejects.toMatchObject(REFUSED)
  })

  it.skipIf(!isRoot)('of another user keeps the virtual machine from starting before anything there is read', async () => {
    vi.spyOn(process, 'getuid').mockReturnValue(1000)
    vi.spyOn(process, 'geteuid').mockReturnValue(1000)
    vi.stubEnv('XDG_RUNTIME_DIR', base)
    const state = join(base, 'n'.repeat(100))
    await mkdir(vmPaths(state).run, { mode: 0o777 })
    expect(vmPaths(state).run.startsWith(base)).toBe(true)
    await chown(vmPaths(state).run, 65_534, 65_534)
    const vm = createVmProvider({ stateFolder: state, imageFolder: join(base, 'none'), log: () => undefined })
    const started = vm.start({ signal: AbortSignal.timeout(5_000), report: () => undefined, log: () => undefined, now: Date.now })
    await expect(started).rejects.toMatchObject(REFUSED)
    vi.unstubAllEnvs()
  })
})
