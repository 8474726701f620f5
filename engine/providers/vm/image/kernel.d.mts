export function payloadOf(image: Buffer): Buffer
