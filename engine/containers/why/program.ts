/** What a file that could not be executed is, by its first bytes. Pure. */

export type ProgramHead =
  | { readonly kind: 'script'; readonly interpreter: string; readonly windowsLines: boolean }
  /** `machine`: as the ELF header numbers it. */
  | { readonly kind: 'elf'; readonly machine: number }
  | { readonly kind: 'other' }

/** Machine numbers of ELF and the engine's words for the same processor. Source: elf.h, Go's GOARCH. */
const MACHINES: Readonly<Record<number, string>> = { 3: '386', 8: 'mips', 20: 'ppc', 21: 'ppc64', 22: 's390x', 40: 'arm', 62: 'amd64', 183: 'arm64', 243: 'riscv64', 258: 'loong64' }

export const machineName = (machine: number): string => MACHINES[machine] ?? String(machine)

/** @param bytes the file's beginning; 64 bytes are enough for programs, a line for scripts */
export function programHead(bytes: Uint8Array): ProgramHead {
  const text = Buffer.from(bytes).toString('latin1')
  if (text.startsWith('\x7fELF') && bytes.length >= 20) {
    const big = bytes[5] === 2
    const [first = 0, second = 0] = [bytes[18], bytes[19]]
    return { kind: 'elf', machine: big ? first * 256 + second : second * 256 + first }
  }
  const line = /^#!\s*([^\n]*)/.exec(text)?.[1]
  if (line === undefined) return { kind: 'other' }
  const [interpreter = ''] = line.split(/[ \t\r]/)
  return { kind: 'script', interpreter, windowsLines: line.endsWith('\r') }
}
