/** @param out replaced */
export function layOut(out: string): void
