/** Mount points of this machine, and taking those below a folder away. */
import { readFile } from 'node:fs/promises'
import { exec } from '../../system/exec.ts'

/** Mount points in the text of /proc/self/mountinfo; octal escapes (`\040` for a space) are undone. */
export function parseMountPoints(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.split(' ')[4])
    .filter((path): path is string => path !== undefined)
    .map((path) => path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))))
}

/** Mount points at or below `folder`, in the order they were mounted. */
export async function mountsBelow(folder: string): Promise<readonly string[]> {
  const points = parseMountPoints(await readFile('/proc/self/mountinfo', 'utf8'))
  return points.filter((path) => path === folder || path.startsWith(`${folder}/`))
}

/** True when something is mounted exactly at `path`. */
export async function isMounted(path: string): Promise<boolean> {
  return (await mountsBelow(path)).includes(path)
}

/** Unmounts everything at or below `folder`, newest first; what is busy is detached and goes with its last user. */
export async function unmountBelow(folder: string): Promise<void> {
  for (const path of [...(await mountsBelow(folder))].reverse()) {
    await exec('umount', [path]).catch(() => exec('umount', ['-l', path]))
  }
}
