/** What a person pastes or a file holds: run lines, references, ports, addresses, env files; and what a terminal prints. */
import fc from 'fast-check'
import { expect } from 'vitest'
import { parsePairs } from '../../engine/containers/run-files.ts'
import { formatRunCommand, joinCommand, parseRunCommand, splitCommand } from '../../engine/containers/run-command.ts'
import { formatReference, parseReference } from '../../engine/images/reference.ts'
import { errorFromProgress, errorFromStatus } from '../../engine/docker/errors.ts'
import { parseAnsi, stripAnsi } from '../../engine/logs/ansi.ts'
import { detectLevel, parseJsonLine } from '../../engine/logs/level.ts'
import { stripAnsiBytes } from '../../engine/logs/strip-ansi.ts'
import { stepTrace, TRACE_STATES } from '../../engine/logs/trace.ts'
import { hasConnected, parseSctpTable, parseSocketTable } from '../../engine/ports/proc-net.ts'
import { formatPortSpec, parsePortSpecs } from '../../engine/ports/spec.ts'
import { hostOf, keysOf, parseRegistry } from '../../engine/registries/address.ts'
import { fuzz } from '../support/fuzz/budget.ts'
import { textOf } from '../support/fuzz/inputs.ts'
import { orRefused } from '../support/fuzz/refusals.ts'

const line = textOf('docker run ', 'podman create ', '-d ', '-p ', '8080:80', '-e A=b ', '--mount type=bind,src=/a,dst=/b ', '-v ', '/a:/b:ro ', '--rm', '--name=x ', 'nginx:1', ' -- ', '"', "'", '\\', '\\\n', '$(x)', '`', '=', '--cpus ', '0.5', '--gpus all ', '-it', ',')

fuzz('docker run lines', line, (text) => {
  const read = parseRunCommand(text)
  if ('errors' in read) {
    expect(read.errors.length).toBeGreaterThan(0)
    return
  }
  // What was understood can be said again, and means the same.
  const again = parseRunCommand(formatRunCommand(read.spec))
  expect(again).toEqual({ spec: read.spec })
})

fuzz('words of a shell line', line, async (text) => {
  const words = await orRefused(() => splitCommand(text))
  if (words) expect(splitCommand(joinCommand(words))).toEqual(words)
})

fuzz('references of images', textOf('docker.io', '/', ':', '@', 'sha256:', 'constructor:', 'a'.repeat(64), 'nginx', 'localhost:5000', '[::1]:5', '-', '_', '.', 'A', 'library'), async (text) => {
  const reference = await orRefused(() => parseReference(text))
  if (reference) expect(parseReference(formatReference(reference, 'full'))).toEqual(reference)
})

fuzz('published ports', textOf('80', ':', '-', '/tcp', '/udp', '/sctp', '127.0.0.1', '[::1]', '0.0.0.0', '65535', '65536', '0', '99999999999999999999'), async (text) => {
  const specs = await orRefused(() => parsePortSpecs([text]))
  for (const spec of specs ?? []) expect(parsePortSpecs([formatPortSpec(spec)])).toEqual([spec])
})

fuzz('addresses of registries', textOf('https://', 'http://', 'docker.io', 'localhost', ':5000', '/v2/', '[::1]', 'user:pw@', '.', '-', '한글', '%00'), async (text) => {
  hostOf(text)
  const registry = await orRefused(() => parseRegistry(text))
  if (registry === undefined) return
  expect(registry).not.toMatch(/[\s@/]/)
  expect(parseRegistry(registry)).toBe(registry)
  expect(keysOf(registry).length).toBeGreaterThan(0)
})

fuzz('env files', textOf('A=b', '\n', '\r\n', '#', '=', ' ', 'export ', '"', '\0', 'NAME'), async (text) => {
  for (const { name } of (await orRefused(() => parsePairs(text, '/a/file', 'envFiles'))) ?? []) expect(name).toMatch(/^[^=\s]+$/)
})

const ESC = '\x1b'
const output = textOf(`${ESC}[`, '31', ';', 'm', `${ESC}[0m`, '38;2;1;2;3m', '38;5;300m', `${ESC}]8;;http://a`, `${ESC}\\`, '\x07', `${ESC}P`, '\x9b', `${ESC}[999999999999m`, 'word', '\r', '\b', `${ESC}]52;c;`, '{"level":"error"}', 'at a.b(C.java:1)', 'Traceback (most recent call last):', '  File "x", line 1', 'goroutine 1 [running]:', 'ERROR')

fuzz('colours and controls of a log', output, (text) => {
  const { spans } = parseAnsi(text)
  const shown = spans.map((span) => span.text).join('')
  expect(shown).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f\x9b]/)
  expect(stripAnsi(text)).toBe(shown)
  expect(stripAnsi(shown)).toBe(shown)
})

fuzz('the same as bytes', fc.oneof(output.map((text) => Buffer.from(text)), fc.uint8Array({ maxLength: 4_096 }).map((bytes) => Buffer.from(bytes))), (bytes) => {
  const stripped = stripAnsiBytes(bytes)
  expect(stripped.length).toBeLessThanOrEqual(bytes.length)
  expect(Buffer.from(stripAnsiBytes(stripped)).equals(Buffer.from(stripped))).toBe(true)
}, { crashers: [Buffer.of(0xc2, 0, 0x80), Buffer.of(0xc2, 0x1b, 0x63, 0x9b, 0x33, 0x31, 0x6d)] })

fuzz('levels, JSON and stack traces in a line', fc.tuple(output, fc.constantFrom(...TRACE_STATES)), ([text, state]) => {
  detectLevel(text)
  parseJsonLine(text)
  expect(TRACE_STATES).toContain(stepTrace(text, state, () => true).state)
})

const table = textOf('  sl  local_address rem_address   st\n', '   0: 0100007F:1F90 00000000:0000 0A ', '00000000000000000000000001000000:0050', ' 00000000:00000000', ' 12345 1 0000\n', ':', 'FFFF')

fuzz('tables of sockets', table, (text) => {
  for (const { port } of [...parseSocketTable(text, 'tcp'), ...parseSocketTable(text, 'udp'), ...parseSctpTable(text)]) expect(port >= 0 && port <= 65_535, String(port)).toBe(true)
  hasConnected(text)
})

fuzz('words of an engine', fc.tuple(fc.integer({ min: 400, max: 599 }), textOf('{"message":"', '"}', 'port is already allocated', 'Bind for 0.0.0.0:80 failed', 'No such image: a', 'toomanyrequests', 'no space left on device', 'unauthorized', 'pull access denied for ', 'Conflict. The container name "/x" is already in use by container "', '<html>', 'dial tcp: lookup x: no such host')), ([status, body]) => {
  for (const error of [errorFromStatus(status, body, { registry: true }), errorFromStatus(status, body), errorFromProgress(body, {})]) {
    expect(error.code.length).toBeGreaterThan(0)
    for (const value of Object.values(error.params ?? {})) expect(typeof value).toMatch(/^(?:string|number|boolean)$/)
  }
})
