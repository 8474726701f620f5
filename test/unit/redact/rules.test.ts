import { describe, expect, it } from 'vitest'
import { MASK, looksRandom, maskedValue } from '../../../engine/redact/rules.ts'

describe('values that look random', () => {
  it.each([
    ['SETTING', 'q7Zk2mW9xT4vB8nR3pL6'],
    ['X', '9f86d081884c7d659a2feaa0c55ad015'],
    ['OTHER', 'AAAAB3NzaC1yc2EAAAADAQABAAAB'],
  ])('%s=%s is hidden', (name, value) => {
    expect(maskedValue({ name, value })).toBe(MASK)
  })
  it.each([
    ['GIT_COMMIT', '9f86d081884c7d659a2feaa0c55ad0159a2feaa0'],
    ['PYTHON_SHA256', '9f86d081884c7d659a2feaa0c55ad0159a2feaa0'],
    ['JAVA_HOME', '/usr/lib/jvm/java-17-openjdk-amd64'],
    ['SERVERS', 'one-two-three-four-five-2024'],
    ['NUMBER', '12345678901234567890'],
    ['PACKAGE', 'python3-minimal-and-more-words'],
    ['APP', 'shop'],
  ])('%s=%s is not', (name, value) => {
    expect(looksRandom({ name, value })).toBe(false)
    expect(maskedValue({ name, value })).toBe(value)
  })
})

it('a password with an @ in it goes whole, one of several addresses alone, and so does a token for a user', () => {
  const shown = (value: string): string => maskedValue({ name: 'X', value })
  expect(shown('postgres://u:p@ss@db/x')).toBe(`postgres://u:${MASK}@db/x`)
  expect(shown('https://ghx1234567890abcdef@git.example/a.git')).toBe(`https://${MASK}@git.example/a.git`)
})
