import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDockerfile, placeOfLine, placeOfNumber, placeOfStep } from '../../../engine/builds/dockerfile.ts'

const FILE = `# syntax=docker/dockerfile:1.7
# escape=\\

# a comment with FROM nothing
ARG VERSION=22 VARIANT="al pine"
from --platform=$BUILDPLATFORM node:\${VERSION} as Base
ARG TOKEN
RUN apk add \\
    # comment between
    curl \\

    git
COPY <<EOF <<-"OTHER" /etc/
RUN not an instruction
EOF
	tabbed
	OTHER
FROM scratch
EXPOSE 1/tcp
FROM base AS final
WORKDIR /app
COPY --from=0 a b
EXPOSE 80 443/tcp
CMD ["x"]
`

describe('a Dockerfile', () => {
  const file = parseDockerfile(FILE)

  it('tells directives, stages, arguments and ports', () => {
    expect(file.directives).toEqual({ syntax: 'docker/dockerfile:1.7', escape: '\\' })
    expect(file.stages).toEqual([
      { name: 'base', base: 'node:${VERSION}', line: 6, platform: '$BUILDPLATFORM' },
      { base: 'scratch', line: 18 },
      { name: 'final', base: 'base', line: 20 },
    ])
    expect(file.args).toEqual([
      { name: 'VERSION', default: '22', line: 5, stage: -1 },
      { name: 'VARIANT', default: 'al pine', line: 5, stage: -1 },
      { name: 'TOKEN', line: 7, stage: 0 },
    ])
    expect(file.exposes).toEqual(['80', '443/tcp'])
    expect(file.problems).toEqual([])
  })

  it('knows the lines of every instruction, continued ones and here-documents whole', () => {
    expect(file.instructions.map(({ keyword, line, endLine, stage }) => [keyword, line, endLine, stage])).toEqual([
      ['ARG', 5, 5, -1],
      ['FROM', 6, 6, 0],
      ['ARG', 7, 7, 0],
      ['RUN', 8, 12, 0],
      ['COPY', 13, 17, 0],
      ['FROM', 18, 18, 1],
      ['EXPOSE', 19, 19, 1],
      ['FROM', 20, 20, 2],
      ['WORKDIR', 21, 21, 2],
      ['COPY', 22, 22, 2],
      ['EXPOSE', 23, 23, 2],
      ['CMD', 24, 24, 2],
    ])
  })

  it('finds a step of either builder', () => {
    expect(placeOfStep(file, { stage: 'base', number: 2, of: 3, text: 'RUN apk add     curl     git' })).toMatchObject({ line: 8, endLine: 12 })
    expect(placeOfStep(file, { stage: 'final', number: 2, of: 2, text: 'COPY --from=0 a b' })).toMatchObject({ line: 22, stage: 2 })
    expect(placeOfStep(file, { stage: 'base', number: 1, of: 3, text: 'FROM docker.io/library/node:22' })).toMatchObject({ line: 6 })
    // A base image's ONBUILD steps make more of them: then the text decides.
    expect(placeOfStep(file, { stage: 'final', number: 3, of: 9, text: 'COPY --from=0 a b' })).toMatchObject({ line: 22 })
    expect(placeOfStep(file, { stage: 'nowhere', number: 1, of: 1, text: 'RUN x' })).toBeUndefined()
    expect(placeOfNumber(file, 4, 'RUN apk add     curl     git')).toMatchObject({ line: 8 })
    expect(placeOfLine(file, 15)).toMatchObject({ line: 13, instruction: 'COPY <<EOF <<-"OTHER" /etc/' })
    expect(placeOfLine(file, 3)).toBeUndefined()
  })

  it('takes another escape character, a byte order mark and Windows line ends', () => {
    const odd = parseDockerfile('\uFEFF# escape=`\r\nFROM x\r\nRUN dir C:\\ `\r\n  /s\r\nCMD a\r\n')
    expect(odd.directives.escape).toBe('`')
    expect(odd.instructions.map(({ rest, line, endLine }) => [rest, line, endLine])).toEqual([['x', 2, 2], ['dir C:\\   /s', 3, 4], ['a', 5, 5]])
  })

  it('a directive after a comment or an empty line is a comment', () => {
    expect(parseDockerfile('# hello\n# escape=`\nFROM x').directives).toEqual({})
    expect(parseDockerfile('\n# syntax=y\nFROM x').directives).toEqual({})
  })

  it.each([
    ['', 1, /no FROM/],
    ['RUN x\nFROM y', 1, /before FROM/],
    ['FROM x\nRNU y', 2, /unknown instruction: RNU/],
    ['FROM\n', 1, /requires at least one argument/],
    ['FROM x\nRUN <<EOF\necho', 2, /unterminated heredoc EOF/],
    ['# escape=x\nFROM y', 1, /invalid escape/],
    ['# syntax=a\n# syntax=b\nFROM y', 2, /only one syntax/],
  ])('%j has a problem in line %i', (text, line, words) => {
    expect(parseDockerfile(text).problems).toEqual(expect.arrayContaining([{ line, text: expect.stringMatching(words) as string }]))
  })

  const word = fc.constantFrom('FROM', 'RUN', 'ARG', 'COPY', 'a=b', '\\', '#', '<<EOF', 'EOF', '"', "'", '`', 'AS', '\n', '\n', ' ', '\t', '--platform=x', 'escape=`')

  it('never throws; instructions are in order, do not overlap and stay in the file', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(word, fc.string({ maxLength: 5 })), { maxLength: 60 }), (parts) => {
        const text = parts.join(' ')
        const { instructions, stages } = parseDockerfile(text)
        let last = 0
        for (const one of instructions) {
          expect(one.line).toBeGreaterThan(last)
          expect(one.endLine).toBeGreaterThanOrEqual(one.line)
          expect(one.stage).toBeLessThan(stages.length)
          last = one.endLine
        }
        expect(last).toBeLessThanOrEqual(text.split('\n').length)
      }),
      { seed: 21, numRuns: 2_000 },
    )
  })

  it('breaking an instruction over lines changes its place only', () => {
    const line = fc.array(fc.stringMatching(/^[a-z0-9=.]{1,8}$/), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 8 }), (lines) => {
        const plain = parseDockerfile(`FROM x\n${lines.map((words) => `RUN ${words.join(' ')}`).join('\n')}\n`)
        const broken = parseDockerfile(`FROM x\n${lines.map((words) => `RUN \\\n# c\n ${words.join(' \\\n\n  # c\n ')}`).join('\n')}\n`)
        const words = (one: typeof plain) => one.instructions.map(({ rest }) => rest.split(/\s+/))
        expect(words(broken)).toEqual(words(plain))
        expect(broken.problems).toEqual([])
      }),
      { seed: 22 },
    )
  })

  it('is read in linear time', () => {
    const long = `FROM x\nRUN a ${'\\\n  b '.repeat(50_000)}\n${'RUN c\n'.repeat(20_000)}`
    const started = performance.now()
    expect(parseDockerfile(long).instructions).toHaveLength(20_002)
    expect(performance.now() - started).toBeLessThan(2_000)
  })
})
