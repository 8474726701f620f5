import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { personalConfig, writeDaemonConfig } from '../../../engine/providers/native/daemon-config.ts'
import { nativePaths } from '../../../engine/providers/native/paths.ts'

let folder: string
let lines: string[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'naru-dc-'))
  lines = []
  await mkdir(nativePaths(folder).run, { recursive: true })
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function written(content?: string): Promise<unknown> {
  if (content !== undefined) await writeFile(personalConfig(folder), content)
  await writeDaemonConfig(nativePaths(folder), (line) => lines.push(line))
  return JSON.parse(await readFile(nativePaths(folder).daemonConfig, 'utf8')) as unknown
}

it('is empty by default', async () => expect(await written()).toEqual({}))
it('takes exceptions and mirrors over, and nothing else', async () => {
  const wanted = { 'insecure-registries': ['10.0.0.1:5000', '10.0.0.0/8'], 'registry-mirrors': ['https://mirror.example'] }
  expect(await written(JSON.stringify({ ...wanted, hosts: ['tcp://0.0.0.0:2375'] }))).toEqual(wanted)
})
it.each(['{', '{"insecure-registries":"x"}', '{"insecure-registries":["a b"]}'])('passes over %s and says so', async (content) => {
  expect(await written(content)).toEqual({})
  expect(lines.join()).toContain(personalConfig(folder))
})
