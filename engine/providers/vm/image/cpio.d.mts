export interface CpioEntry {
  readonly path: string
  readonly kind: 'folder' | 'link' | 'file'
  readonly content?: Uint8Array | string
  readonly executable?: boolean
}
export function cpio(entries: readonly CpioEntry[]): Buffer
