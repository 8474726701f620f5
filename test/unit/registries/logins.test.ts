import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { NaruError } from '../../../engine/contract/errors.ts'
import { scrub } from '../../../engine/registries/credential.ts'
import { createHelper } from '../../../engine/registries/helper.ts'
import { logIn, testLogin } from '../../../engine/registries/login.ts'
import { createRegistryLogins } from '../../../engine/registries/logins.ts'
import type { RegistryLogins } from '../../../engine/registries/logins.ts'
import type { RealmGuard } from '../../../engine/registries/realm-guard.ts'
import { openVault } from '../../../engine/registries/vault.ts'
import type { SecretBox } from '../../../engine/registries/vault.ts'
import { makeHelper } from '../../support/credential-helper.ts'
import type { FakeHelper } from '../../support/credential-helper.ts'

const SECRET = 'correct horse ✓ "battery" staple'
const never = new AbortController().signal
const base64 = (text: string) => Buffer.from(text).toString('base64')
const login = (registry: string, secret = SECRET, user = 'ada') => ({ registry, user, secret, kind: 'password' }) as const

/** Seals by turning the bytes over: nothing of it is in clear, and it needs no key. */
const box: SecretBox = {
  available: async () => true,
  seal: async (text) => Buffer.from(Buffer.from(text).map((byte) => 255 - byte)).toString('base64'),
  open: async (sealed) => Buffer.from(Buffer.from(sealed, 'base64').map((byte) => 255 - byte)).toString('utf8'),
}

let home: string
let lines: string[]
const config = (value: unknown) => writeFile(join(home, '.docker', 'config.json'), JSON.stringify(value))
const decode = (header: string | undefined): unknown => JSON.parse(Buffer.from((header ?? '').replaceAll('-', '+').replaceAll('_', '/'), 'base64').toString()) as unknown

async function open(secrets?: SecretBox, path = '', guard: RealmGuard = async () => undefined): Promise<RegistryLogins> {
  const log = (line: string) => void lines.push(line)
  const vault = await openVault({ stateFolder: home, log, now: () => 1_000, ...(secrets && { secrets }) })
  return createRegistryLogins({ vault, env: { PATH: path }, home, log, guard })
}

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'naru-logins-'))
  await mkdir(join(home, '.docker'))
  lines = []
})
afterEach(async () => {
  await rm(home, { recursive: true, force: true })
})

describe('a login that a registry would have sent elsewhere', () => {
  it('goes with no pull, push or build and to no check; others do', async () => {
    await config({ auths: { 'ghcr.io': { username: 'bob', password: 'x' }, 'bad.test': { username: 'eve', password: 'y' } } })
    const refused = new NaruError('denied', 'elsewhere', { hint: 'registry.realm-foreign' })
    const asked: string[] = []
    const logins = await open(undefined, '', async (registry) => {
      asked.push(registry)
      if (registry === 'bad.test') throw refused
    })
    expect(decode(await logins.authFor('ghcr.io/team/web', never))).toMatchObject({ username: 'bob' })
    await expect(logins.authFor('bad.test/team/web', never)).rejects.toBe(refused)
    await expect(logins.credentialFor('bad.test', never)).rejects.toBe(refused)
    expect(Object.keys(decode(await logins.registryConfig(never)) as object)).toEqual(['ghcr.io'])
    expect(lines.join()).toContain('the login for bad.test is not sent along')
    // Nobody is asked where no login is.
    asked.length = 0
    expect(await logins.authFor('quay.io/team/web', never)).toBeUndefined()
    expect(asked).toEqual([])
    let checked = 0
    const client = { checkLogin: async () => ({ identityToken: '', status: String((checked += 1)) }) }
    const deps = { client, engine: { version: { product: 'Docker', rootless: false }, home }, registries: logins }
    await expect(logIn(deps, login('bad.test'), false, never)).rejects.toBe(refused)
    await expect(testLogin(deps, 'bad.test', never)).rejects.toBe(refused)
    expect(checked).toBe(0)
    await testLogin(deps, 'ghcr.io', never)
    expect(checked).toBe(1)
  })
})

describe("the docker CLI's own logins", () => {
  it('are read and listed as what they are', async () => {
    await config({
      auths: {
        'https://index.docker.io/v1/': { auth: base64('ada:pass:with:colons') },
        'ghcr.io': { username: 'bob', password: 'x' },
        'https://reg.example:5000/v2/': { identitytoken: 'tok', auth: base64('eve:') },
        'empty.example': {},
        'broken.example': 7,
      },
    })
    const logins = await open()
    expect(await logins.list(never)).toMatchObject({
      logins: [
        { registry: 'docker.io', user: 'ada', place: 'docker-config' },
        { registry: 'ghcr.io', user: 'bob', place: 'docker-config' },
        { registry: 'reg.example:5000', user: 'eve', place: 'docker-config' },
      ],
      place: 'memory',
      problems: [],
    })
    expect(decode(await logins.authFor('nginx', never))).toEqual({ username: 'ada', password: 'pass:with:colons', serveraddress: 'https://index.docker.io/v1/' })
    expect(decode(await logins.authFor('reg.example:5000/a/b:1', never))).toEqual({ identitytoken: 'tok', serveraddress: 'reg.example:5000' })
    expect(await logins.authFor('other.example/a', never)).toBeUndefined()
  })

  it('go with builds, all of them', async () => {
    await config({ auths: { 'ghcr.io': { auth: base64('bob:x') } } })
    const logins = await open()
    await logins.keep(login('docker.io'), true, never)
    expect(decode(await logins.registryConfig(never))).toEqual({
      'https://index.docker.io/v1/': { username: 'ada', password: SECRET, serveraddress: 'https://index.docker.io/v1/' },
      'ghcr.io': { username: 'bob', password: 'x', serveraddress: 'ghcr.io' },
    })
  })

  it('leave the file with a logout, and nothing else does', async () => {
    await config({ auths: { 'https://ghcr.io': { auth: base64('bob:x') }, 'a.example': { auth: base64('c:d') } }, currentContext: 'there', proxies: { default: {} } })
    const logins = await open()
    await logins.erase('ghcr.io', 'docker-config', never)
    expect(JSON.parse(await readFile(join(home, '.docker/config.json'), 'utf8'))).toEqual({ auths: { 'a.example': { auth: base64('c:d') } }, currentContext: 'there', proxies: { default: {} } })
    await expect(logins.erase('ghcr.io', 'docker-config', never)).rejects.toMatchObject({ code: 'not-found' })
  })

  it('in a broken or huge file are none', async () => {
    await writeFile(join(home, '.docker/config.json'), '{"auths":')
    expect((await (await open()).list(never)).logins).toEqual([])
    await writeFile(join(home, '.docker/config.json'), `${' '.repeat(1024 * 1024)}{}`)
    expect((await (await open()).list(never)).logins).toEqual([])
  })
})

describe('a login of Naru', () => {
  it('without a keychain is in memory and in no file', async () => {
    const logins = await open({ ...box, available: async () => false })
    expect(await logins.keep(login('ghcr.io'), true, never)).toEqual({ registry: 'ghcr.io', user: 'ada', place: 'memory', since: 1_000 })
    expect(decode(await logins.authFor('ghcr.io/a/b', never))).toMatchObject({ username: 'ada', password: SECRET })
    expect(await readdir(home)).toEqual(['.docker'])
    expect((await (await open()).list(never)).logins).toEqual([])
  })

  it('is sealed by the keychain, readable by its owner alone, and there after a restart', async () => {
    const first = await open(box)
    expect(await first.keep(login('ghcr.io'), true, never)).toMatchObject({ place: 'keychain' })
    expect((await stat(join(home, 'registries.json'))).mode & 0o777).toBe(0o600)
    const text = await readFile(join(home, 'registries.json'), 'utf8')
    expect(text).not.toContain(SECRET)
    expect(text).not.toContain(base64(SECRET))
    const again = await open(box)
    expect(decode(await again.authFor('ghcr.io/a', never))).toMatchObject({ password: SECRET })
    await again.erase('ghcr.io', 'keychain', never)
    expect(await readFile(join(home, 'registries.json'), 'utf8')).not.toContain('ghcr.io')
    expect(await again.authFor('ghcr.io/a', never)).toBeUndefined()
  })

  it('that the keychain no longer opens is told in the log and a pull goes on without', async () => {
    await (await open(box)).keep(login('ghcr.io'), true, never)
    const logins = await open({ ...box, open: async () => Promise.reject(new Error('locked')) })
    expect(await logins.authFor('ghcr.io/a', never)).toBeUndefined()
    expect(lines.join()).toContain('ghcr.io cannot be read')
    await expect(logins.credentialFor('ghcr.io', never)).rejects.toMatchObject({ hint: 'registry.keychain-closed' })
  })

  it('not to be kept stays in memory although there is a keychain', async () => {
    const logins = await open(box)
    expect(await logins.keep(login('ghcr.io'), false, never)).toMatchObject({ place: 'memory' })
    expect(await readdir(home)).toEqual(['.docker'])
  })
})

describe('credential helpers', () => {
  let helper: FakeHelper
  beforeEach(async () => {
    helper = await makeHelper(join(home, 'bin'), 'fake')
  })

  it('keep, give, list and erase; secrets are never in their arguments', async () => {
    await config({ credsStore: 'fake', credHelpers: { 'other.example': 'missing' } })
    const logins = await open(box, helper.folder)
    expect(await logins.keep(login('docker.io'), true, never)).toMatchObject({ place: 'helper', helper: 'fake' })
    expect(await helper.kept()).toEqual({ 'https://index.docker.io/v1/': { Username: 'ada', Secret: SECRET } })
    expect(decode(await logins.authFor('nginx', never))).toMatchObject({ username: 'ada', password: SECRET })
    const list = await logins.list(never)
    expect(list).toMatchObject({ place: 'helper', helper: 'fake', helpers: [{ registry: 'other.example', helper: 'missing' }] })
    expect(list.logins).toMatchObject([{ registry: 'docker.io', user: 'ada', place: 'helper', helper: 'fake' }])
    expect(list.logins[0]?.since).toBeTypeOf('number')
    expect(list.problems).toMatchObject([{ hint: 'registry.helper-missing', params: { program: 'docker-credential-missing' } }])
    await logins.erase('docker.io', 'helper', never)
    expect(await helper.kept()).toEqual({})
    expect(await helper.calls()).toEqual(['store', 'get', 'list', 'erase'])
    expect(await readFile(join(home, 'registries.json'), 'utf8')).not.toContain(SECRET)
  })

  it('of one registry goes before the store of all', async () => {
    const own = await makeHelper(join(home, 'own'), 'own')
    await config({ credsStore: 'fake', credHelpers: { 'ghcr.io': 'own' } })
    const logins = await open(undefined, `${helper.folder}:${own.folder}`)
    await logins.keep(login('ghcr.io'), true, never)
    expect(Object.keys(await own.kept())).toEqual(['ghcr.io'])
    expect(await helper.kept()).toEqual({})
  })

  it('that hold nothing leave it to the file; tokens stand for a user', async () => {
    await config({ credsStore: 'fake', auths: { 'ghcr.io': { auth: base64('bob:x') } } })
    const logins = await open(undefined, helper.folder)
    expect(decode(await logins.authFor('ghcr.io/a', never))).toMatchObject({ username: 'bob' })
    await createHelper('fake', { PATH: helper.folder }).store({ registry: 'ghcr.io', user: '', secret: 'tok', kind: 'identity' })
    expect(decode(await logins.authFor('ghcr.io/a', never))).toEqual({ identitytoken: 'tok', serveraddress: 'ghcr.io' })
  })

  it('that fail are told in their own words, without the secret they may repeat', async () => {
    await config({ credsStore: 'fake' })
    const logins = await open(box, helper.folder)
    await helper.failWith('no bus! got {input}')
    const failed = await logins.keep(login('docker.io', 'plain-secret'), true, never).catch((error: unknown) => error as Error & { detail: string; hint: string })
    expect(failed).toMatchObject({ hint: 'registry.helper-failed', params: { program: 'docker-credential-fake', action: 'store' } })
    expect(JSON.stringify(failed)).toContain('no bus!')
    expect(JSON.stringify({ ...failed, message: (failed as Error).message })).not.toContain('plain-secret')
    expect((await logins.list(never)).problems).toMatchObject([{ hint: 'registry.helper-failed' }])
  })
})

it('scrub leaves no form of a secret', () => {
  const text = `a ${SECRET} b ${base64(SECRET)} c ${encodeURIComponent(SECRET)} d ${JSON.stringify(SECRET)}`
  const rest = scrub(text, SECRET)
  expect(rest).not.toContain('horse')
  expect(rest).not.toContain(base64(SECRET).slice(0, 12))
})
