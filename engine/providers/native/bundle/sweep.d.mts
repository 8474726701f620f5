export function sweep(folder: string, prefix: string): Promise<string[]>
