export function isElf(bytes: Buffer): boolean
export function neededLibraries(bytes: Buffer): string[]
export function sections(bytes: Buffer): { name: string; type: number; address: bigint; offset: number; size: number; link: number }[]
export function moduleInfo(bytes: Buffer): { depends: string[]; aliases: string[] }
