import type { ensurePackages, findProgram } from './apt.mjs'

export function adviseWithoutRoot(
  state: string,
  means?: { readonly find?: typeof findProgram; readonly ensure?: typeof ensurePackages; readonly sockets?: readonly string[] },
): Promise<string | undefined>
