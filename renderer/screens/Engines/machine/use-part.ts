/** A part of a bar with a legend (UseBar.vue). */
export interface UsePart {
  readonly key: string
  readonly label: string
  readonly value: string
  /** Length in the bar, in the unit of the whole; absent = only in the legend. */
  readonly amount?: number
  readonly tone: 'used' | 'held' | 'free'
  readonly hint: string
}
