import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isBelow, refuseUnshared } from '../../../engine/containers/folders.ts'
import type { RunSpec } from '../../../engine/contract/models.ts'

const spec = (more: Partial<Pick<RunSpec, 'volumes' | 'mounts'>>): RunSpec => ({ image: 'x', volumes: [], ...more }) as unknown as RunSpec
const volume = (source: string) => ({ source, target: '/x', readOnly: false })

describe('folders an engine does not see', () => {
  it.each([
    ['/home/a', '/home/a', true],
    ['/home/a', '/home/a/', true],
    ['/home/a/', '/home/a/b c', true],
    ['/home/a', '/home/ab', false],
    ['/home/a', '/home/a/../b', false],
    ['/home/a', '/home', false],
    ['/', '/anything', true],
  ])('%s shows %s: %s', (folder, path, wanted) => expect(isBelow(folder, path)).toBe(wanted))

  it('whatever lies below a folder is shown', () => {
    const word = fc.stringMatching(/^[a-z]{1,6}$/)
    fc.assert(fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), fc.array(word, { maxLength: 4 }), (base, rest) => {
      expect(isBelow(`/${base.join('/')}`, `/${[...base, ...rest].join('/')}`)).toBe(true)
      expect(isBelow(`/${base.join('/')}`, `/${base.join('/')}x/${rest.join('/')}`)).toBe(false)
    }))
  })

  it('are refused before anything is made, with the folders that are seen', () => {
    expect(() => refuseUnshared(spec({ volumes: [volume('/home/a'), volume('/etc')] }), ['/home'])).toThrow(
      expect.objectContaining({ code: 'invalid-request', hint: 'folder-not-shared', params: { field: 'volumes', path: '/etc', folders: ['/home'] } }),
    )
    expect(() => refuseUnshared(spec({ mounts: [{ type: 'bind', source: '/srv', target: '/x' }] }), [])).toThrow(expect.objectContaining({ params: { field: 'mounts', path: '/srv', folders: [] } }))
  })

  it('the engine’s own socket and what its kernel shows are there wherever it runs', () => {
    const own = ['/var/run/docker.sock', '/run/docker.sock', '/dev/fuse', '/sys/fs/cgroup', '/proc']
    expect(() => refuseUnshared(spec({ volumes: own.map(volume) }), ['/home'])).not.toThrow()
    expect(() => refuseUnshared(spec({ volumes: [volume('/var/run')] }), ['/home'])).toThrow(expect.objectContaining({ hint: 'folder-not-shared' }))
  })

  it('volumes, temporary file systems and engines that see everything are none of it', () => {
    expect(() => refuseUnshared(spec({ volumes: [volume('data'), volume('')], mounts: [{ type: 'tmpfs', target: '/t' }, { type: 'volume', source: 'v', target: '/v' }] }), [])).not.toThrow()
    expect(() => refuseUnshared(spec({ volumes: [volume('/etc')] }), undefined)).not.toThrow()
  })
})
