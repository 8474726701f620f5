/** What the guest's first program says on the console. Pure. */
import { NaruError } from '../../contract/errors.ts'

/** Why a start cannot go on, in the guest's words (image/guest/init.sh), and what that means here. */
const FATAL = {
  'root-disk': { code: 'provider.image-corrupt', hint: 'vm-image-corrupt' },
  'no-data-disk': { code: 'provider.boot-failed', hint: 'vm-boot' },
  'disk-foreign': { code: 'provider.boot-failed', hint: 'vm-disk-foreign' },
  'disk-check': { code: 'provider.boot-failed', hint: 'vm-disk-check' },
  'disk-mkfs': { code: 'provider.boot-failed', hint: 'vm-disk-check' },
  'disk-mount': { code: 'provider.boot-failed', hint: 'vm-disk-check' },
} as const

/** The words of `FATAL` lines; kept beside the hints they lead to. */
export type FatalWord = keyof typeof FATAL

/** Lines of Naru's own, without their prefix, oldest first. */
export function ownLines(console: string): readonly string[] {
  return console.split(/\r?\n/).flatMap((line) => (line.startsWith('NARU: ') ? [line.slice(6)] : []))
}

/** The newest line a person may make sense of. */
export function lastLine(console: string): string {
  return console.split(/\r?\n/).findLast((line) => line.trim() !== '')?.replace(/^NARU: /, '') ?? ''
}

/** The guest gave up: why, as an error; null while it did not. `data`: path of the data disk. */
export function fatalError(console: string, data: string): NaruError | null {
  const line = ownLines(console).find((each) => each.startsWith('FATAL '))
  if (line === undefined) return null
  const word = line.split(' ')[1] ?? ''
  const known = Object.hasOwn(FATAL, word) ? FATAL[word as FatalWord] : FATAL['no-data-disk']
  const detail = console.split(/\r?\n/).slice(-40).join('\n').trim()
  return new NaruError(known.code, `the guest gave up: ${word}`, { hint: known.hint, params: { path: data }, detail })
}
