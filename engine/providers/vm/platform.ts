/** What kinds of machine the virtual machine runs on, and what each needs of it. Pure data. */

/** Node's own words for platform and architecture. */
export interface HostKind {
  readonly platform: 'linux' | 'darwin' | 'win32'
  readonly arch: 'x64' | 'arm64'
}

export type GuestArch = 'amd64' | 'arm64'

/** The guest has the host's architecture: only then can hardware help. */
export const guestArch = (host: HostKind): GuestArch => (host.arch === 'x64' ? 'amd64' : 'arm64')

/** QEMU's program for a guest. */
export const qemuProgram = (host: HostKind): string => {
  const name = guestArch(host) === 'amd64' ? 'qemu-system-x86_64' : 'qemu-system-aarch64'
  return host.platform === 'win32' ? `${name}.exe` : name
}

/** The host, or null where the virtual machine cannot run at all. */
export function hostKind(platform: string, arch: string): HostKind | null {
  if (platform !== 'linux' && platform !== 'darwin' && platform !== 'win32') return null
  if (arch !== 'x64' && arch !== 'arm64') return null
  return { platform, arch }
}
