interface Versions {
  version(name: string, suite: string): string | undefined
}
export interface KernelPackageOptions<A extends Versions> {
  readonly apt: Versions & { fetch(name: string, version: string): Promise<string> }
  readonly open: (names: readonly string[]) => Promise<A>
  readonly dependsOf: (deb: string) => Promise<string>
  readonly pins: Readonly<Record<string, unknown>>
  readonly say: (line: string) => void
}
export function kernelPackage<A extends Versions>(options: KernelPackageOptions<A>): Promise<{ kernelName: string; kernelApt: A }>
