import { describe, expect, it } from 'vitest'
import { imageDetail, instructionText, matchLayers } from '../../../engine/images/inspect.ts'

/** History as the API gives it from instructions as a Dockerfile has them. */
const history = (...steps: readonly (readonly [string, number])[]) =>
  steps.map(([CreatedBy, Size], index) => ({ Id: '<missing>', Created: 1_000 + index, CreatedBy, Size })).reverse()

const ids = (layers: ReturnType<typeof matchLayers>) => layers.map(({ instruction, diffId }) => [instruction.split(' ')[0], diffId])

describe('matchLayers', () => {
  it('gives layers to what has bytes and none to configuration', () => {
    const layers = matchLayers(history(['ADD rootfs /', 9], ['CMD ["sh"]', 0], ['RUN make', 5], ['EXPOSE 80', 0]), ['a', 'b'])
    expect(ids(layers)).toEqual([['ADD', 'a'], ['CMD', ''], ['RUN', 'b'], ['EXPOSE', '']])
    expect(layers[0]).toMatchObject({ sizeBytes: 9, createdAt: 1_000_000 })
  })
  it('gives left-over layers to empty instructions that write, then to WORKDIR', () => {
    const steps = history(['ADD rootfs /', 9], ['ENV A=b', 0], ['WORKDIR /srv', 0], ['RUN true', 0])
    expect(ids(matchLayers(steps, ['a', 'b']))).toEqual([['ADD', 'a'], ['ENV', ''], ['WORKDIR', ''], ['RUN', 'b']])
    expect(ids(matchLayers(steps, ['a', 'b', 'c']))).toEqual([['ADD', 'a'], ['ENV', ''], ['WORKDIR', 'b'], ['RUN', 'c']])
  })
  it('keeps layers nobody tells about', () => {
    expect(ids(matchLayers(history(['ADD x /', 1]), ['a', 'b']))).toEqual([['ADD', 'a'], ['', 'b']])
    expect(matchLayers([], [])).toEqual([])
  })
  it('survives more history than layers', () => {
    expect(ids(matchLayers(history(['ADD x /', 1], ['RUN y', 1]), ['a']))).toEqual([['ADD', 'a'], ['RUN', '']])
  })
})

describe('instructionText', () => {
  it.each([
    ['/bin/sh -c #(nop)  CMD ["nginx"]', 'CMD ["nginx"]'],
    ['/bin/sh -c apt-get update', 'RUN apt-get update'],
    ['RUN /bin/sh -c make # buildkit', 'RUN make'],
    ['|1 VERSION=3 /bin/sh -c make', 'RUN make'],
    ['RUN |2 A=1 B=2 /bin/sh -c make # buildkit', 'RUN make'],
    ['COPY . /srv # buildkit', 'COPY . /srv'],
    ['RUN echo # not buildkit here', 'RUN echo # not buildkit here'],
  ])('%s', (createdBy, expected) => {
    expect(instructionText(createdBy)).toBe(expected)
  })
})

describe('imageDetail', () => {
  it('fills what an engine leaves out', () => {
    const detail = imageDetail({ Id: 'ab'.repeat(32), Size: 5, Config: null, RootFS: null, RepoTags: null }, [])
    expect(detail).toMatchObject({ id: `sha256:${'ab'.repeat(32)}`, tags: [], exposedPorts: [], command: [], layers: [], os: '' })
  })
  it('reads the configuration', () => {
    const detail = imageDetail(
      {
        Id: 'sha256:1',
        Size: 5,
        RepoTags: ['docker.io/library/nginx:1', '<none>:<none>'],
        Config: { ExposedPorts: { '80/tcp': {}, '53/udp': {}, odd: {} }, Env: ['A=b=c', 'FLAG'], Cmd: ['nginx'] },
      },
      [],
    )
    expect(detail).toMatchObject({
      tags: ['nginx:1'],
      exposedPorts: [{ port: 80, protocol: 'tcp' }, { port: 53, protocol: 'udp' }],
      env: [{ name: 'A', value: 'b=c' }, { name: 'FLAG', value: '' }],
    })
  })
})
