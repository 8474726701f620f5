import { describe, expect, it } from 'vitest'
import { whyStopped } from '../../../engine/containers/why-stopped.ts'
import type { StopFacts } from '../../../engine/containers/why-stopped.ts'
import { chainOf, mergeSteps, stepOf } from '../../../engine/containers/why/chain.ts'
import { readLines } from '../../../engine/containers/why/lines.ts'
import { programHead } from '../../../engine/containers/why/program.ts'
import { readStartError } from '../../../engine/containers/why/start-error.ts'
import { STOP_CAUSES } from '../../../engine/contract/models.ts'
import type { ContainerRow, StopStep } from '../../../engine/contract/models.ts'
import type { RawContainerInspect } from '../../../engine/docker/api-types.ts'
import { createLifeMemory } from '../../../engine/state/life.ts'
import { en } from '../../../renderer/i18n/en/index.ts'
import { ko } from '../../../renderer/i18n/ko/index.ts'

const T0 = Date.UTC(2026, 0, 1)
const iso = (ms: number): string => new Date(T0 + ms).toISOString()
type Part<T> = { readonly [K in keyof T]?: T[K] }
function inspected(state: Part<RawContainerInspect['State']>, more: Part<RawContainerInspect> = {}): RawContainerInspect {
  return {
    Id: 'a'.repeat(64),
    Name: '/web',
    Created: iso(0),
    Image: 'sha256:1',
    State: { Status: 'exited', Running: false, ExitCode: 0, StartedAt: iso(1_000), FinishedAt: iso(5_000), ...state },
    Config: {},
    HostConfig: {},
    ...more,
  }
}
const step = (kind: StopStep['kind'], at: number, more: Part<StopStep> = {}): StopStep => ({ kind, at: T0 + at, ...more })
const LIFE = [step('create', 0), step('start', 1_010)]
const why = (state: Part<RawContainerInspect['State']>, facts: Part<StopFacts> = {}) => whyStopped({ inspect: inspected(state), events: [], lines: [], ...facts })
const line = (text: string) => ({ text, stderr: true })

describe('SIGKILL', () => {
  const state = { ExitCode: 137 }
  it('of the kernel, of a person, of a stop that took too long, and of nobody are told apart', () => {
    expect(why({ ...state, OOMKilled: true }).cause).toBe('oom')
    expect(why(state, { events: [...LIFE, step('oom', 4_000), step('die', 5_000)] }).cause).toBe('oom')
    expect(why(state, { events: [...LIFE, step('kill', 4_990, { signal: 'SIGKILL' }), step('die', 5_000)] }).cause).toBe('killed')
    const grace = [...LIFE, step('kill', 2_000, { signal: 'SIGTERM' }), step('kill', 5_000, { signal: 'SIGKILL' }), step('stop', 5_001), step('die', 5_002)]
    expect(why(state, { events: grace })).toMatchObject({ cause: 'killed-after-grace', subject: '3' })
    expect(why(state).cause).toBe('killed-unknown')
  })
  it('of a person after a process inside ran out of memory is still the person’s', () => {
    const report = why({ ...state, OOMKilled: true }, { events: [...LIFE, step('oom', 2_000), step('kill', 4_000, { signal: 'SIGKILL' }), step('die', 4_010)] })
    expect(report).toMatchObject({ cause: 'killed', also: [{ cause: 'oom-inside' }] })
  })
  it('is told by what Naru did where the engine tells no signals', () => {
    expect(why(state, { acts: [{ verb: 'stop', at: T0 + 4_000 }] })).toMatchObject({ cause: 'killed-after-grace', subject: '1' })
    expect(why(state, { acts: [{ verb: 'kill', at: T0 + 4_000 }] }).cause).toBe('killed')
    // That was another run.
    expect(why(state, { acts: [{ verb: 'kill', at: T0 - 4_000 }] }).cause).toBe('killed-unknown')
  })
  it('of a run before does not count', () => {
    const events = [step('create', 0), step('start', 10), step('kill', 400, { signal: 'SIGKILL' }), step('die', 410), step('start', 1_005), step('die', 5_000)]
    expect(why(state, { events }).cause).toBe('killed-unknown')
  })
})

it('a stop is calm whatever code it ends with, and an end of its own is not', () => {
  const events = [...LIFE, step('kill', 4_000, { signal: 'SIGTERM' }), step('stop', 4_900), step('die', 5_000)]
  expect(why({ ExitCode: 0 }, { events })).toMatchObject({ cause: 'stopped', calm: true })
  expect(why({ ExitCode: 143 }, { events })).toMatchObject({ cause: 'stopped', calm: true, signal: 'SIGTERM' })
  expect(why({ ExitCode: 0 })).toMatchObject({ cause: 'finished', calm: true })
  expect(why({ ExitCode: 1 }, { lines: [line('boom')] })).toMatchObject({ cause: 'program-error', subject: 'boom', calm: false })
})

it('a refused start is told by the engine, by what Naru was told, and forgotten once it runs', () => {
  const error = 'OCI runtime create failed: runc create failed: unable to start container process: exec: "x": executable file not found in $PATH'
  expect(why({ Status: 'created', StartedAt: '0001-01-01T00:00:00Z', FinishedAt: '0001-01-01T00:00:00Z', ExitCode: 127, Error: error })).toMatchObject({ cause: 'command-not-found', subject: 'x', exitCode: 127 })
  const refused = [{ verb: 'start' as const, at: T0 + 9_000, refusal: 'bind source path does not exist: /gone' }]
  const report = why({ ExitCode: 0 }, { acts: refused })
  expect(report).toMatchObject({ cause: 'mount-source-missing', subject: '/gone' })
  expect(report.chain.at(-1)?.kind).toBe('start-failed')
  expect(why({ ExitCode: 0 }, { acts: [{ ...refused[0]!, at: T0 + 500 }] }).cause).toBe('finished')
  expect(why({ Status: 'running', Running: true, Error: error }).cause).toBe('running')
})

it('what cannot be executed is told by the file itself', () => {
  const lines = [line('exec /app/run: exec format error')]
  expect(why({ ExitCode: 1 }, { lines }).cause).toBe('exec-format')
  expect(why({ ExitCode: 1 }, { lines, program: programHead(Buffer.from('\x7fELF\x02\x01\x01' + '\0'.repeat(11) + '\xb7\0', 'latin1')) })).toMatchObject({ cause: 'wrong-processor', subject: 'arm64' })
  const missing = [line('exec /app/run: no such file or directory')]
  expect(why({ ExitCode: 1 }, { lines: missing, program: programHead(Buffer.from('#!/bin/bash\r\nx')) })).toMatchObject({ cause: 'windows-lines' })
  expect(why({ ExitCode: 1 }, { lines: missing, program: programHead(Buffer.from('#! /usr/bin/env python3\n')) })).toMatchObject({ cause: 'interpreter-missing', subject: '/usr/bin/env' })
})

it('an end nobody saw, and a loop', () => {
  expect(why({ ExitCode: 255 }).cause).toBe('engine-ended')
  expect(why({ ExitCode: 255 }, { lines: [line('ssh: no route')] }).cause).toBe('program-error')
  const loop = whyStopped({ inspect: { ...inspected({ Status: 'restarting', ExitCode: 7 }), RestartCount: 5 }, events: [], lines: [] })
  expect(loop).toMatchObject({ cause: 'program-error', also: [{ cause: 'restart-loop', subject: '5' }], restarts: 5 })
})

describe('what it depends on', () => {
  const row = (name: string, more: Part<ContainerRow>): ContainerRow => ({
    id: name, name, image: 'x', imageId: 'x', command: '', createdAt: 0, state: 'running', health: 'none', status: '', ports: [], labels: {}, networks: ['shop'], mounts: [], project: 'shop', service: name, ...more,
  })
  const inspect = inspected({ ExitCode: 1 }, {
    Config: { Labels: { 'com.docker.compose.project': 'shop', 'com.docker.compose.depends_on': 'db:service_healthy:false,setup:service_completed_successfully:false' } },
    NetworkSettings: { Networks: { shop: {} } },
  })
  const also = (neighbours: readonly ContainerRow[], text = 'getaddrinfo ENOTFOUND db') => whyStopped({ inspect, events: [], lines: [line(text)], neighbours }).also
  it('is told when it is not as it should be', () => {
    expect(also([row('db', { state: 'exited', exitCode: 1 }), row('setup', { state: 'exited', exitCode: 0 })])).toEqual([{ cause: 'dependency-stopped', subject: 'db' }])
    expect(also([row('db', { health: 'unhealthy' })])).toEqual([{ cause: 'dependency-unhealthy', subject: 'db' }])
    expect(also([row('db', { networks: ['other'] })])).toEqual([{ cause: 'dependency-elsewhere', subject: 'db' }])
    expect(also([row('db', {})])).toEqual([])
    expect(also([row('db', { project: 'other', service: 'x', name: 'elsewhere' })])).toEqual([])
  })
})

describe('words of engines', () => {
  it.each([
    ['OCI runtime create failed: container_linux.go:380: starting container process caused: exec: "/bin": is a directory: unknown', 'command-is-folder', '/bin'],
    ['OCI runtime create failed: runc create failed: unable to start container process: container init was OOM-killed (memory limit too low?): unknown', 'memory-too-small', ''],
    ['Error starting userland proxy: listen tcp4 0.0.0.0:8080: bind: address already in use', 'port-in-use', '8080'],
    ['failed to set up container networking: driver failed programming external connectivity on endpoint w (1): failed to bind host port for 0.0.0.0:8080:172.17.0.2:80/tcp: address already in use', 'port-in-use', '8080'],
    ['failed to bind host port 127.0.0.1:8081/tcp: address already in use', 'port-in-use', '8081'],
    ['listen tcp4 192.0.2.1:80: bind: cannot assign requested address', 'address-not-here', '192.0.2.1:80'],
    ['rootlessport cannot expose privileged port 80, you can add …', 'port-privileged', '80'],
    ['No such container: 0123456789ab', 'partner-missing', '0123456789ab'],
    ['error setting rlimit type 7: operation not permitted', 'limit-refused', '7'],
    ['OCI runtime create failed: open /proc/sys/net/ipv4/nosuch: no such file or directory', 'sysctl', '/proc/sys/net/ipv4/nosuch'],
    ['error creating overlay mount to /var/lib/docker/overlay2: no space left on device', 'no-space', ''],
    ['error mounting "/x" to rootfs at "/y": mkdirat /y: read-only file system', 'read-only', '/y'],
    ['mount tmpfs: operation not permitted', 'not-permitted', ''],
    ['something new', 'engine-refused', ''],
  ] as const)('%s', (text, cause, subject) => {
    expect(readStartError(text)).toEqual({ cause, subject })
  })
})

describe('words of programs', () => {
  it.each([
    ['Error: listen EADDRINUSE: address already in use :::3000', 'listen-address-in-use', '3000'],
    ['nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)', 'listen-address-in-use', '80'],
    ['Error: getaddrinfo ENOTFOUND db', 'name-unknown', 'db'],
    ['dial tcp: lookup redis on 127.0.0.11:53: no such host', 'name-unknown', 'redis'],
    ['psql: error: could not translate host name "db" to address: Temporary failure in name resolution', 'name-unknown', 'db'],
    ['curl: (6) Could not resolve host: api.internal', 'name-unknown', 'api.internal'],
    ['java.net.UnknownHostException: kafka', 'name-unknown', 'kafka'],
    ['Error: connect ECONNREFUSED 127.0.0.1:5432', 'connection-refused', '127.0.0.1:5432'],
    ['dial tcp 10.0.0.2:6379: connect: connection refused', 'connection-refused', '10.0.0.2:6379'],
    ["Error: Cannot find module 'express'", 'module-missing', 'express'],
    ["ModuleNotFoundError: No module named 'flask'", 'module-missing', 'flask'],
    ['./app: error while loading shared libraries: libssl.so.3: cannot open shared object file: No such file or directory', 'library-missing', 'libssl.so.3'],
    ["./app: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.38' not found (required by ./app)", 'library-missing', 'GLIBC_2.38'],
    ["FileNotFoundError: [Errno 2] No such file or directory: '/etc/app.yml'", 'file-missing', '/etc/app.yml'],
    ["Error: ENOENT: no such file or directory, open '/data/x.json'", 'file-missing', '/data/x.json'],
    ["Error: EACCES: permission denied, mkdir '/data/cache'", 'permission-denied', '/data/cache'],
    ["OSError: [Errno 30] Read-only file system: '/var/x'", 'read-only', ''],
    ['FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory', 'program-memory', 'JavaScript heap out of memory'],
    ['Exception in thread "main" java.lang.OutOfMemoryError: Java heap space', 'program-memory', 'java.lang.OutOfMemoryError'],
    ['Error: Environment variable DATABASE_URL is not set', 'variable-missing', 'DATABASE_URL'],
    ['POSTGRES_PASSWORD must be specified', 'variable-missing', 'POSTGRES_PASSWORD'],
    ['bash: line 1: API_KEY: unbound variable', 'variable-missing', 'API_KEY'],
    ['java.lang.OutOfMemoryError: unable to create native thread', 'program-memory', 'java.lang.OutOfMemoryError'],
    ['runtime/cgo: pthread_create failed: Resource temporarily unavailable', 'process-limit', ''],
    ['write /data/x: no space left on device', 'no-space', '/data/x'],
  ] as const)('%s', (text, cause, subject) => {
    expect(readLines([line('started'), line(text), line('    at somewhere (x.js:1:2)')])).toEqual({ cause, subject })
  })
  it('says nothing of what is no error', () => {
    expect(readLines([line('listening on :3000'), line('GET / 200'), line('lookup table loaded')])).toBeUndefined()
  })
  it('is quick on hostile lines', () => {
    const began = performance.now()
    readLines(Array.from({ length: 30 }, () => line('bind listen lookup connect to '.repeat(33).slice(0, 1_000))))
    expect(performance.now() - began).toBeLessThan(1_000)
  })
})

describe('the chain', () => {
  it('reads events of Docker and Podman', () => {
    const raw = (Action: string, Attributes: Record<string, string> = {}) => ({ Type: 'container', Action, Actor: { ID: 'x', Attributes }, timeNano: T0 * 1e6 })
    expect(stepOf(raw('kill', { signal: '15' }))).toEqual(step('kill', 0, { signal: 'SIGTERM' }))
    expect(stepOf(raw('died', { containerExitCode: '3' }))).toEqual(step('die', 0, { exitCode: 3 }))
    expect(stepOf(raw('health_status: unhealthy'))).toEqual(step('unhealthy', 0))
    expect(stepOf(raw('exec_create: sh'))).toBeNull()
  })
  it('is completed by what inspect tells, and says when events were lost', () => {
    const raw = inspected({ ExitCode: 3 })
    expect(chainOf([], raw)).toMatchObject({ known: false, steps: [{ kind: 'create' }, { kind: 'start' }, { kind: 'die', exitCode: 3 }] })
    // Told two seconds late, behind the end.
    const late = chainOf([step('create', 0), step('die', 5_000, { exitCode: 3 }), step('start', 7_000)], raw)
    expect(late.known).toBe(true)
    expect(late.steps).toHaveLength(3)
  })
  it('tells what is told twice once', () => {
    expect(mergeSteps([step('start', 10), step('die', 20)], [step('start', 11), step('die', 20), step('start', 30)])).toHaveLength(3)
  })
  it('is remembered for the containers that lived last', () => {
    const memory = createLifeMemory(2)
    const take = (id: string, Action: string) => memory.take({ Type: 'container', Action, Actor: { ID: id } })
    for (const id of ['a', 'b', 'a', 'c']) take(id, 'start')
    expect([memory.of('a').length, memory.of('b').length, memory.of('c').length]).toEqual([2, 0, 1])
    take('a', 'destroy')
    expect(memory.of('a')).toEqual([])
  })
})

it.each(STOP_CAUSES)('%s has a sentence and a next step in both languages', (cause) => {
  for (const { why: words } of [en, ko]) {
    const entry: { what: string; next: string; about?: string } = words.cause[cause]
    expect(entry.what.length).toBeGreaterThan(5)
    expect(entry.next.length).toBeGreaterThan(5)
    if (entry.about !== undefined) expect(entry.about).toContain('{subject}')
  }
})
