import { describe, expect, it } from 'vitest'
import { MASK, isMasked, isSecretName, maskedValue } from '../../../../engine/redact/rules.ts'
import { envFile, maskedInspect } from '../../../../renderer/screens/Containers/detail/secrets.ts'

describe('names of secrets', () => {
  it.each(['POSTGRES_PASSWORD', 'MYSQL_ROOT_PASSWORD', 'API_KEY', 'apiKey', 'AWS_SECRET_ACCESS_KEY', 'GITHUB_TOKEN', 'spring.datasource.password', 'DB_PASS', 'SENTRY_DSN', 'PGPASSWORD', 'SECRET_KEY_BASE', 'CLIENT_SECRET', 'BASIC_AUTH'])('%s is one', (name) => {
    expect(isSecretName(name)).toBe(true)
  })
  it.each(['PATH', 'HOME', 'POSTGRES_PASSWORD_FILE', 'TOKEN_URL', 'KEYBOARD', 'MONKEY', 'PASSENGER_COUNT', 'NODE_ENV', 'API_KEY_ID', 'COMPASS', 'SSH_AUTH_SOCK', 'AUTHOR', 'TOKENIZER'])('%s is none', (name) => {
    expect(isSecretName(name)).toBe(false)
  })
})

describe('values', () => {
  const shown = (name: string, value: string): string => maskedValue({ name, value })
  it('of secrets are hidden, whatever their length; empty ones and switches are not', () => {
    expect(shown('DB_PASSWORD', 'x')).toBe(MASK)
    expect(shown('DB_PASSWORD', 'x'.repeat(100))).toBe(MASK)
    expect(shown('DB_PASSWORD', '')).toBe('')
    expect(shown('REQUIRE_AUTH', 'true')).toBe('true')
  })
  it('of addresses keep all but the password', () => {
    expect(shown('DATABASE_URL', 'postgres://shop:s3cr3t@db:5432/shop')).toBe(`postgres://shop:${MASK}@db:5432/shop`)
    expect(shown('REDIS_URL', 'redis://:p%40ss@cache:6379')).toBe(`redis://:${MASK}@cache:6379`)
    expect(shown('HOOK', 'https://x.example/in?token=abc&a=1')).toBe(`https://x.example/in?token=${MASK}&a=1`)
    expect(shown('PLAIN_URL', 'http://db:5432/x')).toBe('http://db:5432/x')
    expect(shown('PROXY', 'http://user@proxy:3128')).toBe('http://user@proxy:3128')
    expect(shown('LIST', 'amqp://a:b@one,amqp://c:d@two')).toBe(`amqp://a:${MASK}@one,amqp://c:${MASK}@two`)
  })
  it('that are known tokens are hidden under any name', () => {
    const dots = ['eyJhbGciOiJIUzI1NiJ9', 'eyJzdWIiOiIxIn0', 'abc'].join('.')
    for (const value of [`ghp_${'a'.repeat(36)}`, dots, '-----BEGIN RSA PRIVATE KEY-----\nMII', `AKIA${'A'.repeat(16)}`]) expect(isMasked({ name: 'X', value })).toBe(true)
  })
})

it('an env file leaves secrets out unless asked for, and says what it cannot hold', () => {
  const entries = [{ name: 'A', value: 'b = c' }, { name: 'TOKEN', value: 'x y' }, { name: 'TEXT', value: 'one\ntwo' }]
  expect(envFile(entries, false)).toBe('A=b = c\n# TOKEN=\n# TEXT: several lines, which an env file cannot hold\n')
  expect(envFile(entries, true)).toContain('\nTOKEN=x y\n')
})

it('an inspect answer is the same but for the secrets of its environment', () => {
  const raw = { Id: 'x', Config: { Env: ['A=b', 'TOKEN=x', 'BARE'], Labels: { a: 'b' } } }
  expect(maskedInspect(raw)).toEqual({ Id: 'x', Config: { Env: ['A=b', `TOKEN=${MASK}`, 'BARE'], Labels: { a: 'b' } } })
  expect(maskedInspect({ Id: 'x' })).toEqual({ Id: 'x' })
  expect(raw.Config.Env[1]).toBe('TOKEN=x')
})
