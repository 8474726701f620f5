import { describe, expect, it } from 'vitest'
import { loadedNames } from '../../../engine/images/archive.ts'
import { createByteMeter } from '../../../engine/transfers/meter.ts'
import { errorFromProgress, errorFromStatus } from '../../../engine/docker/errors.ts'

describe('what an engine says it loaded', () => {
  it.each([
    ['Loaded image: bb:1\n', ['bb:1']],
    ['Loaded image: docker.io/library/bb:1\nLoaded image: shop/api:2\n', ['bb:1', 'shop/api:2']],
    [`Loaded image ID: sha256:${'a'.repeat(64)}\n`, [`sha256:${'a'.repeat(64)}`]],
    ['Loaded image: localhost/bb:1, localhost:5000/x/y:2\n', ['localhost/bb:1', 'localhost:5000/x/y:2']],
    ['something else\n', []],
  ])('%j', (text, names) => expect(loadedNames(text)).toEqual(names))
})

describe('an archive that is broken', () => {
  it.each([
    'archive/tar: invalid tar header',
    'unexpected EOF',
    'open /var/lib/docker/tmp/docker-import-1/repositories: no such file or directory',
    'invalid manifest, layers length mismatch: expected 1, got 0',
    'payload does not match any of the supported image formats',
  ])('%s', (text) => {
    expect(errorFromProgress(text, { archive: true })).toMatchObject({ code: 'invalid-request', hint: 'archive-broken' })
    expect(errorFromStatus(500, JSON.stringify({ message: text }), { archive: true })).toMatchObject({ hint: 'archive-broken' })
  })
  it('but a full disk is a full disk', () =>
    expect(errorFromProgress('write /x: no space left on device', { archive: true })).toMatchObject({ code: 'no-space' }))
  it('and a pull that ends early is none', () => expect(errorFromProgress('unexpected EOF', { reference: 'x' })).toMatchObject({ code: 'registry.unreachable', hint: 'registry.cut' }))
})

describe('the meter', () => {
  it('tells bytes, total and speed, ten times a second at most', () => {
    let now = 0
    const meter = createByteMeter('loading', 'a.tar', 1_000, () => now)
    expect(meter.progress()).toEqual({ step: 'loading', parts: [{ id: 'a.tar', state: 'copying', currentBytes: 0, totalBytes: 1_000 }] })
    now = 500
    expect(meter.add(100)).toBe(true)
    expect(meter.add(100)).toBe(false)
    now = 1_000
    expect(meter.add(200)).toBe(true)
    expect(meter.progress()).toMatchObject({ bytesPerSecond: 400, parts: [{ currentBytes: 400 }] })
    expect(meter.done().parts[0]).toMatchObject({ state: 'done' })
  })
})
