import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LOG_LEVELS, detectLevel, isContinuation, levelOf, parseJsonLine } from '../../../engine/logs/level.ts'
import type { LogLevel } from '../../../engine/contract/models.ts'

const ESC = String.fromCharCode(27)

const TABLE: Readonly<Record<LogLevel, readonly string[]>> = {
  trace: [
    '{"level":10,"time":1,"msg":"x"}',
    '[12:00:01 TRC] probing',
    'trce: Microsoft.Hosting[0]',
    'Nov 27, 2026 1:00:00 AM org.a.B c FINEST: deep',
    'level=trace msg="x"',
    '2026-11-27T01:00:00Z TRACE hyper::proto flushed 12 bytes',
  ],
  debug: [
    '{"severity":"DEBUG","message":"x"}',
    '2026-11-27 01:00:00,000 - app - DEBUG - connecting to error tracker',
    'D, [2026-11-27T01:00:00.1 #1] DEBUG -- : query',
    '[2026-11-27 01:00:00.000 DBG] MyApp',
    '<15>app: hello',
    '{"t":{"$date":"x"},"s":"D2","c":"NETWORK","id":1,"msg":"x"}',
    '1:M 27 Nov 2026 01:00:00.123 - Client closed connection',
  ],
  info: [
    '{"level":30,"msg":"an error in the text is no error"}',
    '{"level":"info","ts":1.2,"msg":"started"}',
    '{"log":{"level":"Info"},"message":"x"}',
    '{"s":"I","c":"CONTROL","id":1,"ctx":"main","msg":"x"}',
    'time="2026-11-27T01:00:00Z" level=info msg="error handler registered"',
    'ts=2026-11-27 caller=main.go level=INFO msg=x',
    'I1127 01:00:00.000000       1 main.go:1] Starting',
    'INFO:     Uvicorn running on http://0.0.0.0:8000 (Press CTRL+C to quit)',
    '2026-11-27 01:00:00.000 UTC [1] LOG:  database system is ready to accept connections',
    '2026-11-27T01:00:00.000000Z 0 [System] [MY-010116] [Server] /usr/sbin/mysqld starting',
    '2026-11-27T01:00:00.000000Z 0 [Note] ready',
    '1:M 27 Nov 2026 01:00:00.123 * Ready to accept connections',
    'info: Microsoft.Hosting.Lifetime[14]',
    '2026-11-27T01:00:00.000Z\tINFO\tcontroller\tfailed 0 times',
    '2026-11-27 01:00:00.000  INFO 1 --- [main] o.s.b.Started : ERROR counter is 0',
    '172.17.0.1 - - [27/Nov/2026:01:00:00 +0000] "GET / HTTP/1.1" 200 615 "-" "curl/8"',
    `${ESC}[32mINFO${ESC}[0m listening`,
    '[2026-11-27 01:00:00 +0000] [1] [INFO] Listening at: http://0.0.0.0:80 (1)',
    '2026/11/27 01:00:00 [notice] 1#1: start worker processes',
    '<30>daemon: up',
  ],
  warn: [
    '{"level":"warning","msg":"x"}',
    'W1127 01:00:00.000000 1 x.go:2] deprecated',
    '2026/11/27 01:00:00 [warn] 1#1: conflicting server name',
    'WARNING: All illegal access operations will be denied',
    'npm WARN deprecated request@2.88.2',
    '1:M 27 Nov 2026 01:00:00.123 # WARNING overcommit_memory is set to 0!',
    '172.17.0.1 - - [27/Nov/2026:01:00:00 +0000] "GET /no HTTP/1.1" 404 153 "-" "-"',
    '(node:1) ExperimentalWarning: something',
    `[${ESC}[1;33mWARN${ESC}[0m]  disk almost full`,
    'warn: low on memory',
  ],
  error: [
    '{"level":50,"err":{"message":"x"},"msg":"failed"}',
    '{"@level":"error","@message":"x"}',
    '{"SeverityText":"ERROR","Body":"x"}',
    '2026/11/27 01:00:00 [error] 7#7: *1 open() failed',
    'ERROR:  relation "x" does not exist',
    '2026-11-27 01:00:00.000 UTC [33] ERROR:  syntax error at or near "x"',
    'Traceback (most recent call last):',
    'ValueError: invalid literal for int()',
    'java.lang.IllegalStateException: no',
    'Exception in thread "main" java.lang.NullPointerException',
    'npm ERR! code ELIFECYCLE',
    'Error: listen EADDRINUSE: address already in use :::80',
    'SEVERE: cannot start',
    '172.17.0.1 - - [27/Nov/2026:01:00:00 +0000] "POST /x HTTP/1.1" 503 0 "-" "-"',
    'fail: Microsoft.AspNetCore[0]',
    '[01:00:00 ERR] broken',
    'E1127 01:00:00.000000 1 x.go:2] no',
    'error: could not open',
  ],
  fatal: [
    '{"level":60,"msg":"bye"}',
    'panic: runtime error: index out of range [1] with length 1',
    'FATAL:  password authentication failed for user "x"',
    '2026-11-27 01:00:00.000 UTC [1] FATAL:  no',
    'time="x" level=fatal msg="cannot listen"',
    'CRITICAL:root:all is lost',
    'crit: App[0]',
    '<2>kernel: oops',
    'F1127 01:00:00.000000 1 x.go:2] bye',
  ],
  unknown: ['', '   ', 'hello world', 'no error was found here', 'the information desk', '{"message":"x"}', '{"not json', 'Hit:1 deb archive', '{"s":"I"}', '    at Object.<anonymous> (/app/x.js:1:1)'],
}

describe('the level of a line', () => {
  for (const level of LOG_LEVELS) test.each(TABLE[level].map((line) => [line]))(`${level}: %s`, (line) => expect(detectLevel(line)).toBe(level))

  test('any text has a level, at once', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 3_000 }), (line) => LOG_LEVELS.includes(detectLevel(line))))
  })

  test('colours do not change it', () => {
    const lines = Object.values(TABLE).flat().filter((line) => !line.startsWith('{'))
    fc.assert(
      fc.property(fc.constantFrom(...lines), fc.integer({ min: 30, max: 37 }), (line, colour) => {
        expect(detectLevel(`${ESC}[${colour}m${line}${ESC}[0m`)).toBe(detectLevel(line))
      }),
    )
  })

  test('five million characters are no harm', () => {
    for (const piece of ['[', 'a:', '"GET ', '<', 'a.b::', ' ', '{"level":']) expect(LOG_LEVELS).toContain(detectLevel(piece.repeat(5_000_000 / piece.length)))
  })
})

test('words and numbers', () => {
  expect([levelOf('Warning'), levelOf(' ERR '), levelOf('30'), levelOf(30), levelOf('banana'), levelOf(null), levelOf(31)]).toEqual(['warn', 'error', 'info', 'info', null, null, null])
})

test('lines of JSON', () => {
  expect(parseJsonLine('  {"a":1} ')).toEqual({ a: 1 })
  expect([parseJsonLine('[1]'), parseJsonLine('{"a":'), parseJsonLine('x')]).toEqual([null, null, null])
})

test.each([
  ['    at Object.<anonymous> (/app/x.js:1:1)', true],
  ['\tat java.base/java.lang.Thread.run(Thread.java:840)', true],
  ['  File "/app/x.py", line 3, in <module>', true],
  ['Caused by: java.io.IOException: no', true],
  ['... 12 more', true],
  ['goroutine 1 [running]:', true],
  ['}', true],
  ['ValueError: invalid', false],
  ['INFO next', false],
  ['', false],
])('%s goes on: %s', (line, expected) => expect(isContinuation(line)).toBe(expected))
