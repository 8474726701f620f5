import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createLogFile, rotateInPlace } from '../../../engine/system/log.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'naru-log-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('rotation', () => {
  it('copies away what another process keeps open, and keeps so many', () => {
    const path = join(folder, 'a.log')
    for (const text of ['first', 'second', 'third']) {
      writeFileSync(path, text)
      expect(rotateInPlace(path, { maxBytes: 5, keep: 2 })).toBe(true)
    }
    expect([path, `${path}.1`, `${path}.2`].map((file) => readFileSync(file, 'utf8'))).toEqual(['', 'third', 'second'])
    expect(rotateInPlace(path, { maxBytes: 5, keep: 2 })).toBe(false)
  })
  it('never throws: it runs in a timer, and a full disk must not end the program', () => {
    const path = join(folder, 'a.log')
    writeFileSync(path, 'full')
    // Stands for whatever the disk refuses.
    mkdirSync(join(`${path}.1`, 'in-the-way'), { recursive: true })
    expect(rotateInPlace(path, { maxBytes: 1, keep: 1 })).toBe(false)
    expect(readFileSync(path, 'utf8')).toBe('full')
    expect(() => createLogFile(path, { maxBytes: 1, keep: 1 }).write('line')).not.toThrow()
  })
})
