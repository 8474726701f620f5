import { describe, expect, it } from 'vitest'
import { exec } from '../../../engine/system/exec.ts'

const node = (code: string): [string, string[]] => [process.execPath, ['-e', code]]

describe('exec', () => {
  it('gives output and takes input', async () => {
    const result = await exec(...node('process.stdin.pipe(process.stdout)'), { input: 'a b\n' })
    expect(result).toEqual({ code: 0, stdout: 'a b\n', stderr: '' })
  })
  it('hands words over as they are: no shell reads them', async () => {
    const words = ['$(exit 1)', '`id`', 'a;b && c | d > /nowhere', '*', '~', '"', "'", '', ' ', 'two\nlines']
    const { stdout } = await exec(process.execPath, ['-e', 'process.stdout.write(JSON.stringify(process.argv.slice(1)))', '--', ...words])
    expect(JSON.parse(stdout)).toEqual(words)
  })
  it('keeps only the newest bytes', async () => {
    const { stdout } = await exec(...node('process.stdout.write("x".repeat(5e6) + "end")'), { maxBytes: 1000 })
    expect(stdout).toHaveLength(1000)
    expect(stdout.endsWith('end')).toBe(true)
  })
  it('tells a failure with the program’s own words', async () => {
    await expect(exec(...node('console.error("boom"); process.exit(3)'))).rejects.toMatchObject({
      code: 'internal',
      detail: 'boom',
      params: { code: 3 },
    })
    expect((await exec(...node('process.exit(3)'), { okCodes: [0, 3] })).code).toBe(3)
  })
  it('names a missing program', async () => {
    await expect(exec('/no/such/program', [])).rejects.toMatchObject({ code: 'not-found', hint: 'program-missing' })
  })
  it('ends what takes too long and what is cancelled', async () => {
    await expect(exec(...node('setInterval(() => {}, 1e3)'), { timeoutMs: 150 })).rejects.toMatchObject({ code: 'timeout' })
    const signal = AbortSignal.timeout(150)
    await expect(exec(...node('setInterval(() => {}, 1e3)'), { signal })).rejects.toMatchObject({ code: 'cancelled' })
    await expect(exec(...node(''), { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' })
  })
  it('does not wait for what a program left behind on its output', async () => {
    const began = Date.now()
    const leaving = 'sleep 20 & echo started; wait'
    await expect(exec('/bin/sh', ['-c', leaving], { timeoutMs: 100 })).rejects.toMatchObject({ code: 'timeout' })
    expect(Date.now() - began).toBeLessThan(6_000)
  }, 15_000)
})
