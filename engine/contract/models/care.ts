/** Looking after an engine that Naru brings. */

/** What a factory reset takes away. */
export interface EngineLoss {
  /** The engine answered: the counts are what it holds now. Otherwise they are 0 and only `dataBytes` is known. */
  readonly known: boolean
  readonly containers: number
  /** Of these, how many run. */
  readonly running: number
  readonly images: number
  readonly volumes: number
  readonly containersBytes: number
  readonly imagesBytes: number
  readonly volumesBytes: number
  readonly buildCacheBytes: number
  /** What its data takes on this machine's disk; null when it could not be measured. */
  readonly dataBytes: number | null
  /** Lets one reset happen: whoever resets has seen this list. Good for ten minutes. */
  readonly consent: string
}
