import { describe, expect, it } from 'vitest'
import { commandOf } from '../../../engine/operations/command.ts'
import { mergeRowPatches } from '../../../engine/host/row-patch.ts'

const on = { engineId: 'native', id: 'c1' }
const names = { container: (id: string) => (id === 'c1' ? 'web' : id), dockerHost: 'unix:///run/naru dir/d.sock' }

describe('commandOf', () => {
  it.each([
    [commandOf('containers.start', on, names), 'docker start web'],
    [commandOf('containers.stop', { ...on, graceSeconds: 0 }, names), 'docker stop -t 0 web'],
    [commandOf('containers.restart', on, names), 'docker restart web'],
    [commandOf('containers.kill', { ...on, signal: 'KILL' }, names), 'docker kill web'],
    [commandOf('containers.kill', { ...on, signal: 'HUP' }, names), 'docker kill -s HUP web'],
    [commandOf('containers.rename', { ...on, newName: "it's" }, names), `docker rename web 'it'\\''s'`],
    [commandOf('containers.remove', { ...on, force: true, stopFirst: false, volumes: true }, names), 'docker rm -f -v web'],
    [commandOf('containers.remove', { ...on, force: false, stopFirst: true, volumes: false }, names), 'docker stop web && docker rm web'],
    [commandOf('containers.update', { ...on, memoryBytes: 512 * 1024 ** 2, memorySwapBytes: 1024 ** 3, cpus: 1.5, pidsLimit: -1, restart: { name: 'on-failure', maximumRetryCount: 3 } }, names), 'docker update --memory 512m --memory-swap 1g --cpus 1.5 --pids-limit -1 --restart on-failure:3 web'],
    [commandOf('containers.update', { ...on, memoryBytes: 10_000_001, memorySwapBytes: -1, restart: { name: 'always' } }, names), 'docker update --memory 10000001 --memory-swap -1 --restart always web'],
    [commandOf('containers.commit', { ...on, reference: 'shop/web:2', message: 'fix it', author: '', pause: false, changes: ['CMD ["sh"]'] }, names), `docker commit -m 'fix it' --pause=false -c 'CMD ["sh"]' web shop/web:2`],
    [commandOf('containers.commit', { ...on, reference: '', message: '', author: 'Ada', pause: true, changes: [] }, names), 'docker commit -a Ada web'],
    [commandOf('images.pull', { engineId: 'e', reference: 'nginx', platform: 'linux/arm64' }, names), 'docker pull --platform linux/arm64 nginx'],
    [commandOf('images.push', { engineId: 'e', reference: 'ghcr.io/team/web:1' }, names), 'docker push ghcr.io/team/web:1'],
    [commandOf('registries.login', { engineId: 'e', registry: 'docker.io', user: 'ada', keep: true, ticket: 't' }, names), 'docker login -u ada --password-stdin'],
    [commandOf('registries.login', { engineId: 'e', registry: 'ghcr.io', user: 'a b', keep: true, ticket: 't' }, names), `docker login -u 'a b' --password-stdin ghcr.io`],
    [commandOf('images.remove', { engineId: 'e', reference: 'nginx:1', force: false }, names), 'docker rmi nginx:1'],
    [commandOf('engines.start', { engineId: 'e' }, names), ''],
    [
      commandOf('engines.create-context', { engineId: 'e', name: 'naru' }, names),
      `docker context create naru --docker 'host=unix:///run/naru dir/d.sock'`,
    ],
  ])('%s', (line, expected) => {
    expect(line).toBe(expected)
  })
})

describe('mergeRowPatches', () => {
  it('keeps the last word about every row', () => {
    const merged = mergeRowPatches(
      { upsert: [{ id: 'a', n: 1 }, { id: 'b', n: 1 }], remove: ['c'] },
      { upsert: [{ id: 'a', n: 2 }, { id: 'c', n: 2 }], remove: ['b', 'd'] },
    )
    expect(merged).toEqual({ upsert: [{ id: 'a', n: 2 }, { id: 'c', n: 2 }], remove: ['b', 'd'] })
  })
})
