/** Connections broken from outside, by the kernel: neither end does anything for it. */
import { exec } from '../../../engine/system/exec.ts'

/**
 * Cuts every connection to the web shell's port where it stands, as a network that goes away would; gives how many there were.
 * Not through the inspector: what that runs may come in the middle of Node's own code. A socket destroyed there made it take the
 * length of what another had read for an error's number ("It must be a negative integer"), and the process ended.
 */
export async function cutLinks(port: number): Promise<number> {
  const { stdout } = await exec('ss', ['--kill', '--tcp', '--numeric', '--no-header', 'state', 'established', 'src', `127.0.0.1:${port}`])
  return stdout.split('\n').filter((line) => line.trim() !== '').length
}
