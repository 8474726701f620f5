/** Images smaller than this are analysed as soon as someone looks at their layers, bytes; larger ones when asked. */
export const SMALL_BYTES = 200_000_000
