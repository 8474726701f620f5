import { describe, expect, it } from 'vitest'
import { METHOD_ARGS, OPERATION_ARGS, problemOf } from '../../../engine/contract/validate.ts'

const remove = (reference: string) => problemOf(OPERATION_ARGS['images.remove'], { engineId: 'e', reference, force: false })
const hub = (hubUrl: string) => problemOf(METHOD_ARGS['settings.update'], { patch: { hubUrl } })
const inspect = (id: string) => problemOf(METHOD_ARGS['containers.inspect'], { engineId: 'e', id })

describe('references become part of an address', () => {
  it.each(['nginx', 'nginx:1.2..3', 'docker.io/library/nginx:1', `sha256:${'a'.repeat(64)}`, 'localhost:5000/a/b@sha256:ab', 'a.b/c_d-e'])('%s', (text) =>
    expect(remove(text)).toBeNull(),
  )
  it.each(['', '.', '..', '../containers/web', 'a/../b', 'a/..', 'a/./b', '/a', 'a/', 'a//b', 'a?force=1', 'a b', 'a#b', 'a%2e', 'a\n'])('not %j', (text) =>
    expect(remove(text)).not.toBeNull(),
  )
  it.each(['..', '.', 'a/b', '../x', '-a', 'a?b', '', 'a'.repeat(300)])('a container is not %j', (text) => expect(inspect(text)).not.toBeNull())
})

describe('the Hub\u2019s address', () => {
  it.each(['https://hub.docker.com', 'http://127.0.0.1:8080/', 'https://a.test/prefix'])('%s', (text) => expect(hub(text)).toBeNull())
  it.each(['https://', 'http://a b', 'ftp://a', 'https://me:secret@a.test', 'https://me@a.test/', 'file:///etc/passwd', 'https://[::'])('not %s', (text) =>
    expect(hub(text)).not.toBeNull(),
  )
})

describe('every operation', () => {
  const spec = { image: 'x', ports: [], env: [], volumes: [], restart: { name: 'no' }, autoRemove: false, pull: 'missing' }
  const good: Record<keyof typeof OPERATION_ARGS, object> = {
    'containers.run': { spec },
    'containers.create': { spec },
    'containers.start': { id: 'a' },
    'containers.stop': { id: 'a', graceSeconds: 5 },
    'containers.restart': { id: 'a' },
    'containers.pause': { id: 'a' },
    'containers.unpause': { id: 'a' },
    'containers.kill': { id: 'a', signal: 'SIGTERM' },
    'containers.rename': { id: 'a', newName: 'b' },
    'containers.remove': { id: 'a', force: false, stopFirst: false, volumes: false },
    'images.pull': { reference: 'nginx' },
    'images.push': { reference: 'team/web:1' },
    'registries.login': { registry: 'ghcr.io', user: 'ada', keep: true, ticket: 't' },
    'images.remove': { reference: 'nginx', force: false },
    'images.tag': { source: 'a:1', target: 'b:1' },
    'images.save': { references: ['a:1'], target: { kind: 'path', path: '/a.tar', overwrite: false } },
    'images.load': { source: { kind: 'path', path: '/a.tar' } },
    'images.import': { source: { kind: 'transfer', transferId: 't', name: 'a.tar', sizeBytes: 1 }, reference: 'a', message: '', changes: ['CMD a'] },
    'containers.export': { id: 'a', target: { kind: 'transfer', transferId: 't', name: 'a.tar' } },
    'containers.update': { id: 'a' },
    'containers.commit': { id: 'a', reference: 'a:1', message: '', author: '', pause: true, changes: ['CMD a'] },
    'files.download': { id: 'a', path: '/a', target: { kind: 'transfer', transferId: 't', name: 'a.tar' } },
    'files.upload': { id: 'a', path: '/', source: { kind: 'transfer', transferId: 't', name: 'a.tar', sizeBytes: 1 }, names: ['a'] },
    'files.make-folder': { id: 'a', path: '/', name: 'b' },
    'files.rename': { id: 'a', path: '/a', newName: 'b' },
    'files.remove': { id: 'a', paths: ['/a'] },
    'images.prune': { all: true },
    'builds.prune': { all: false },
    'builds.start': { spec: { folder: '/a', buildArgs: [], tags: [], noCache: false, pull: false, labels: [] } },
    'layers.analyse': { imageId: `sha256:${'a'.repeat(64)}` },
    'welcome.run': {},
    'engines.start': {},
    'engines.stop': { containers: 'keep' },
    'engines.restart': {},
    'engines.reset': { consent: 'x' },
    'engines.repair': {},
    'machine.grow-disk': { bytes: 1 },
    'engines.create-context': { name: 'naru' },
  }
  it.each(Object.entries(good))('%s takes its own fields, each of its type, and no other', (name, fields) => {
    const start = (arg: unknown) => problemOf(METHOD_ARGS['operations.start'], { name, arg })
    const arg: Record<string, unknown> = { engineId: 'e', ...fields }
    expect(start(arg)).toBeNull()
    expect(start({ ...arg, surprise: 1 })).not.toBeNull()
    expect(start({ ...arg, __proto__: null, constructor: 1 })).not.toBeNull()
    for (const field of Object.keys(arg)) {
      for (const wrong of [7.5, -1, Number.NaN, null, ...(field === 'changes' ? [] : [[]]), {}, Symbol.iterator]) expect(start({ ...arg, [field]: wrong }), field).not.toBeNull()
      if (field === 'graceSeconds') continue
      const { [field]: _left, ...without } = arg
      expect(start(without), field).not.toBeNull()
    }
  })
  it.each(Object.keys(spec))('a run without or with a wrong %s is refused', (field) => {
    const run = (one: object) => problemOf(METHOD_ARGS['operations.start'], { name: 'containers.run', arg: { engineId: 'e', spec: one } })
    expect(run(spec)).toBeNull()
    for (const wrong of [7.5, null, {}, [7]]) expect(run({ ...spec, [field]: wrong }), field).not.toBeNull()
    expect(run(Object.fromEntries(Object.entries(spec).filter(([name]) => name !== field)))).not.toBeNull()
  })
})
