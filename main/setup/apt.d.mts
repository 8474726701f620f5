export function findProgram(name: string): string | undefined
export function isRoot(): boolean
export function ensurePackages(names: string[], purpose: string): Promise<string | undefined>
