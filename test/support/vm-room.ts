/** A Naru of its own for tests that kill one: starts the virtual machine, says so, and keeps it until it is ended. */
import { createVmProvider } from '../../engine/providers/vm/vm-provider.ts'
import type { EngineHandle } from '../../engine/providers/provider.ts'

const [stateFolder = '', imageFolder = '', qemuFolder = ''] = process.argv.slice(2)
const provider = createVmProvider({ stateFolder, imageFolder, qemuFolder, log: (line) => console.error(line), choices: async () => ({ softwareOnly: true, shares: [] }) })

async function main(): Promise<EngineHandle> {
  const handle = await provider.start({ signal: AbortSignal.timeout(600_000), now: Date.now, log: () => undefined, report: () => undefined })
  console.log('ready')
  setInterval(() => undefined, 1_000_000)
  return handle
}

main().catch((error: unknown) => {
  console.error(error)
  process.exit(1)
})
