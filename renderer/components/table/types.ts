import type { MenuItem } from '../menu.ts'

/** A column of an NTable. The cell is slot `cell-<key>`, or the text of `text`. */
export interface TableColumn<Row> {
  readonly key: string
  /** Head of the column; also its name in the column chooser. */
  readonly label: string
  /** A CSS grid track: `120px`, `minmax(140px, 2fr)` (default `minmax(80px, 1fr)`). */
  readonly width?: string
  readonly align?: 'start' | 'end'
  readonly text?: (row: Row) => string
  /** Ascending order. Without it the column cannot be sorted. */
  readonly compare?: (a: Row, b: Row) => number
  /** `compare` reads nothing but the two rows: what did not change is not compared again. */
  readonly byRow?: boolean
  /** False for a column that is always there (the name). */
  readonly hideable?: boolean
  /** Shown in grey. */
  readonly quiet?: boolean
}

export interface TableSort {
  readonly key: string
  readonly direction: 'ascending' | 'descending'
}

/** Which group a row belongs to; rows without one come last under `fallback`. */
export interface TableGrouping<Row> {
  readonly of: (row: Row) => string
  /** Order of groups; the default is by name. */
  readonly compare?: (a: string, b: string) => number
}

export type RowMenu<Row> = (row: Row, selected: readonly Row[]) => readonly MenuItem[]

/** A line as the table draws it: a group head or a row. */
export type TableLine<Row> =
  | { readonly kind: 'group'; readonly key: string; readonly group: string; readonly rows: readonly Row[] }
  | { readonly kind: 'row'; readonly key: string; readonly row: Row }
