export function notices(root: string, parts: readonly string[]): string
export function pack(options: { readonly root: string; readonly cache: string; readonly out: string }): void
