/** The virtual machine's data on this machine: one file. */
import { realpath, rm, stat } from 'node:fs/promises'
import { NaruError } from '../../contract/errors.ts'
import { takeLock } from '../../system/files.ts'
import type { EngineData } from '../provider.ts'
import { vmPaths } from './paths.ts'
import type { VmPaths } from './paths.ts'
import { findMachine } from './record.ts'

/** What of a sparse file is really there. */
const BLOCK_BYTES = 512

export function vmData(stateFolder: string): EngineData {
  const paths = async (): Promise<VmPaths> => vmPaths(await realpath(stateFolder).catch(() => stateFolder))
  return {
    bytes: async () => {
      const { data } = await paths()
      return stat(data).then(({ blocks }) => blocks * BLOCK_BYTES, () => 0)
    },
    async wipe() {
      const { data, lock: lockFile } = await paths()
      const lock = await takeLock(lockFile)
      try {
        if (await findMachine(await paths())) throw new NaruError('conflict', 'the virtual machine runs', { hint: 'reset-running' })
        for (const path of [data, `${data}.new`]) await rm(path, { force: true })
      } finally {
        await lock.release()
      }
    },
  }
}
