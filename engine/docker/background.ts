/**
 * Marks requests nobody asked for (a heartbeat, a list that heals what no event told): an engine that naps when it is not
 * used must tell them from use. Engines ignore headers they do not know.
 */
export const BACKGROUND_HEADER = 'x-naru-background'

/** Headers of a request that is no use of the engine. */
export const BACKGROUND = { [BACKGROUND_HEADER]: '1' } as const
