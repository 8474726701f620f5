export function isElf(bytes: Buffer): boolean
export function neededLibraries(bytes: Buffer): string[]
export function moduleInfo(bytes: Buffer): { depends: string[]; aliases: string[] }
