import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { asProcessRef, readJson, takeLock, writeFileAtomic } from '../../../engine/system/files.ts'
import { createLogFile, rotateInPlace, tailOfFile } from '../../../engine/system/log.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'naru-files-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('files', () => {
  it('writes whole files with a private mode and leaves nothing beside them', async () => {
    const path = join(folder, 'deep', 'a.json')
    await Promise.all(Array.from({ length: 20 }, (_, n) => writeFileAtomic(path, JSON.stringify({ pid: n, startTime: n }))))
    expect(await readJson(path, asProcessRef)).not.toBeNull()
    expect(await readdir(join(folder, 'deep'))).toEqual(['a.json'])
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })
  it('reads damaged JSON as nothing', async () => {
    await writeFile(join(folder, 'x'), '{"pid":')
    expect(await readJson(join(folder, 'x'), asProcessRef)).toBeNull()
    expect(await readJson(join(folder, 'none'), asProcessRef)).toBeNull()
  })
  it('gives a lock to one only, and takes it from the dead', async () => {
    const path = join(folder, 'lock')
    const lock = await takeLock(path)
    await expect(takeLock(path)).rejects.toMatchObject({ code: 'conflict', params: { holder: process.pid } })
    await lock.release()
    for (const left of ['{"pid":1,"startTime":1}', '{"pid":999999999,"startTime":5}', 'rubbish', '']) {
      await writeFile(path, left)
      const again = await takeLock(path)
      await again.release()
    }
    const all = await Promise.allSettled(Array.from({ length: 12 }, () => takeLock(path)))
    expect(all.filter((each) => each.status === 'fulfilled')).toHaveLength(1)
    expect(await readdir(folder)).toEqual(['lock'])
  })
})

describe('log files', () => {
  it('rotates its own log and keeps the number asked for', async () => {
    const path = join(folder, 'own.log')
    const log = createLogFile(path, { maxBytes: 200, keep: 2 })
    for (let n = 0; n < 50; n += 1) log.write(`line ${n}`)
    expect((await readdir(folder)).sort()).toEqual(['own.log', 'own.log.1', 'own.log.2'])
    expect(await tailOfFile(path, 1)).toEqual([expect.stringMatching(/line 49$/)])
  })
  it('empties a log another process writes to', async () => {
    const path = join(folder, 'd.log')
    await writeFile(path, 'old\n'.repeat(100))
    expect(rotateInPlace(path, { maxBytes: 1000, keep: 1 })).toBe(false)
    expect(rotateInPlace(path, { maxBytes: 100, keep: 1 })).toBe(true)
    expect(await readFile(path, 'utf8')).toBe('')
    expect(await tailOfFile(`${path}.1`, 2)).toEqual(['old', 'old'])
    expect(await tailOfFile(join(folder, 'none'), 2)).toEqual([])
  })
})
