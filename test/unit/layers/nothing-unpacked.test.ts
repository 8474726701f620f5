/** Naru unpacks nothing on this machine: what could is not in the product, and what reads archives cannot write files. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../../..')
/** What runs in the product; `.mjs` build it, before anybody's image is there. */
const SOURCES = ['engine', 'main'].flatMap((room) =>
  readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(room, name)),
)
const text = (file: string): string => readFileSync(join(ROOT, file), 'utf8')
const withMatch = (files: readonly string[], pattern: RegExp): string[] => files.filter((file) => pattern.test(text(file)))

/** Whatever touches what an image, a container or a build folder holds. */
const READERS = SOURCES.filter((file) => /^engine\/(?:layers|container-files)\/|^engine\/builds\/(?:context|session)/.test(file))
const WRITES = /\bimport \{[^}]*\b(?:writeFile|appendFile|createWriteStream|open|mkdir|symlink|link|chmod|chown|rename|cp|copyFile|utimes|truncate|mkdtemp)\b[^}]*\} from 'node:fs(?:\/promises)?'|import (?:\* as )?\w+ from 'node:fs/

describe('on this machine', () => {
  it('nothing makes links or devices, and no program that unpacks is started', () => {
    expect(SOURCES.length).toBeGreaterThan(300)
    expect(withMatch(SOURCES, /\b(?:symlink|symlinkSync|mknod|mkfifo|lchown|lutimes)\b\s*\(/)).toEqual([])
    expect(withMatch(SOURCES, /['"`/](?:tar|bsdtar|gtar|cpio|unzip|ar|dpkg-deb|unsquashfs|rsync|7z|skopeo|umoci)['"`]\s*[,)\]]/)).toEqual([])
  })

  it('archives are written with the library and never taken apart with it', () => {
    const imports = SOURCES.flatMap((file) => [...text(file).matchAll(/import (?:type )?(.+) from 'tar-stream'/g)].map((match) => match[1]))
    expect(imports.length).toBeGreaterThan(0)
    expect(imports.filter((names) => !/^\{ (?:pack|Pack|Headers|pack, type Pack) \}$/.test(names ?? ''))).toEqual([])
  })

  it('what reads images, containers and build folders writes no file', () => {
    expect(READERS.length).toBeGreaterThan(40)
    expect(withMatch(READERS, WRITES)).toEqual([])
    expect(withMatch(READERS, /writeFileAtomic|(?<![.\w])(?:exec|spawn)\(/)).toEqual([])
  })

  it('one module puts what was saved on the disk, as one file of the name the person chose', () => {
    const transfers = SOURCES.filter((file) => file.startsWith('engine/transfers/'))
    // The other one writes notes of its own, named by chance, below the state folder.
    expect(withMatch(transfers, WRITES)).toEqual(['engine/transfers/archives.ts', 'engine/transfers/parts.ts'])
    expect(text('engine/transfers/archives.ts')).not.toMatch(/\bmkdir\b|tar-stream|TarScanner/)
    expect(text('engine/transfers/parts.ts').match(/\b(?:writeFile|mkdir)\([^,]+,/g)).toEqual(['mkdir(folder,', 'writeFile(note,'])
    expect(text('engine/transfers/parts.ts')).toContain('const note = join(folder, randomUUID())')
  })
})
