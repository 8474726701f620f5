/** Ways the fake daemon misbehaves; change them while it runs. */
export interface FakeFaults {
  /** Requests whose `METHOD /path` (no version, no query) matches are never answered. */
  hang: RegExp | null
  /** … are answered with 500. */
  fail: RegExp | null
  /** … are answered with what is no JSON. */
  garbage: RegExp | null
  /** … lose their connection in the middle of the answer's body. */
  cut: RegExp | null
  /** Share of events that nobody hears of, 0..1. */
  dropEvents: number
  /** Milliseconds before every answer. */
  delayMs: number
  /** Milliseconds after an end during which the list still shows the container running, as dockerd does under load. */
  listLagMs: number
  /** Answers like a web server that is no engine. */
  stranger: boolean
  /** Last message of every pull, e.g. `manifest unknown`. */
  pullError: string | null
  /** What a load says at its end, e.g. `unexpected EOF`. */
  loadError: string | null
}

export const NO_FAULTS: FakeFaults = {
  hang: null,
  fail: null,
  garbage: null,
  cut: null,
  dropEvents: 0,
  delayMs: 0,
  listLagMs: 0,
  stranger: false,
  pullError: null,
  loadError: null,
}
