import { describe, expect, it } from 'vitest'
import { NaruError } from '../../../engine/contract/errors.ts'
import { errorFromProgress, errorFromStatus, errorFromTransport, errorText } from '../../../engine/docker/errors.ts'
import type { ErrorSubject } from '../../../engine/docker/errors.ts'

const ID = '4f83e09d33d5778410b85f11dfacbb0ee372608eb8d32297aa164650789fd811'
const json = (message: string): string => JSON.stringify({ message })

/** Wordings of the engine named, with the code and params they must become. */
const ANSWERS: readonly [engine: string, status: number, text: string, expected: object, subject?: ErrorSubject][] = [
  [
    'Docker, create',
    409,
    `Conflict. The container name "/web" is already in use by container "${ID}". You have to remove (or rename) that container to be able to reuse that name.`,
    { code: 'name-in-use', params: { name: 'web', holder: ID.slice(0, 12), holderId: ID } },
  ],
  [
    'Docker, rename',
    409,
    `Error when allocating new name: Conflict. The container name "/p11" is already in use by container "${ID}". You have to remove (or rename) that container to be able to reuse that name.`,
    { code: 'name-in-use', params: { name: 'p11', holder: ID.slice(0, 12), holderId: ID } },
  ],
  [
    'Podman 4, create',
    500,
    `container create: creating container storage: the container name "web" is already in use by ${ID}. You have to remove that container to be able to reuse that name: that name is already in use`,
    { code: 'name-in-use', params: { name: 'web', holder: ID.slice(0, 12), holderId: ID } },
  ],
  [
    'Podman 4, rename',
    409,
    `renaming container ${ID}: name two2 already in use, cannot rename container ${ID}: container already exists`,
    { code: 'name-in-use', params: { name: 'two2' } },
  ],
  [
    'Podman 4, start on an address of another machine',
    500,
    'cannot listen on the TCP port: listen tcp4 192.0.2.1:8080: bind: cannot assign requested address',
    { code: 'invalid-request', params: { port: 8080, hostIp: '192.0.2.1' }, hint: 'port.ip-not-here' },
  ],
  ['Podman 4, pause', 500, `"created" is not running, can't pause: container state improper`, { code: 'conflict' }],
  [
    'Docker 20.10, start',
    500,
    'driver failed programming external connectivity on endpoint web (5f…): Bind for 0.0.0.0:8080 failed: port is already allocated',
    { code: 'port-in-use', params: { port: 8080, hostIp: '0.0.0.0' } },
  ],
  [
    'Docker 28, the IPv6 side first',
    500,
    'failed to set up container networking: driver failed programming external connectivity on endpoint web (5f…): Bind for :::8080 failed: port is already allocated',
    { code: 'port-in-use', params: { port: 8080, hostIp: '::' } },
  ],
  [
    'Docker 20.10, proxy',
    500,
    'driver failed programming external connectivity on endpoint web (5f…): Error starting userland proxy: listen tcp4 127.0.0.1:8080: bind: address already in use',
    { code: 'port-in-use', params: { port: 8080, hostIp: '127.0.0.1' } },
  ],
  [
    'Docker 20.10, proxy, IPv6',
    500,
    'Error starting userland proxy: listen tcp6 [::]:8080: bind: address already in use',
    { code: 'port-in-use', params: { port: 8080, hostIp: '::' } },
  ],
  [
    'Docker 28, start',
    500,
    'failed to set up container networking: driver failed programming external connectivity on endpoint w (1a…): failed to bind host port for 0.0.0.0:8080:172.17.0.2:80/tcp: address already in use',
    { code: 'port-in-use', params: { port: 8080, hostIp: '0.0.0.0' } },
  ],
  [
    'Docker 28.3, start',
    500,
    'failed to bind host port 127.0.0.1:53/udp: address already in use',
    { code: 'port-in-use', params: { port: 53, hostIp: '127.0.0.1' } },
  ],
  [
    'Podman, start',
    500,
    'cannot listen on the TCP port: listen tcp4 :8080: bind: address already in use',
    { code: 'port-in-use', params: { port: 8080, hostIp: '0.0.0.0' } },
  ],
  [
    'rootlesskit, start',
    500,
    "driver failed programming external connectivity on endpoint w: cannot expose privileged port 80, you can add 'net.ipv4.ip_unprivileged_port_start=80' to /etc/sysctl.conf",
    { code: 'denied', params: { port: 80 }, hint: 'privileged-port' },
  ],
  [
    'Docker 20.10, remove',
    409,
    `You cannot remove a running container ${ID}. Stop the container before attempting removal or force remove`,
    { code: 'running', params: { container: 'web' } },
    { container: 'web' },
  ],
  [
    'Docker 20.10, remove paused',
    409,
    `You cannot remove a paused container ${ID}. Unpause and then stop the container before attempting removal or force remove`,
    { code: 'running' },
  ],
  [
    'Docker 28, remove',
    409,
    'cannot remove container "/web": container is running: stop the container before removing or force remove',
    { code: 'running' },
  ],
  [
    'Podman, remove',
    500,
    `cannot remove container ${ID} as it is running - running or paused containers cannot be removed without force: container state improper`,
    { code: 'running' },
  ],
  [
    'Docker, untag',
    409,
    'conflict: unable to remove repository reference "bb:1" (must force) - container dec79c2ae775 is using its referenced image bad9993561f8',
    { code: 'in-use', params: { reference: 'bb:1', holder: 'dec79c2ae775', holderId: 'dec79c2ae775' } },
    { reference: 'bb:1' },
  ],
  [
    'Docker, delete image',
    409,
    'conflict: unable to delete bad9993561f8 (cannot be forced) - image is being used by running container dec79c2ae775',
    { code: 'in-use', params: { holder: 'dec79c2ae775', holderId: 'dec79c2ae775' } },
  ],
  ['Podman, delete image', 409, `image used by ${ID}: image is in use by a container: consider listing external containers and force-removing image`, { code: 'in-use' }],
  ['Docker, parent image', 409, 'conflict: unable to delete 1234 (cannot be forced) - image has dependent child images', { code: 'in-use', hint: 'child-images' }],
  ['Docker, tags', 409, 'conflict: unable to delete 1234 (must be forced) - image is referenced in multiple repositories', { code: 'conflict', hint: 'multiple-tags' }],
  ['Docker, create', 404, 'No such image: nope:1', { code: 'image-not-found', params: { reference: 'nope:1' } }],
  ['Podman, create', 404, 'no such image: docker.io/library/nope:1: image not known', { code: 'image-not-found', params: { reference: 'nope:1' } }, { reference: 'nope:1' }],
  ['Docker, save', 404, '{"message":"reference does not exist"}', { code: 'image-not-found', params: { reference: 'nope:1' } }, { reference: 'nope:1' }],
  ['Docker, inspect', 404, 'No such container: nope', { code: 'not-found', params: { name: 'nope' } }, { container: 'nope' }],
  ['Docker, wrong registry password', 500, 'Get "http://127.0.0.1:15001/v2/": login attempt failed with status: 401 Unauthorized', { code: 'unauthorized' }],
  ['Docker, disk', 500, 'mkdir /var/lib/docker/overlay2/x: no space left on device', { code: 'no-space' }],
  ['Docker 20.10, pull', 500, 'Get "http://127.0.0.1:9/v2/": dial tcp 127.0.0.1:9: connect: connection refused', { code: 'registry.unreachable', params: { registry: '127.0.0.1:9' } }, { reference: '127.0.0.1:9/x:1', registry: true }],
  ['Docker, search', 500, 'Unexpected status code 404', { code: 'unsupported' }, { reference: '127.0.0.1:5000/x', registry: true }],
  ['Podman, pull', 500, 'normalizing image: normalizing name for compat API: repository name must be lowercase', { code: 'invalid-reference' }, { reference: 'INV', registry: true }],
  ['Docker, pull', 400, 'invalid reference format: repository name must be lowercase', { code: 'invalid-reference', params: { reference: 'INV' } }, { reference: 'INV' }],
  ['any', 400, 'bad parameter', { code: 'invalid-request' }],
  ['authorization plugin', 403, 'authorization denied by plugin', { code: 'denied' }],
  ['any', 409, 'Container 1234 is already paused', { code: 'conflict' }],
  ['any', 501, 'not implemented', { code: 'unsupported' }],
  ['Docker, its containerd killed meanwhile', 500, 'failed to create task for container: Unavailable: error reading from server: EOF', { code: 'engine.starting', retryable: true }],
  ['Docker, its containerd away', 500, 'Unavailable: connection error: desc = "transport: Error while dialing: dial unix /x/containerd/containerd.sock: connect: connection refused"', { code: 'engine.starting', retryable: true }],
  ['any', 500, 'something broke', { code: 'internal', retryable: false }],
]

/** Error messages inside streams that were answered with 200. */
const PROGRESS: readonly [text: string, expected: object][] = [
  ['manifest for 127.0.0.1:5000/x:1 not found: manifest unknown: manifest unknown', { code: 'image-not-found', params: { reference: '127.0.0.1:5000/x:1' } }],
  ['manifest unknown', { code: 'image-not-found' }],
  [
    "pull access denied for nope, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
    { code: 'image-not-found', hint: 'maybe-private' },
  ],
  ['no matching manifest for linux/arm64/v8 in the manifest list entries', { code: 'image-not-found', hint: 'platform' }],
  ['unauthorized: authentication required', { code: 'unauthorized', params: { registry: '127.0.0.1:5000' } }],
  ['Head "http://127.0.0.1:5000/v2/x/manifests/1": no basic auth credentials', { code: 'unauthorized' }],
  ['toomanyrequests: You have reached your pull rate limit.', { code: 'rate-limited', retryable: true }],
  ['Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io: no such host', { code: 'registry.unreachable' }],
  ['Get "https://registry-1.docker.io/v2/": net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)', { code: 'registry.unreachable', retryable: true }],
  ['initializing source docker://x:1: pinging container registry 127.0.0.1:5000: Get "https://127.0.0.1:5000/v2/": dial tcp 127.0.0.1:5000: connect: connection refused', { code: 'registry.unreachable' }],
  ['http: server gave HTTP response to HTTPS client', { code: 'registry.unreachable' }],
  ['write /var/lib/docker/tmp/GetImageBlob: no space left on device', { code: 'no-space' }],
  ['filesystem layer verification failed for digest sha256:c4e2', { code: 'registry.unreachable', hint: 'registry.wrong-content', params: { registry: '127.0.0.1:5000' } }],
  ['failed commit on ref "layer-sha256:c4": unexpected commit digest sha256:1, expected sha256:c4: failed precondition', { hint: 'registry.wrong-content' }],
  ['writing blob: Digest did not match, expected sha256:1, got sha256:2', { hint: 'registry.wrong-content' }],
  ['stopped after 10 redirects', { code: 'registry.unreachable', hint: 'registry.redirects', retryable: true }],
  ['received unexpected HTTP status: 500 Internal Server Error', { code: 'registry.unreachable', hint: 'registry.failing' }],
  ['missing or empty Content-Length header', { code: 'registry.unreachable', hint: 'registry.failing' }],
  ['expected HTTP 206 from byte range request', { code: 'registry.unreachable', hint: 'registry.cut' }],
  ['unexpected EOF', { code: 'registry.unreachable', hint: 'registry.cut' }],
  ['something unheard of', { code: 'internal' }],
]

describe('errorFromStatus', () => {
  it.each(ANSWERS)('%s %i: %s', (_engine, status, text, expected, subject) => {
    const error = errorFromStatus(status, json(text), { engineId: 'e', ...subject })
    expect(error).toMatchObject({ ...expected, engineId: 'e', detail: text })
  })
})

describe('errorFromProgress', () => {
  it.each(PROGRESS)('%s', (text, expected) => {
    expect(errorFromProgress(text, { reference: '127.0.0.1:5000/x:1' })).toMatchObject({ ...expected, detail: text })
  })
})

describe('errorText', () => {
  it('finds the words in JSON and leaves plain text alone', () => {
    expect(errorText('{"cause":"x","message":" said so "}')).toBe('said so')
    expect(errorText('plain\n')).toBe('plain')
    expect(errorText('[1,2]')).toBe('[1,2]')
  })
})

describe('errorFromTransport', () => {
  const system = (code: string, address?: string): Error => Object.assign(new Error(`connect ${code}`), { code, address })

  it.each(['ECONNREFUSED', 'ENOENT', 'ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE'])('%s is unreachable', (code) => {
    expect(errorFromTransport(system(code, '/run/x.sock'))).toMatchObject({
      code: 'engine.unreachable',
      retryable: true,
      params: { path: '/run/x.sock' },
    })
  })

  it('names the path of a socket that may not be opened', () => {
    expect(errorFromTransport(system('EACCES', '/run/x.sock'))).toMatchObject({ code: 'denied', params: { path: '/run/x.sock' } })
  })

  it('knows what is not HTTP', () => {
    expect(errorFromTransport(system('HPE_INVALID_CONSTANT')).code).toBe('engine.not-an-engine')
  })

  it('passes on what has a code already', () => {
    const error = new NaruError('timeout', 'late')
    expect(errorFromTransport(error)).toBe(error)
  })
})
