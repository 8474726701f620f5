/**
 * Every flag of `docker run` (docker CLI 28): what it fills in a RunSpec, or why it is refused. The order is the one in
 * which formatRunCommand writes them. Held against the CLI's own help by test/unit/containers/run-flags.test.ts. Pure.
 */
import { HEALTH_FLAGS } from './flags/health.ts'
import type { Flag, SupportedFlag } from './flags/kinds.ts'
import { LIMIT_FLAGS } from './flags/limits.ts'
import { NETWORK_FLAGS } from './flags/network.ts'
import { GENERAL_FLAGS, IMAGE_FLAGS, PROCESS_FLAGS } from './flags/process.ts'
import { REFUSED_FLAGS } from './flags/refused.ts'
import { SECURITY_FLAGS } from './flags/security.ts'
import { STORAGE_FLAGS } from './flags/storage.ts'

export type { Flag, FlagGroup, RefusedFlag, SupportedFlag } from './flags/kinds.ts'

export const SUPPORTED_FLAGS: readonly SupportedFlag[] = [
  ...GENERAL_FLAGS,
  ...PROCESS_FLAGS,
  ...NETWORK_FLAGS,
  ...STORAGE_FLAGS,
  ...LIMIT_FLAGS,
  ...SECURITY_FLAGS,
  ...HEALTH_FLAGS,
  ...IMAGE_FLAGS,
]
export const RUN_FLAGS: readonly Flag[] = [...SUPPORTED_FLAGS, ...REFUSED_FLAGS]

const BY_NAME = new Map(RUN_FLAGS.flatMap((flag) => [flag.name, ...(flag.also ?? [])].map((name) => [name, flag] as const)))
const BY_LETTER = new Map(RUN_FLAGS.flatMap((flag) => (flag.short ? [[flag.short, flag] as const] : [])))

/** The flag of a name without dashes; undefined when docker has none. */
export const findFlag = (name: string): Flag | undefined => BY_NAME.get(name)
export const findShortFlag = (letter: string): Flag | undefined => BY_LETTER.get(letter)
