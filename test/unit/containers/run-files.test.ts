import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunSpec } from '../../../engine/contract/models.ts'
import { readRunFiles } from '../../../engine/containers/run-files.ts'

const bare: RunSpec = { image: 'nginx', ports: [], env: [], volumes: [], restart: { name: 'no' }, autoRemove: false, pull: 'missing' }
const signal = new AbortController().signal

describe('readRunFiles', () => {
  let folder = ''
  const file = async (name: string, content: string | Buffer) => {
    await writeFile(join(folder, name), content)
    return join(folder, name)
  }
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'naru-files-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('puts variables before those of the line, values as they stand', async () => {
    const path = await file('a.env', '# a comment\n\nA=1\r\n  B= "two" # not a comment\nC=x=y\nUNSET\nD=\n')
    const spec = await readRunFiles({ ...bare, env: [{ name: 'A', value: '2' }], envFiles: [path] }, signal)
    expect(spec).toEqual({
      ...bare,
      env: [
        { name: 'A', value: '1' },
        { name: 'B', value: ' "two" # not a comment' },
        { name: 'C', value: 'x=y' },
        { name: 'D', value: '' },
        { name: 'A', value: '2' },
      ],
    })
  })
  it('reads labels, where a name alone is a label; those of the line win', async () => {
    const path = await file('labels', 'one=1\ntwo\nthree=3')
    expect((await readRunFiles({ ...bare, labels: { three: '4' }, labelFiles: [path] }, signal)).labels).toEqual({ one: '1', two: '', three: '4' })
  })
  it('puts a seccomp profile into its option', async () => {
    const path = await file('profile.json', '{\n  "defaultAction": "SCMP_ACT_ALLOW"\n}')
    const spec = await readRunFiles({ ...bare, securityOptions: ['no-new-privileges', `seccomp=${path}`, 'seccomp=unconfined'] }, signal)
    expect(spec.securityOptions).toEqual(['no-new-privileges', 'seccomp={"defaultAction":"SCMP_ACT_ALLOW"}', 'seccomp=unconfined'])
  })
  it.each<[string, string | Buffer, string, object]>([
    ['a name with blanks', 'A=1\nexport B=2\n', 'blank', { line: 2, name: 'export B' }],
    ['no name', '# x\n\n=1', 'name', { line: 3 }],
    ['bytes that are no text', Buffer.from([0x41, 0x3d, 0xff, 0xfe]), 'utf8', {}],
    ['too much', 'A=1\n'.repeat(300_000), 'size', {}],
  ])('refuses %s, naming file and line', async (_title, content, hint, params) => {
    const path = await file('bad', content)
    await expect(readRunFiles({ ...bare, envFiles: [path] }, signal)).rejects.toMatchObject({
      code: 'invalid-request',
      hint: `run.file.${hint}`,
      params: { field: 'envFiles', path, ...params },
    })
  })
  it('refuses a path that is not whole', async () => {
    await expect(readRunFiles({ ...bare, envFiles: ['.env'] }, signal)).rejects.toMatchObject({ hint: 'run.file.relative', params: { field: 'envFiles', path: '.env' } })
    await expect(readRunFiles({ ...bare, securityOptions: ['seccomp=p.json'] }, signal)).rejects.toMatchObject({ hint: 'run.file.relative', params: { field: 'securityOptions' } })
  })
  it('refuses what is not there, what is no file and what is no JSON', async () => {
    await expect(readRunFiles({ ...bare, envFiles: [join(folder, 'absent')] }, signal)).rejects.toMatchObject({ hint: 'run.file.missing' })
    await expect(readRunFiles({ ...bare, labelFiles: [folder] }, signal)).rejects.toMatchObject({ hint: 'run.file.kind', params: { field: 'labelFiles' } })
    const path = await file('no.json', 'A=1')
    await expect(readRunFiles({ ...bare, securityOptions: [`seccomp=${path}`] }, signal)).rejects.toMatchObject({ hint: 'run.file.json', params: { field: 'securityOptions' } })
  })
})
