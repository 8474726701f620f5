export function atFixedPlace(program: Buffer): Buffer
