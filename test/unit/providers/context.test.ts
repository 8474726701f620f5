import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { contextCommand, createDockerContext } from '../../../engine/providers/context.ts'
import { contextFolder, readContexts } from '../../../engine/providers/docker-config.ts'

let home = ''
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'naru-context-'))
})
afterEach(() => rm(home, { recursive: true, force: true }))

const create = (name: string, env: Record<string, string> = {}) =>
  createDockerContext({ env, home, name, dockerHost: 'unix:///run/naru/docker.sock' })

const DOCKER = ['/usr/local/bin/docker', '/usr/bin/docker'].find((path) => existsSync(path))

describe('docker context', () => {
  it('is written as the docker CLI writes it', async () => {
    expect(await create('naru')).toEqual({
      name: 'naru',
      command: 'docker context create naru --docker host=unix:///run/naru/docker.sock',
    })
    const file = join(contextFolder(join(home, '.docker'), 'naru'), 'meta.json')
    expect(await readFile(file, 'utf8')).toBe(
      '{"Name":"naru","Metadata":{},"Endpoints":{"docker":{"Host":"unix:///run/naru/docker.sock","SkipTLSVerify":false}}}',
    )
    expect((await stat(join(home, '.docker'))).mode & 0o777).toBe(0o700)
    expect(await readdir(join(home, '.docker/contexts'))).toEqual(['meta'])
    expect(await readContexts({}, home)).toEqual([{ name: 'naru', host: 'unix:///run/naru/docker.sock' }])
  })

  it('refuses a name in use, reserved or malformed, and changes nothing', async () => {
    await create('naru')
    await expect(create('naru')).rejects.toMatchObject({ code: 'name-in-use', params: { name: 'naru' } })
    await expect(create('default')).rejects.toMatchObject({ code: 'name-in-use', hint: 'context-reserved' })
    for (const bad of ['', 'x', 'a b', '../x', '-x']) {
      await expect(create(bad)).rejects.toMatchObject({ code: 'invalid-request' })
    }
    expect(await readdir(join(home, '.docker/contexts/meta'))).toHaveLength(1)
    expect(await readdir(join(home, '.docker/contexts'))).toEqual(['meta'])
  })

  it('lets one of two at the same time win', async () => {
    const both = await Promise.allSettled([create('naru'), create('naru')])
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  })

  it('quotes a host a shell would break', () => {
    expect(contextCommand('naru', 'unix:///a b/d.sock')).toBe(
      "docker context create naru --docker 'host=unix:///a b/d.sock'",
    )
  })

  it.skipIf(!DOCKER)('is understood by the real docker CLI', async () => {
    const config = join(home, 'cfg')
    await create('naru', { DOCKER_CONFIG: config })
    const docker = (...args: string[]): string =>
      execFileSync(DOCKER ?? '', ['context', ...args], { env: { DOCKER_CONFIG: config, HOME: home }, encoding: 'utf8', stdio: 'pipe' })
    expect(docker('ls', '--format', '{{.Name}} {{.DockerEndpoint}}')).toContain('naru unix:///run/naru/docker.sock')
    expect(docker('inspect', 'naru', '--format', '{{.Endpoints.docker.Host}}').trim()).toBe('unix:///run/naru/docker.sock')
    expect(() => docker('create', 'naru', '--docker', 'host=unix:///other')).toThrow(/already exists/)
    docker('create', 'theirs', '--docker', 'host=unix:///run/naru/docker.sock')
    const text = (name: string) => readFile(join(contextFolder(config, name), 'meta.json'), 'utf8')
    expect((await text('theirs')).replace('theirs', 'naru')).toBe(await text('naru'))
    await expect(create('theirs', { DOCKER_CONFIG: config })).rejects.toMatchObject({ code: 'name-in-use' })
    docker('rm', 'naru')
    expect(docker('ls', '-q')).not.toContain('naru')
  })
})
