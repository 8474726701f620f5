import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NaruError } from '../../../engine/contract/errors.ts'
import { formatReference, parseReference, withDefaultTag } from '../../../engine/images/reference.ts'
import golden from '../../fixtures/docker-cli.json'

const hex = (length: number, digit = 'a'): string => digit.repeat(length)

describe('what docker pull asks for', () => {
  for (const { text, fromImage, tag, error } of golden.references) {
    if (fromImage === undefined) {
      test(`refuses ${JSON.stringify(text.slice(0, 80))}: ${error}`, () => {
        expect(() => parseReference(text)).toThrow(
          expect.objectContaining({ code: 'invalid-reference', params: { reference: text } }),
        )
      })
    } else {
      test(`${text.slice(0, 80)}`, () => {
        const { digest, ...named } = withDefaultTag(parseReference(text))
        const full = formatReference({ domain: named.domain, path: named.path }, 'full')
        // The CLI sends the familiar form when Hub's own names look like a registry; the identity is what counts here.
        expect([full, full.replace(/^docker\.io\//, '')]).toContain(fromImage)
        expect(digest ?? named.tag).toBe(tag)
      })
    }
  }
})

describe('parts and forms', () => {
  test.each([
    ['nginx', { domain: 'docker.io', path: 'library/nginx' }, 'nginx', 'docker.io/library/nginx'],
    ['nginx:1.27', { domain: 'docker.io', path: 'library/nginx', tag: '1.27' }, 'nginx:1.27', 'docker.io/library/nginx:1.27'],
    ['a/b:t', { domain: 'docker.io', path: 'a/b', tag: 't' }, 'a/b:t', 'docker.io/a/b:t'],
    ['localhost:5000/a/b', { domain: 'localhost:5000', path: 'a/b' }, 'localhost:5000/a/b', 'localhost:5000/a/b'],
    ['[::1]:5000/a', { domain: '[::1]:5000', path: 'a' }, '[::1]:5000/a', '[::1]:5000/a'],
    [
      `ghcr.io/o/r:v1@sha256:${hex(64)}`,
      { domain: 'ghcr.io', path: 'o/r', tag: 'v1', digest: `sha256:${hex(64)}` },
      `ghcr.io/o/r:v1@sha256:${hex(64)}`,
      `ghcr.io/o/r:v1@sha256:${hex(64)}`,
    ],
  ])('%s', (text, parts, familiar, full) => {
    const reference = parseReference(text)
    expect(reference).toEqual(parts)
    expect(formatReference(reference)).toBe(familiar)
    expect(formatReference(reference, 'familiar')).toBe(familiar)
    expect(formatReference(reference, 'full')).toBe(full)
  })

  test.each([
    ['', 'reference.empty'],
    [hex(64), 'reference.identifier'],
    ['FOO', 'reference.uppercase'],
    ['a b', 'reference.format'],
    [`a@sha256:${hex(64, 'A')}`, 'reference.digest'],
    [`docker.io/${hex(300)}`, 'reference.too-long'],
  ])('says why it refuses %s', (text, hint) => {
    expect(() => parseReference(text)).toThrow(expect.objectContaining({ hint }))
  })

  test('the default tag is added only to a bare name', () => {
    expect(withDefaultTag(parseReference('nginx')).tag).toBe('latest')
    expect(withDefaultTag(parseReference('nginx:1')).tag).toBe('1')
    expect(withDefaultTag(parseReference(`nginx@sha256:${hex(64)}`)).tag).toBeUndefined()
  })
})

describe('properties', () => {
  const word = fc.stringMatching(/^[a-z0-9]{1,8}$/)
  const reference = fc.record(
    {
      domain: fc.constantFrom('docker.io', 'ghcr.io', 'localhost:5000', '127.0.0.1:80', 'Reg.example.com'),
      path: fc.tuple(word, word).map(([a, b]) => `${a}/${b}`),
      tag: fc.stringMatching(/^[\w][\w.-]{0,20}$/),
      digest: fc.stringMatching(/^[a-f0-9]{64}$/).map((text) => `sha256:${text}`),
    },
    { requiredKeys: ['domain', 'path'] },
  )
  test('both forms read back as the same reference', () => {
    fc.assert(
      fc.property(reference, (parts) => {
        expect(parseReference(formatReference(parts, 'full'))).toEqual(parts)
        expect(parseReference(formatReference(parts))).toEqual(parts)
      }),
    )
  })
  test('any text is either read or refused with a NaruError, never anything else', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-zA-Z0-9./:@_-]{0,80}$/)), (text) => {
        try {
          const parsed = parseReference(text)
          expect(parseReference(formatReference(parsed, 'full'))).toEqual(parsed)
        } catch (error) {
          expect(error).toBeInstanceOf(NaruError)
        }
      }),
    )
  })
})
