/** The fields of "where to save", and what they mean. Pure. */
import type { TargetChoice } from '../../../stores/archives.ts'

export interface TargetForm {
  readonly where: 'page' | 'path'
  readonly name: string
  readonly path: string
  readonly overwrite: boolean
}

export const targetForm = (name: string): TargetForm => ({ where: 'page', name, path: `~/${name}`, overwrite: false })

/** Null while something is missing. */
export function targetChoice({ where, name, path, overwrite }: TargetForm): TargetChoice | null {
  if (where === 'page') return name.trim() === '' ? null : { where, name: name.trim().replace(/[/\\\0]/g, '-').slice(0, 200) }
  return /^(?:\/|~\/)[^\0]*[^/\0]$/.test(path.trim()) ? { where, path: path.trim(), overwrite } : null
}

/** What stands behind `-o`. */
export const targetWord = (form: TargetForm): string => (form.where === 'page' ? form.name.trim() : form.path.trim())
