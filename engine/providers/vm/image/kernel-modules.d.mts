export interface KernelModule {
  readonly name: string
  readonly path: string
  readonly depends: readonly string[]
  readonly aliases: readonly string[]
}
export function tables(chosen: readonly KernelModule[]): { 'modules.dep': string; 'modules.alias': string }
