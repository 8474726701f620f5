/** What the bundle's builder clears away before it looks at anything else. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sweep } from '../../../engine/providers/native/bundle/sweep.mjs'

const BUILDER = join(import.meta.dirname, '../../../engine/providers/native/bundle/build-bundle.mjs')

let folder = ''
/** Number of a process that has ended. */
let dead = 0
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'naru-sweep-'))
  dead = spawnSync(process.execPath, ['--version']).pid
})
afterEach(() => rmSync(folder, { recursive: true }))

const leave = (...names: string[]): void => {
  for (const name of names) {
    mkdirSync(join(folder, name, 'bin'), { recursive: true })
    writeFileSync(join(folder, name, 'bin/dockerd'), '')
  }
}

describe.skipIf(process.platform !== 'linux')('leftovers of killed builds', () => {
  it('go when their process is dead, and nothing else does', async () => {
    const kept = ['engine', `engine.new-${process.pid}`, 'engine.new-', 'engine.new-0', `engine.new-${dead}x`, `engine-bookworm.new-${dead}`]
    leave(...kept, `engine.new-${dead}`)
    expect(await sweep(folder, 'engine.new-')).toEqual([`engine.new-${dead}`])
    expect(readdirSync(folder).sort()).toEqual(kept.sort())
  })

  it('are no matter in a folder that does not exist', async () => {
    expect(await sweep(join(folder, 'none'), 'work-')).toEqual([])
  })

  it('are cleared by the next build, also by one that cannot go on', () => {
    leave(`engine.new-${dead}`, `engine.new-${process.pid}`, `packages/work-${dead}`, `packages/apt/download-${dead}`, 'programs')
    const getconf = ['/usr/bin/getconf', '/bin/getconf'].find((path) => spawnSync(path, ['GNU_LIBC_VERSION']).status === 0)
    if (getconf) symlinkSync(getconf, join(folder, 'programs/getconf'))
    const env = { PATH: join(folder, 'programs') }
    const { status, stderr } = spawnSync(process.execPath, [BUILDER, '--out', join(folder, 'engine')], { env, encoding: 'utf8', timeout: 20_000 })
    expect(status).toBe(1)
    expect(stderr).toMatch(getconf ? /^engine bundle: apt-get is missing: .+\n$/ : /^engine bundle: this machine does not use glibc; .+\n$/)
    expect(readdirSync(folder).sort()).toEqual([`engine.new-${process.pid}`, 'packages', 'programs'])
    expect(readdirSync(join(folder, 'packages'))).toEqual(['apt'])
    expect(readdirSync(join(folder, 'packages/apt'))).toEqual([])
  })
})
