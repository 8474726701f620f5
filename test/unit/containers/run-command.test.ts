import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RunSpec } from '../../../engine/contract/models.ts'
import {
  formatRunCommand,
  joinCommand,
  quoteWord,
  splitCommand,
} from '../../../engine/containers/run-command.ts'

const bare: RunSpec = {
  image: 'nginx',
  ports: [],
  env: [],
  volumes: [],
  restart: { name: 'no' },
  autoRemove: false,
  pull: 'missing',
}

describe('formatRunCommand', () => {
  const table: readonly [string, Partial<RunSpec>, string][] = [
    ['nothing but an image', {}, 'docker run -d nginx'],
    [
      'name and loopback port',
      { name: 'web', ports: [{ containerPort: '80', protocol: 'tcp', hostIp: '127.0.0.1', hostPort: '8080' }] },
      'docker run -d --name web -p 127.0.0.1:8080:80 nginx',
    ],
    ['values that a shell would read', { env: [{ name: 'A', value: "it's $HOME" }] }, `docker run -d -e 'A=it'\\''s $HOME' nginx`],
    ['an empty value', { env: [{ name: 'A', value: '' }] }, 'docker run -d -e A= nginx'],
    [
      'volumes',
      {
        volumes: [
          { source: '/srv/my data', target: '/data', readOnly: true },
          { source: 'cache', target: '/cache', readOnly: false },
          { source: '', target: '/scratch', readOnly: false },
        ],
      },
      "docker run -d -v '/srv/my data:/data:ro' -v cache:/cache -v /scratch nginx",
    ],
    [
      'volumes the short form cannot say',
      {
        volumes: [
          { source: '/srv/a:b', target: '/x,y', readOnly: false },
          { source: '', target: '/ro', readOnly: true },
        ],
      },
      `docker run -d --mount 'type=bind,source=/srv/a:b,"target=/x,y"' --mount type=volume,target=/ro,readonly nginx`,
    ],
    ['restart with retries', { restart: { name: 'on-failure', maximumRetryCount: 5 } }, 'docker run -d --restart on-failure:5 nginx'],
    ['restart without', { restart: { name: 'on-failure' } }, 'docker run -d --restart on-failure nginx'],
    [
      'the rest',
      { autoRemove: true, platform: 'linux/arm64', pull: 'always', labels: { a: 'b', flag: '' }, command: ['sh', '-c', 'echo hi; sleep 1'] },
      `docker run -d --label a=b --label flag --rm --platform linux/arm64 --pull always nginx sh -c 'echo hi; sleep 1'`,
    ],
  ]
  it.each(table)('%s', (_title, change, expected) => {
    expect(formatRunCommand({ ...bare, ...change })).toBe(expected)
  })
  it('says create without -d', () => {
    expect(formatRunCommand({ ...bare, name: 'x' }, 'create')).toBe('docker create --name x nginx')
  })
})

describe('shell words', () => {
  it.each([
    ['a b  c', ['a', 'b', 'c']],
    [`a 'b c' "d \\" $e"`, ['a', 'b c', 'd " $e']],
    [`''`, ['']],
    [`a''b`, ['ab']],
    ['a\\ b', ['a b']],
    ['a \\\n  b', ['a', 'b']],
    ['a \\\r\n b', ['a', 'b']],
    [`"a\\nb"`, ['a\\nb']],
    ['  ', []],
  ])('splits %j', (text, words) => {
    expect(splitCommand(text)).toEqual(words)
  })
  it.each([
    [`a 'b`, 'unclosed-quote'],
    ['a "b', 'unclosed-quote'],
    ['a \\', 'trailing-backslash'],
  ])('refuses %j', (text, hint) => {
    expect(() => splitCommand(text)).toThrowError(expect.objectContaining({ code: 'invalid-request', hint }))
  })
  it('quotes nothing harmless', () => {
    expect(quoteWord('nginx:1.27-alpine@sha256:abc')).toBe('nginx:1.27-alpine@sha256:abc')
    expect(quoteWord('')).toBe("''")
  })
  it('gives back any words that were joined', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 20 }), { maxLength: 8 }), (words) => {
        expect(splitCommand(joinCommand(words))).toEqual(words)
      }),
    )
  })
})
