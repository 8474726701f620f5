/** What every part of the contract is written with: common arguments, and what a call or a stream may cost. */

export type Nothing = Readonly<Record<string, never>>

export interface OfEngine {
  readonly engineId: string
}

export interface OnContainer extends OfEngine {
  readonly id: string
}

export interface MethodRule {
  /** Changes something the person owns. */
  readonly mutates: boolean
  /** Answer or `timeout` after this many milliseconds. */
  readonly limitMs: number
}

/** What a stream's source does while its reader gives no credit. */
export type NoCreditPolicy = 'pause' | 'conflate' | 'drop-oldest'

export interface StreamRule {
  readonly noCredit: NoCreditPolicy
  /** Items (or bytes, for binary streams) the source may be ahead of its reader. */
  readonly window: number
  readonly unit: 'items' | 'bytes'
}
