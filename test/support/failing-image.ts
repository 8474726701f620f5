/** An image with everything that can go wrong with a command in it: `/bin/busybox` and a folder `/app` of bad programs. */
import { readFile } from 'node:fs/promises'
import { imageArchive } from './image-archive.ts'
import type { TestEntry } from './image-archive.ts'
import { faulty, foreignProgram } from './tiny-elf.ts'

const APPLETS = ['sh', 'sleep', 'echo', 'cat', 'true', 'false', 'dd', 'nc', 'touch', 'ping', 'id']

/** Archive as `POST /images/load` takes it. */
export async function failingImage(tag: string): Promise<Buffer> {
  const program = (name: string, content: string | Buffer, mode = 0o755): TestEntry => ({ name: `app/${name}`, mode, content })
  const entries: TestEntry[] = [
    { name: 'bin/', type: 'directory', mode: 0o755 },
    { name: 'bin/busybox', mode: 0o755, content: await readFile('/bin/busybox') },
    ...APPLETS.map((name): TestEntry => ({ name: `bin/${name}`, type: 'symlink', linkname: 'busybox' })),
    { name: 'etc/', type: 'directory', mode: 0o755 },
    { name: 'etc/passwd', mode: 0o644, content: 'root:x:0:0:root:/:/bin/sh\n' },
    { name: 'etc/group', mode: 0o644, content: 'root:x:0:\n' },
    { name: 'etc/nsswitch.conf', mode: 0o644, content: 'hosts: files dns\n' },
    { name: 'tmp/', type: 'directory', mode: 0o1777 },
    { name: 'app/', type: 'directory', mode: 0o755 },
    program('segfault', faulty('segfault')),
    program('illegal', faulty('illegal')),
    program('foreign', foreignProgram()),
    program('no-shebang', 'echo hello\n'),
    program('not-executable', '#!/bin/sh\necho hello\n', 0o644),
    program('bad-shebang', '#!/usr/bin/nosuch\necho hello\n'),
    program('windows-lines', '#!/bin/sh\r\necho hello\r\n'),
  ]
  return (await imageArchive([{ entries, command: 'COPY . /' }], { tag })).archive
}
