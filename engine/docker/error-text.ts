/**
 * What engines and registries say in their error texts, read into codes. Docker 20.10 to 28 and Podman word the same
 * things differently; each pattern names whose words it reads. Order matters: the first rule that fits decides.
 */
import type { ErrorCode, ErrorParams } from '../contract/errors.ts'
import { DEFAULT_DOMAIN, parseReference } from '../images/reference.ts'
import { hostOf } from '../registries/address.ts'

export interface ErrorMeaning {
  readonly code: ErrorCode
  readonly params?: ErrorParams
  readonly hint?: string
}

/** What a call was about, as far as the caller knows. */
export interface ErrorSubject {
  /** Image reference of a pull, push, create or removal. */
  readonly reference?: string
  /** Container name or id. */
  readonly container?: string
  /** Address of a registry that was asked without a reference. */
  readonly registryHost?: string
}

type Rule = (text: string, subject: ErrorSubject) => ErrorMeaning | undefined

/** Domain of the registry a reference points at; the Hub's when it cannot be told. */
export function registryOf(reference: string): string {
  try {
    return parseReference(reference).domain
  } catch {
    return DEFAULT_DOMAIN
  }
}

const registryIn = ({ registryHost, reference }: ErrorSubject): string =>
  registryHost === undefined ? registryOf(reference ?? '') : hostOf(registryHost)

const shortId = (id: string): string => id.replace(/^sha256:/, '').slice(0, 12)

// Docker: Conflict. The container name "/web" is already in use by container "4f…". You have to remove (or rename) …
// Podman: creating container storage: the container name "web" is already in use by 4f…. You have to remove …
// Podman, rename: renaming container 62…: name web already in use, cannot rename container 62…: container already exists
const NAME_IN_USE =
  /name "?\/?([a-zA-Z0-9][\w.-]*)"? (?:is )?already in use(?: by (?:container )?"?([0-9a-f]{12,64}))?/i

const nameInUse: Rule = (text) => {
  const found = NAME_IN_USE.exec(text)
  if (!found) return undefined
  const holderId = found[2]
  return {
    code: 'name-in-use',
    params: { name: found[1] ?? '', ...(holderId && { holder: shortId(holderId), holderId }) },
  }
}

// Docker 20.10: Bind for 0.0.0.0:8080 failed: port is already allocated
//               Error starting userland proxy: listen tcp4 0.0.0.0:8080: bind: address already in use
// Docker 28:    failed to bind host port for 0.0.0.0:8080:172.17.0.2:80/tcp: address already in use
//               failed to bind host port 0.0.0.0:8080/tcp: address already in use
// Podman:       cannot listen on the TCP port: listen tcp4 :8080: bind: address already in use
const PORT_TAKEN = /port is already allocated|address already in use|rootlessport .*conflict/i
const HOST_PORT =
  /(?:bind for|listen (?:tcp|udp|sctp)[46]?|bind host port(?: for)?|expose port)\s+(\[[0-9a-f:.]*\]|[0-9.]*|[0-9a-f:]*:):(\d+)/i

const portInUse: Rule = (text) => {
  if (!PORT_TAKEN.test(text)) return undefined
  const found = HOST_PORT.exec(text)
  if (!found) return { code: 'port-in-use' }
  const hostIp = (found[1] ?? '').replace(/[[\]]/g, '')
  return { code: 'port-in-use', params: { port: Number(found[2]), hostIp: hostIp || '0.0.0.0' } }
}

// Docker and Podman: listen tcp4 192.0.2.1:8080: bind: cannot assign requested address
const foreignAddress: Rule = (text) => {
  const found = /cannot assign requested address/i.test(text) ? HOST_PORT.exec(text) : null
  const hostIp = (found?.[1] ?? '').replace(/[[\]]/g, '')
  return found ? { code: 'invalid-request', params: { hostIp, port: Number(found[2]), field: 'ports' }, hint: 'port.ip-not-here' } : undefined
}

// rootlesskit and rootlessport: cannot expose privileged port 80, you can add 'net.ipv4.ip_unprivileged_port_start=80' …
const privilegedPort: Rule = (text) => {
  const found = /cannot expose privileged port (\d+)/i.exec(text)
  return found ? { code: 'denied', params: { port: Number(found[1]) }, hint: 'privileged-port' } : undefined
}

// Docker 20.10: You cannot remove a running container 4f…. Stop the container before attempting removal or force remove
// Docker 28:    cannot remove container "/web": container is running: stop the container before removing or force remove
// Podman:       cannot remove container 4f… as it is running - running or paused containers cannot be removed …
const REMOVE_RUNNING =
  /cannot remove a (?:running|paused|restarting) container|container is (?:running|paused|restarting).*before removing|as it is (?:running|paused).*cannot be removed/is

const running: Rule = (text, subject) =>
  REMOVE_RUNNING.test(text)
    ? { code: 'running', ...(subject.container && { params: { container: subject.container } }) }
    : undefined

// Docker: conflict: unable to remove repository reference "bb:1" (must force) - container 4f… is using its referenced image 5a…
//         conflict: unable to delete 5a… (cannot be forced) - image is being used by running container 4f…
// Podman: image used by 4f…: image is in use by a container …
const IMAGE_USED =
  /container ([0-9a-f]{12,64}) is using its referenced image|being used by (?:running |stopped |paused )?container "?([0-9a-f]{12,64})?|image used by ([0-9a-f]{12,64})|image is in use by a container/i

const imageInUse: Rule = (text, subject) => {
  const of: Record<string, string> = subject.reference ? { reference: subject.reference } : {}
  const found = IMAGE_USED.exec(text)
  if (found) {
    const holderId = found[1] ?? found[2] ?? found[3]
    return { code: 'in-use', params: { ...of, ...(holderId && { holder: shortId(holderId), holderId }) } }
  }
  if (/dependent child images|image has dependent|has dependent children/i.test(text)) {
    return { code: 'in-use', params: of, hint: 'child-images' }
  }
  if (/referenced in (?:multiple|one or more) repositories|has multiple tags/i.test(text)) {
    return { code: 'conflict', params: of, hint: 'multiple-tags' }
  }
  return undefined
}

// Podman answers 500 to what Docker calls a conflict: "created" is not running, can't pause: container state improper
const stateConflict: Rule = (text) =>
  /container state improper|can only (?:create|pause|unpause|kill|start) /i.test(text) ? { code: 'conflict' } : undefined

// dockerd, while its containerd is being started again: Unavailable: connection error: … dial unix …/containerd.sock: connect: connection refused
const containerdAway: Rule = (text) => (/containerd\.sock: connect: |\bunavailable: (?:connection error|error reading from server)/i.test(text) ? { code: 'engine.starting' } : undefined)

const noSpace: Rule = (text) =>
  /no space left on device|disk quota exceeded|not enough (?:disk )?space/i.test(text) ? { code: 'no-space' } : undefined

const rateLimited: Rule = (text, subject) =>
  /toomanyrequests|too many requests|rate limit|status(?: code)?:? 429/i.test(text)
    ? { code: 'rate-limited', params: { registry: registryIn(subject) } }
    : undefined

// The Hub answers the same for "does not exist" and "private": far more often it is the former.
const NO_IMAGE =
  /no such image|manifest (?:for .* )?(?:unknown|not found)|name unknown|repository does not exist|repository .* not found|manifest invalid|reference does not exist|image not known|could not find (?:any )?image|failed to resolve reference .*: not found|repository name must have at least one component|not found: (?:manifest|repository)|image does not exist locally with the tag|no image to push/i

const imageNotFound: Rule = (text, { reference }) => {
  if (/no matching manifest for|does not match the specified platform|no image found in (?:manifest list|image index)/i.test(text)) {
    return { code: 'image-not-found', ...(reference && { params: { reference } }), hint: 'platform' }
  }
  if (!NO_IMAGE.test(text)) return undefined
  const named = reference ?? /no such image:? "?([^\s"]+?)"?$/im.exec(text)?.[1]
  const maybePrivate = /repository does not exist or may require|access to the resource is denied/i.test(text)
  return {
    code: 'image-not-found',
    ...(named && { params: { reference: named } }),
    ...(maybePrivate && { hint: 'maybe-private' }),
  }
}

const unauthorized: Rule = (text, subject) =>
  /unauthorized|invalid username\/password|authentication required|no basic auth credentials|incorrect username or password|access to the resource is denied|pull access denied/i.test(
    text,
  )
    ? { code: 'unauthorized', params: { registry: registryIn(subject) } }
    : undefined

const REGISTRY_SILENT =
  /no such host|connection refused|connection reset|i\/o timeout|client\.timeout|tls handshake timeout|tls: |x509: |context deadline exceeded|network is unreachable|no route to host|server gave http response to https client|http: server closed|unexpected status .*50[0-9]|status code 50[0-9]|temporary failure in name resolution|server misbehaving|: EOF/i

// Go's crypto/x509: certificate signed by unknown authority; certificate is valid for a, not b; certificate has expired
// net/http: server gave HTTP response to HTTPS client; crypto/tls: first record does not look like a TLS handshake
const TRUST: readonly (readonly [RegExp, string])[] = [
  [/certificate signed by unknown authority|certificate is not trusted/i, 'registry.unknown-ca'],
  [/x509: /i, 'registry.certificate'],
  [/server gave http response to https client|does not look like a tls handshake/i, 'registry.plain-http'],
]

const registryUnreachable: Rule = (text, subject) => {
  if (!REGISTRY_SILENT.test(text)) return undefined
  const hint = TRUST.find(([words]) => words.test(text))?.[1]
  return { code: 'registry.unreachable', params: { registry: registryIn(subject) }, ...(hint && { hint }) }
}

// Docker:     filesystem layer verification failed for digest sha256:… · manifest verification failed for digest sha256:…
//             stopped after 10 redirects · received unexpected HTTP status: 500 Internal Server Error · unexpected EOF
//             expected HTTP 206 from byte range request (asked to go on after a cut) · missing or empty Content-Length header
// containerd: failed commit on ref "…": unexpected commit digest sha256:…, expected sha256:… · unexpected commit size · failed size validation
// Podman:     Digest did not match, expected sha256:…, got sha256:… · Manifest does not match provided manifest digest sha256:…
const REGISTRY_FAULTS: readonly (readonly [RegExp, string])[] = [
  [/verification failed for digest|unexpected commit (?:digest|size)|failed size validation|digest did not match|does not match provided manifest digest/i, 'registry.wrong-content'],
  [/stopped after \d+ redirects/i, 'registry.redirects'],
  [/unexpected http status:? 5\d\d|unexpected status .*: 5\d\d|missing or empty content-length/i, 'registry.failing'],
  [/unexpected eof|expected http 206 from byte range|connection reset by peer/i, 'registry.cut'],
]

const faultyRegistry: Rule = (text, subject) => {
  const hint = REGISTRY_FAULTS.find(([words]) => words.test(text))?.[1]
  return hint ? { code: 'registry.unreachable', params: { registry: registryIn(subject) }, hint } : undefined
}

// A proxy registry answers every upload with 405: "unsupported: The operation is unsupported." or "unsupported".
const readOnlyRegistry: Rule = (text, subject) =>
  /the operation is unsupported|(?:^|: )unsupported$|405 method not allowed/i.test(text)
    ? { code: 'unsupported', params: { registry: registryIn(subject) }, hint: 'registry.read-only' }
    : undefined

// Docker, search: a registry that has no index.
const noSearch: Rule = (text) => (/unexpected status code 404/i.test(text) ? { code: 'unsupported' } : undefined)

const invalidReference: Rule = (text, { reference }) =>
  /invalid reference format|invalid repository name|invalid tag format|repository name must be lowercase/i.test(text)
    ? { code: 'invalid-reference', params: { reference: reference ?? '' } }
    : undefined

// Docker:  archive/tar: invalid tar header · unexpected EOF · open …/repositories: no such file or directory (no manifest)
//          invalid manifest, layers length mismatch · Error processing tar file(…) · gzip: invalid header
// Podman:  payload does not match any of the supported image formats · … cannot unmarshal / no such file (manifest.json)
const BROKEN_ARCHIVE =
  /archive\/tar: |unexpected eof|gzip: |zstd: |xz: |error processing tar file|\/(?:repositories|manifest\.json): no such file|invalid (?:tar|manifest|index|archive)|does not match any of the supported image formats|magic number mismatch|digest.*(?:mismatch|did not match)|invalid diffid/i

const brokenArchive: Rule = (text) => (BROKEN_ARCHIVE.test(text) ? { code: 'invalid-request', hint: 'archive-broken' } : undefined)

// Naru's own guard of the virtual machine (engine/providers/vm/folder-guard.ts), met by what does not check by itself.
const notShared: Rule = (text) => {
  const found = /^(\/.*?)(?: \(it leads to .*\))? (?:is not|of this computer cannot be) shared with Naru's virtual machine.*?(?:Shared now: (.*)\.|No folder is shared now\.)$/s.exec(text)
  return found ? { code: 'invalid-request', params: { path: found[1] ?? '', folders: (found[2] ?? '').split(', ').filter(Boolean) }, hint: 'folder-not-shared' } : undefined
}

/** Meaning of a text about an archive that was sent. */
export function readArchiveText(text: string): ErrorMeaning | undefined {
  return noSpace(text, {}) ?? brokenArchive(text, {})
}

const LOCAL_RULES: readonly Rule[] = [
  notShared,
  containerdAway,
  nameInUse,
  portInUse,
  foreignAddress,
  privilegedPort,
  running,
  imageInUse,
  stateConflict,
  noSpace,
  invalidReference,
]
const REGISTRY_RULES: readonly Rule[] = [
  noSpace,
  rateLimited,
  invalidReference,
  imageNotFound,
  unauthorized,
  noSearch,
  readOnlyRegistry,
  faultyRegistry,
  registryUnreachable,
]

const first = (rules: readonly Rule[], text: string, subject: ErrorSubject): ErrorMeaning | undefined => {
  for (const rule of rules) {
    const meaning = rule(text, subject)
    if (meaning) return meaning
  }
  return undefined
}

/** Meaning of an engine's text about its own objects: names, ports, containers, images on disk. */
export function readEngineText(text: string, subject: ErrorSubject): ErrorMeaning | undefined {
  return first(LOCAL_RULES, text, subject)
}

/** Meaning of a text that comes from talking to a registry: pull, push, search, login. */
export function readRegistryText(text: string, subject: ErrorSubject): ErrorMeaning | undefined {
  return first(REGISTRY_RULES, text, subject)
}

/** True when the text says that an image is not on this engine or in the registry. */
export function saysNoImage(text: string): boolean {
  return NO_IMAGE.test(text)
}
