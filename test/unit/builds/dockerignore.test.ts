import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cleanPath, createIgnore } from '../../../engine/builds/dockerignore.ts'

/** Patterns, path, ignored: what docker documents and what its CLI answered (test/real/builds-context.test.ts asks it). */
const TABLE: readonly (readonly [string, string, boolean])[] = [
  ['*', 'a', true],
  ['*', 'a/b', true],
  ['*/temp*', 'a/temporary.txt', true],
  ['*/temp*', 'temporary.txt', false],
  ['*/*/temp*', 'a/b/temp', true],
  ['temp?', 'tempa', true],
  ['temp?', 'temp', false],
  ['temp?', 'temp/', false],
  ['**/*.go', 'main.go', true],
  ['**/*.go', 'a/b/main.go', true],
  ['**/*.go', 'main.gob', false],
  ['*.md\n!README.md', 'README.md', false],
  ['*.md\n!README.md', 'NOTES.md', true],
  ['*.md\n!README*.md\nREADME-secret.md', 'README-secret.md', true],
  ['*.md\nREADME-secret.md\n!README*.md', 'README-secret.md', false],
  ['!README.md\n*.md', 'README.md', true],
  ['docs\n!docs/README.md', 'docs/README.md', false],
  ['docs/\n!docs/README.md', 'docs/other', true],
  ['docs/*\n!docs/README.md', 'docs', false],
  ['node_modules', 'node_modules/a/b/c.js', true],
  ['node_modules', 'packages/x/node_modules', false],
  ['**/node_modules', 'packages/x/node_modules/y', true],
  ['/rooted', 'rooted', true],
  ['/rooted', 'a/rooted', false],
  ['./here', 'here', true],
  ['a//b/../c/', 'a/c', true],
  ['../out', 'out', false],
  ['.', 'a', false],
  ['/', 'a', false],
  ['# not me', '# not me', false],
  [' #me', '#me', true],
  ['  spaced  ', 'spaced', true],
  ['with space', 'with space', true],
  ['\uFEFFbom', 'bom', true],
  ['crlf\r\nnext\r\n', 'crlf', true],
  ['crlf\r\nnext\r\n', 'next', true],
  ['a[b-d]e', 'ace', true],
  ['a[b-d]e', 'aze', false],
  ['a[^b-d]e', 'aze', true],
  ['[!a]', '!', true],
  ['a\\*b', 'a*b', true],
  ['a\\*b', 'axb', false],
  ['a\\\\', 'a\\', true],
  ['\\#hash', '#hash', true],
  ['\\!bang', '!bang', true],
  ['[\\-x]', '-', true],
  ['abc.def', 'abcXdef', false],
  ['a(b)c/def', 'a(b)c/def', true],
  ['a.|)$(}+{bc', 'a.|)$(}+{bc', true],
  ['*+x', 'a+x', true],
  ['*+x', 'aax', false],
  ['a^b', 'a^b', true],
  ['abc/**', 'abc', false],
  ['abc/**', 'abc/d/e', true],
  ['abc**', 'abcdef/g', true],
  ['**/.foo', '.foo', true],
  ['**/.foo', 'bar.foo', false],
  ['**foo', 'barfoo', true],
  ['**foo', 'dir/barfoo', true],
  ['**', 'any/thing', true],
  ['**/', 'file', true],
  ['**/**', 'dir/file', true],
  ['**/dir2/*', 'dir/dir2/file', true],
  ['**/dir2/**', 'dir/dir2', false],
  ['a**/*.txt', 'a/dir/dir/file.txt', true],
  ['a/*.txt', 'a/dir/file.txt', false],
  ['a/*.txt**', 'a/file.txt', true],
  ['a/**/b', 'a/b', true],
  ['a/**/b', 'a/x/y/b', true],
  ['a/**/b', 'ab', false],
  ['**\n!util/web', 'util/web/foo', false],
  ['**\n!util/web\nutil/web/foo', 'util/web/foo', true],
  ['*\n!src/**/*.ts', 'src/a/b.ts', false],
  ['*\n!src/**/*.ts', 'src/a/b.js', true],
  ['./!a', 'a', false],
  ['a\n./!a', 'a', false],
  ['! spaced-exception', 'x', false],
  ['*\n! kept', 'kept', false],
  ['*.TXT', 'a.txt', false],
  ['a?b', 'a☺b', true],
  ['a?b', 'a😀b', true],
  ['[a-ζ]*', 'α', true],
  ['x\n!x/y\nx', 'x/z', true],
  ['', 'a', false],
]

describe('.dockerignore', () => {
  it.each(TABLE)('%j on %j: %j', (text, path, ignored) => {
    expect(createIgnore(text).ignores(path)).toBe(ignored)
  })

  it('takes paths as people write them, and never the context itself', () => {
    const { ignores } = createIgnore('**')
    expect(['./a', '/a', 'a/', 'a//b'].map(ignores)).toEqual([true, true, true, true])
    expect(['', '.', './', '/'].map(ignores)).toEqual([false, false, false, false])
  })

  it.each(['!', '! ', '!/', '[', '[]a]', '[-x]', '[x-]', 'a[', '[^bc', '\\', '[z-a]', '\\q'])('docker refuses %j, and so do we, with the line', (pattern) => {
    expect(() => createIgnore(`ok\n${pattern}\n`)).toThrow(expect.objectContaining({ code: 'invalid-request', hint: 'build.ignore-pattern', params: expect.objectContaining({ line: 2 }) }))
  })

  it('counts patterns, not lines', () => {
    expect(createIgnore('# c\n\na\n!b\n   \n').size).toBe(2)
  })

  it('knows when an ignored folder need not be read', () => {
    expect(createIgnore('node_modules').mayWantBelow('node_modules')).toBe(false)
    const { mayWantBelow } = createIgnore('*\n!src/lib')
    expect([mayWantBelow('src'), mayWantBelow('src/lib'), mayWantBelow('src/lib/x'), mayWantBelow('other')]).toEqual([true, true, true, false])
    expect(createIgnore('*\n!**/*.ts').mayWantBelow('other')).toBe(true)
  })

  const part = fc.stringMatching(/^[a-c]{1,2}$/)
  const path = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'))
  const pattern = fc.array(fc.oneof(part, fc.constantFrom('*', '**', '?', 'a*', '[ab]', '[^c]')), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'))

  it('what is ignored takes everything below with it, unless there are exceptions', () => {
    fc.assert(
      fc.property(fc.array(pattern, { maxLength: 4 }), path, part, (patterns, folder, name) => {
        const { ignores } = createIgnore(patterns.join('\n'))
        if (ignores(folder)) expect(ignores(`${folder}/${name}`)).toBe(true)
      }),
      { seed: 7, numRuns: 2_000 },
    )
  })

  it('a folder that may hold nothing wanted holds nothing wanted', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), pattern), { maxLength: 5 }), path, path, (rules, folder, below) => {
        const { ignores, mayWantBelow } = createIgnore(rules.map(([not, one]) => (not ? `!${one}` : one)).join('\n'))
        if (ignores(folder) && !mayWantBelow(folder)) expect(ignores(`${folder}/${below}`)).toBe(true)
      }),
      { seed: 8, numRuns: 5_000 },
    )
  })

  it('a rule more at the end decides', () => {
    fc.assert(
      fc.property(fc.array(pattern, { maxLength: 4 }), path, (patterns, one) => {
        expect(createIgnore([...patterns, one].join('\n')).ignores(one)).toBe(true)
        expect(createIgnore([...patterns, `!${one}`].join('\n')).ignores(one)).toBe(false)
      }),
      { seed: 9, numRuns: 2_000 },
    )
  })

  it('cleaning a path twice changes nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '.', '/', 'b') }), (text) => {
        expect(cleanPath(cleanPath(text))).toBe(cleanPath(text))
      }),
      { seed: 10 },
    )
  })
})
