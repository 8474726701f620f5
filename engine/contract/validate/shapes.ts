/** Shapes that arguments are made of. Every string and list has a bound. */
import * as v from 'valibot'

export type Schema = v.GenericSchema

export const nothing = v.strictObject({})
export const engineId = v.pipe(v.string(), v.minLength(1), v.maxLength(300))
/** Becomes part of an address: a segment that is empty or only dots would lead elsewhere. */
export const objectId = v.pipe(v.string(), v.regex(/^(?!.*(?:^|\/)\.{0,2}(?:\/|$))[\w.:@/-]{1,300}$/))
export const containerId = v.pipe(v.string(), v.regex(/^[a-zA-Z0-9][\w.-]{0,254}$/))
export const text = (max: number) => v.pipe(v.string(), v.maxLength(max))
export const whole = (min: number, max: number) => v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max))
export const protocol = v.picklist(['tcp', 'udp', 'sctp'])
/** Without a user, which requests refuse while naming the password, and without a query: paths are put behind it. */
export const baseUrl = v.pipe(text(2_000), v.regex(/^https?:\/\/[^/@\s?#]+(?:\/[^\s?#]*)?$/), v.url())
export const seconds = v.optional(whole(0, 86_400))

export const ofEngine = { engineId }
export const onContainer = { engineId, id: containerId }

export const bare = v.strictObject(onContainer)
