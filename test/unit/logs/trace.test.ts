import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { detectLevel } from '../../../engine/logs/level.ts'
import { TRACE_STATES, mayJoin, stepTrace } from '../../../engine/logs/trace.ts'
import type { TraceState } from '../../../engine/logs/trace.ts'

/** The lines as groups: those that join stand behind their first. */
function groups(text: string): string[][] {
  const found: string[][] = []
  let state: TraceState = 'none'
  for (const line of text.split('\n')) {
    const step = stepTrace(line, state, () => ['warn', 'error', 'fatal'].includes(detectLevel(found.at(-1)?.[0] ?? '')))
    if (step.joins) found.at(-1)?.push(line)
    else found.push([line])
    ;({ state } = step)
  }
  return found
}
const heads = (text: string): string[] => groups(text).map(([first]) => first as string)

const TRACES: Readonly<Record<string, string>> = {
  java: `java.lang.IllegalStateException: boom
\tat com.example.App.main(App.java:10) ~[app.jar:1.0]
\tat java.base/java.lang.Thread.run(Thread.java:1583)
\t... 5 more
Caused by: java.io.IOException: disk
\tat com.example.Disk.read(Disk.java:3)
\tSuppressed: java.lang.RuntimeException: x
\t\tat com.example.X.close(X.java:1)
\t... 12 common frames omitted`,
  'java, thread': `Exception in thread "main" java.lang.NullPointerException
\tat Main.main(Main.java:3)`,
  kotlin: `kotlin.UninitializedPropertyAccessException: lateinit property x has not been initialized
\tat com.example.MainKt.main(Main.kt:4)
\tat com.example.MainKt$main$1.invokeSuspend(Main.kt)`,
  python: `Traceback (most recent call last):
  File "/app/main.py", line 3, in <module>
    work()
    ~~~~^^
  File "/app/main.py", line 2, in work
    raise ValueError("boom")
ValueError: boom

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/app/main.py", line 5, in <module>
    raise KeyError
KeyError`,
  node: `Error: connect ECONNREFUSED 127.0.0.1:5432
    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1555:16)
    at async Promise.all (index 0) {
  errno: -111,
  code: 'ECONNREFUSED'
}`,
  'node, cause': `TypeError: x is not a function
    at main (file:///app/index.mjs:3:3) {
  [cause]: Error: inner
      at main (file:///app/index.mjs:2:1)
}`,
  go: `panic: runtime error: invalid memory address or nil pointer dereference
[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x45d1ae]

goroutine 1 [running]:
main.(*Server).handle(0x0, {0xc00012, 0x3})
\t/app/server.go:12 +0x1d
net/http.HandlerFunc.ServeHTTP(0xc0000a8000?, {0x7f2a, 0xc0}, 0x0)
\t/usr/local/go/src/net/http/server.go:2136 +0x29
created by main.main in goroutine 1
\t/app/main.go:8 +0x2f
exit status 2`,
  'go, all goroutines': `fatal error: all goroutines are asleep - deadlock!

goroutine 1 [chan receive]:
main.main()
\t/app/main.go:5 +0x2c

goroutine 18 [select (no cases), 2 minutes]:
main.wait(...)
\t/app/main.go:9`,
  rust: `thread 'main' panicked at src/main.rs:4:5:
index out of bounds: the len is 3 but the index is 99
stack backtrace:
   0: rust_begin_unwind
             at /rustc/1/library/std/src/panicking.rs:652:5
   1: core::panicking::panic_fmt
note: run with \`RUST_BACKTRACE=1\` environment variable to display a backtrace`,
  'rust, before 1.73': `thread 'main' panicked at 'boom', src/main.rs:2:5
note: run with \`RUST_BACKTRACE=1\` environment variable to display a backtrace`,
  net: `Unhandled exception. System.InvalidOperationException: boom
 ---> System.IO.IOException: disk
   at App.Disk.Read() in /src/Disk.cs:line 3
   --- End of inner exception stack trace ---
   at App.Program.Main(String[] args) in /src/Program.cs:line 10
--- End of stack trace from previous location ---
   at App.Program.<Main>(String[] args)`,
  ruby: `app.rb:2:in 'Object#work': boom (RuntimeError)
\tfrom app.rb:5:in 'Object#main'
\tfrom app.rb:8:in '<main>'`,
  'ruby, rails': `NoMethodError (undefined method 'x' for nil):
app/models/user.rb:10:in \`name'
app/controllers/users_controller.rb:4:in \`show'`,
  php: `PHP Fatal error:  Uncaught Exception: boom in /app/index.php:3
Stack trace:
#0 /app/index.php(7): work('a', Array)
#1 [internal function]: {closure}(1)
#2 {main}
  thrown in /app/index.php on line 3`,
}

describe('stack traces are of their first line', () => {
  it.each(Object.entries(TRACES))('%s', (_name, trace) => {
    expect(groups(trace)).toEqual([trace.split('\n')])
    const between = `2026-11-27 12:00:00 INFO before\n${trace}\n2026-11-27 12:00:01 INFO behind`
    expect(heads(between)).toEqual(['2026-11-27 12:00:00 INFO before', trace.split('\n')[0], '2026-11-27 12:00:01 INFO behind'])
  })

  it('an exception without indentation is of the error that was logged before, and of no other line', () => {
    for (const name of ['java', 'python', 'node'] as const) {
      expect(heads(`2026-11-27 12:00:00 ERROR [main] failed\n${TRACES[name]}\nINFO on`)).toEqual(['2026-11-27 12:00:00 ERROR [main] failed', 'INFO on'])
      expect(heads(`ERROR failed\n${TRACES[name]}\n${TRACES.java}`)).toEqual(['ERROR failed', 'java.lang.IllegalStateException: boom'])
      expect(heads(`INFO starting\n${TRACES[name]}`)).toHaveLength(2)
    }
  })
})

describe('other lines', () => {
  it.each([
    ['what is indented goes on with the line before', 'LOG:  slow\n\tDETAIL: x\n  more\nLOG:  next', ['LOG:  slow', 'LOG:  next']],
    ['a banner stays what it is', '\n  .   ____\n /\\\\ / ___\n :: Spring ::\n\nINFO up', ['', '  .   ____', ' /\\\\ / ___', ' :: Spring ::', '', 'INFO up']],
    ['indented from the first line on', '  a\n  b\nc', ['  a', '  b', 'c']],
    ['steps of a build', '#5 [2/3] RUN make\n#5 0.1 cc -c a.c\n#6 done', ['#5 [2/3] RUN make', '#5 0.1 cc -c a.c', '#6 done']],
    ['sentences', 'from here on\nat last\nCaused by nothing\npanic is bad\nthread started', ['from here on', 'at last', 'Caused by nothing', 'panic is bad', 'thread started']],
    ['access logs', '10.0.0.1 - - "GET / HTTP/1.1" 200\n10.0.0.1 - - "GET /a HTTP/1.1" 500', ['10.0.0.1 - - "GET / HTTP/1.1" 200', '10.0.0.1 - - "GET /a HTTP/1.1" 500']],
    ['laid out JSON', '{\n  "a": 1\n}\n{\n  "a": 2\n}', ['{', '{']],
  ])('%s', (_name, text, expected) => expect(heads(text)).toEqual(expected))
})

describe('any lines', () => {
  const line = fc.oneof(fc.constantFrom(...Object.values(TRACES).flatMap((trace) => trace.split('\n')), 'INFO a', 'ERROR b'), fc.string({ maxLength: 40 }))
  const state = fc.constantFrom(...TRACE_STATES)

  it('nothing joins a log that has not begun', () => {
    fc.assert(fc.property(line, (text) => {
        expect(stepTrace(text, 'none', () => true).joins).toBe(false)
      }))
  })

  it('a line that the first look passes over stands by itself and leaves an ordinary one', () => {
    fc.assert(
      fc.property(line, fc.constantFrom('none' as const, 'plain' as const, 'trace' as const), fc.boolean(), (text, before, serious) => {
        const bytes = Buffer.from(text)
        if (!mayJoin(bytes, 0, bytes.length)) expect(stepTrace(text, before, () => serious)).toEqual({ joins: false, state: 'plain' })
      }),
      { numRuns: 2_000 },
    )
  })

  it('is decided at once', () => {
    const hostile = ['at '.repeat(10_000), 'a.'.repeat(20_000), '#1 '.repeat(10_000), `${'x('.repeat(10_000)})`, `thread '${"'".repeat(20_000)}`, ' '.repeat(50_000)]
    const began = performance.now()
    fc.assert(fc.property(fc.constantFrom(...hostile), state, (text, before) => void stepTrace(text, before, () => true)), { numRuns: 300 })
    expect(performance.now() - began).toBeLessThan(2_000)
  })
})
