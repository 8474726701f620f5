/** The `docker build` line of a build. Pure. */
import type { BuildSpec } from '../contract/models.ts'
import { joinCommand } from '../containers/run-command.ts'

/** Every word quoted for `sh`; defaults are left out. The context comes last. */
export function formatBuildCommand(spec: BuildSpec): string {
  const flag = (name: string, value: string | undefined): string[] => (value ? [name, value] : [])
  const { folder, dockerfile } = spec
  const file = dockerfile && dockerfile !== 'Dockerfile' ? (dockerfile.startsWith('/') ? dockerfile : `${folder.replace(/\/$/, '')}/${dockerfile}`) : undefined
  return joinCommand([
    'docker',
    'build',
    ...spec.tags.flatMap((tag) => ['-t', tag]),
    ...flag('-f', file),
    ...flag('--target', spec.target),
    ...spec.buildArgs.flatMap(({ name, value }) => ['--build-arg', `${name}=${value}`]),
    ...spec.labels.flatMap(({ name, value }) => ['--label', `${name}=${value}`]),
    ...flag('--platform', spec.platform),
    ...(spec.noCache ? ['--no-cache'] : []),
    ...(spec.pull ? ['--pull'] : []),
    folder,
  ])
}
