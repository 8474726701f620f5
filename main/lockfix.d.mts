export interface Platform {
  readonly os?: readonly string[]
  readonly cpu?: readonly string[]
  readonly libc?: readonly string[]
}
interface LockEntry {
  readonly optionalDependencies?: Readonly<Record<string, string>>
}
export function platformOf(name: string): Platform | undefined
export function missingEntries(packages: Readonly<Record<string, LockEntry>>): Record<string, unknown>
