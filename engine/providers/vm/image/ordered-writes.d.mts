export function withOrderedWrites(program: Buffer): Buffer
