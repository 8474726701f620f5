/** The path of every value of an inspect answer, as the page gives it, handed to the real `docker inspect --format`. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectEngine } from '../../engine/docker/connect.ts'
import type { EngineClient } from '../../engine/docker/engine-client.ts'
import { exec } from '../../engine/system/exec.ts'
import { templatePath } from '../../renderer/screens/Containers/detail/inspect/template-path.ts'
import { allRows } from '../../renderer/screens/Containers/detail/inspect/tree.ts'
import { dialSocket } from '../fake-dockerd/fake-dockerd.ts'
import { busyboxArchive, hasBusybox } from '../support/busybox-image.ts'
import { cliEnvironment, whyNoCli } from '../support/docker-cli.ts'
import { canRunDockerd, startDockerd } from '../support/real-engine.ts'
import type { RealEngine } from '../support/real-engine.ts'

const IMAGE = 'localhost/naru-test/template:latest'
const soon = () => AbortSignal.timeout(30_000)

describe.skipIf(!canRunDockerd || !hasBusybox || whyNoCli() !== null)('templates of an inspect answer', () => {
  let engine: RealEngine
  let client: EngineClient
  let folder: string
  beforeAll(async () => {
    engine = await startDockerd()
    client = await connectEngine(() => dialSocket(engine.socketPath), { engineId: 'real', signal: soon() })
    for await (const message of client.loadImage(Readable.from([await busyboxArchive(IMAGE)]))) void message
    folder = await mkdtemp(join(tmpdir(), 'naru-template-'))
  }, 120_000)
  afterAll(async () => {
    client?.close()
    await engine?.close()
    if (folder) await rm(folder, { recursive: true, force: true })
  }, 60_000)

  it('each gives its value', async () => {
    const Labels = { 'com.example/a-b.c': 'dotted', 'with "quotes"': 'q', '한글 key': '값', '9lives': 'cat', under_score: 'u' }
    const HostConfig = { NetworkMode: 'none', PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '8080' }] }, Memory: 64 * 1024 ** 2 }
    const { Id } = await client.createContainer({ Image: IMAGE, Cmd: ['sleep', '1'], Env: ['A=b=c'], Labels, ExposedPorts: { '80/tcp': {} }, HostConfig }, { name: 'template' })
    const rows = allRows(await client.inspectContainer(Id)).filter(({ size }) => size < 0)
    expect(rows.length).toBeGreaterThan(80)
    const env = cliEnvironment(engine.socketPath, folder)
    const docker = join(env['PATH']?.split(':')[0] ?? '', 'docker')
    const wrong: string[] = []
    for (const { path, value } of rows) {
      const template = templatePath(path, value)
      const { stdout, stderr } = await exec(docker, ['inspect', '--format', template, 'template'], { env, timeoutMs: 30_000 })
      const told = stdout.replace(/\n$/, '')
      if (value === null ? !/^(?:<nil>|<no value>|\[\]|map\[\]|null)?$/.test(told) : told !== String(value)) wrong.push(`${template}: ${told}${stderr} instead of ${String(value)}`)
    }
    expect(wrong).toEqual([])
    await client.removeContainer(Id, { force: true, volumes: true })
  }, 120_000)
})
