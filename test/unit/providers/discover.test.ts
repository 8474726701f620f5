import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { contextFolder } from '../../../engine/providers/docker-config.ts'
import { createProviderRegistry } from '../../../engine/providers/registry.ts'
import { canonicalPath, discoverSockets, unixPath } from '../../../engine/providers/socket/discover.ts'

let home = ''
beforeEach(async () => {
  home = await canonicalPath(await mkdtemp(join(tmpdir(), 'naru-home-')))
})
afterEach(() => rm(home, { recursive: true, force: true }))

async function touch(path: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, '')
  return path
}

async function addContext(name: string, host: string): Promise<void> {
  const folder = contextFolder(join(home, '.docker'), name)
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'meta.json'), JSON.stringify({ Name: name, Endpoints: { docker: { Host: host } } }))
}

const look = async (env: Record<string, string> = {}, added: string[] = [], exclude: string[] = []) => {
  const found = await discoverSockets({ env, home, uid: 4_242_424, added, exclude })
  // What the machine that runs the test has is none of its business.
  const candidates = found.candidates.filter(({ path }) => path.startsWith(home))
  return { ...found, candidates }
}

describe('discovery of sockets', () => {
  it('prefers DOCKER_HOST, then the current context, other contexts, well-known paths, added ones', async () => {
    const runtime = join(home, 'run')
    const podman = await touch(join(runtime, 'podman/podman.sock'))
    const colima = await touch(join(home, '.colima/default/docker.sock'))
    await addContext('a', `unix://${home}/a.sock`)
    await addContext('z', `unix://${home}/z.sock`)
    await writeFile(join(home, '.docker/config.json'), JSON.stringify({ currentContext: 'z' }))
    const env = { DOCKER_HOST: `unix://${home}/host.sock`, XDG_RUNTIME_DIR: runtime }
    const { candidates } = await look(env, [`${home}/mine.sock`])
    expect(candidates.map(({ path, origin, name }) => [path, origin, name])).toEqual([
      [`${home}/host.sock`, 'DOCKER_HOST', ''],
      [`${home}/z.sock`, 'context:z', 'z'],
      [`${home}/a.sock`, 'context:a', 'a'],
      [podman, 'well-known', ''],
      [colima, 'well-known', ''],
      [`${home}/mine.sock`, 'added', ''],
    ])
  })

  it('follows DOCKER_CONFIG and DOCKER_CONTEXT', async () => {
    await addContext('a', `unix://${home}/a.sock`)
    await addContext('b', `unix://${home}/b.sock`)
    const first = await look({ DOCKER_CONTEXT: 'b' })
    expect(first.candidates[0]?.name).toBe('b')
    expect((await look({ DOCKER_CONFIG: join(home, 'elsewhere') })).candidates).toEqual([])
  })

  it('lists one entry per real socket and keeps the best name', async () => {
    const real = await touch(join(home, 'real.sock'))
    await symlink(real, join(home, 'link.sock'))
    await addContext('work', `unix://${real}`)
    const { candidates } = await look({ DOCKER_HOST: `unix://${home}/link.sock` }, [real])
    expect(candidates).toEqual([{ path: join(home, 'link.sock'), realPath: real, name: 'work', origin: 'DOCKER_HOST' }])
  })

  it('never lists our own socket, by whatever name, running or not', async () => {
    await addContext('naru', `unix://${home}/own/docker.sock`)
    await mkdir(join(home, 'own'))
    await symlink(join(home, 'own/docker.sock'), join(home, 'alias.sock'))
    const { candidates } = await look({ DOCKER_HOST: `unix://${home}/alias.sock` }, [], [join(home, 'own/docker.sock')])
    expect(candidates).toEqual([])
  })

  it('says why another kind of host cannot be used, without its password', async () => {
    await addContext('far', 'ssh://me:secret@example.org')
    const { unsupported } = await look({ DOCKER_HOST: 'tcp://127.0.0.1:2375' })
    expect(unsupported.map(({ host, kind, origin }) => [host, kind, origin])).toEqual([
      ['tcp://127.0.0.1:2375', 'tls', 'DOCKER_HOST'],
      ['ssh://example.org', 'ssh', 'context:far'],
    ])
    expect(unsupported[0]?.error).toMatchObject({ code: 'unsupported', params: { scheme: 'tcp' } })
    expect(JSON.stringify(unsupported)).not.toContain('secret')
  })

  it('looks only at NARU_SOCKETS when it is set', async () => {
    await addContext('a', `unix://${home}/a.sock`)
    const env = { DOCKER_HOST: `unix://${home}/host.sock` }
    const all = { home, uid: 0, added: [], exclude: [] }
    expect((await discoverSockets({ ...all, env: { ...env, NARU_SOCKETS: '' } })).candidates).toEqual([])
    const two = await discoverSockets({ ...all, env: { ...env, NARU_SOCKETS: `${home}/1.sock:${home}/2.sock` } })
    expect(two.candidates.map(({ path }) => path)).toEqual([`${home}/1.sock`, `${home}/2.sock`])
  })

  it('survives broken docker settings', async () => {
    await mkdir(contextFolder(join(home, '.docker'), 'bad'), { recursive: true })
    await writeFile(join(contextFolder(join(home, '.docker'), 'bad'), 'meta.json'), '{"Name":')
    await writeFile(join(home, '.docker/config.json'), '[]')
    expect(await look()).toEqual({ candidates: [], unsupported: [] })
  })

  it('reads hosts', () => {
    expect(unixPath('unix:///run/../run/x.sock')).toBe('/run/x.sock')
    expect(unixPath('/run/x.sock')).toBe('/run/x.sock')
    expect(unixPath('run/x.sock')).toBeNull()
    expect(unixPath('tcp://x')).toBeNull()
    expect(unixPath('unix://')).toBeNull()
  })
})

describe('provider registry', () => {
  const registry = () => createProviderRegistry({ env: { NARU_SOCKETS: '' }, home, exclude: [`unix://${home}/own.sock`] })

  it('makes a provider of a typed path', async () => {
    const provider = await registry().socketProvider('~/x.sock ')
    expect(provider).toMatchObject({ id: `socket:${home}/x.sock`, origin: 'added', managed: false })
    expect(provider.dockerHost).toBe(`unix://${home}/x.sock`)
  })

  it('refuses what cannot be a foreign socket', async () => {
    await expect(registry().socketProvider('relative.sock')).rejects.toMatchObject({ code: 'invalid-request' })
    await expect(registry().socketProvider('tcp://h:1')).rejects.toMatchObject({ code: 'invalid-request' })
    await expect(registry().socketProvider(`/${'x'.repeat(108)}`)).rejects.toMatchObject({ hint: 'socket-path-long' })
    await expect(registry().socketProvider(`${home}/own.sock`)).rejects.toMatchObject({ code: 'conflict' })
  })

  it('lists unsupported hosts as absent with the reason', async () => {
    const found = await createProviderRegistry({
      env: { NARU_SOCKETS: '' },
      home,
      exclude: [],
    }).discover(['ssh://me@host'])
    expect(found).toHaveLength(1)
    const detection = await found[0]!.detect(new AbortController().signal)
    expect(detection).toMatchObject({ state: 'absent', error: { code: 'unsupported', params: { host: 'ssh://host' } } })
  })
})
