/** Volumes and mounts of a create. Pure. */
import type { MountSpec, RunSpec, VolumeSpec } from '../../contract/models.ts'
import { parseBytes } from '../../contract/units.ts'
import { checkSource, checkTarget, fitsShortVolume, formatVolume, mountOfVolume, parseTmpfs } from '../values/storage.ts'
import { inField, refuse } from './refuse.ts'

/** Binds and anonymous volumes: what `-v` can say. */
export function volumeMembers(volumes: readonly VolumeSpec[]): { readonly binds: string[]; readonly anonymous: Record<string, Record<string, never>> } {
  for (const { source, target } of volumes) checkVolume(source, target)
  const short = volumes.filter(fitsShortVolume)
  return {
    binds: short.filter(({ source }) => source !== '').map(formatVolume),
    anonymous: Object.fromEntries(short.filter(({ source }) => source === '').map(({ target }) => [target, {}])),
  }
}

function checkVolume(source: string, target: string): void {
  inField('volumes', () => {
    if (source !== '') checkSource(source)
    checkTarget(target)
  })
}

/** Mounts, tmpfs and what belongs to volumes as a whole. */
export function mountMembers(spec: RunSpec): Record<string, unknown> {
  const mounts = [...spec.volumes.filter((volume) => !fitsShortVolume(volume)).map(mountOfVolume), ...(spec.mounts ?? [])]
  const tmpfs = inField('tmpfs', () => Object.fromEntries((spec.tmpfs ?? []).map(parseTmpfs)))
  return {
    ...(mounts.length > 0 && { Mounts: inField('mounts', () => mounts.map(mountOf)) }),
    ...(spec.tmpfs && { Tmpfs: tmpfs }),
    VolumesFrom: spec.volumesFrom ?? null,
    VolumeDriver: spec.volumeDriver ?? '',
    ...(spec.storageOptions && { StorageOpt: spec.storageOptions }),
  }
}

function mountOf(mount: MountSpec): Record<string, unknown> {
  if (mount.type === 'image' && !mount.source) throw refuse('mounts', 'run.mount.image', 'a mount of an image needs an image')
  return {
    Type: mount.type,
    ...(mount.source && { Source: mount.source }),
    Target: checkTarget(mount.target),
    ...(mount.readOnly && { ReadOnly: true }),
    ...(mount.consistency && { Consistency: mount.consistency }),
    ...OPTIONS[mount.type](mount),
  }
}

const filled = (name: string, options: Record<string, unknown>): Record<string, unknown> => (Object.keys(options).length > 0 ? { [name]: options } : {})

const OPTIONS: { readonly [T in MountSpec['type']]: (mount: MountSpec) => Record<string, unknown> } = {
  bind: ({ propagation, recursive }) =>
    filled('BindOptions', {
      ...(propagation && { Propagation: propagation }),
      ...(recursive === 'disabled' && { NonRecursive: true }),
      ...(recursive === 'writable' && { ReadOnlyNonRecursive: true }),
      ...(recursive === 'readonly' && { ReadOnlyForceRecursive: true }),
    }),
  volume: ({ noCopy, labels, driver, driverOptions, subpath }) =>
    // One option makes the CLI send an empty driver too, and inspect shows it.
    noCopy || labels || driver || driverOptions || subpath
      ? {
          VolumeOptions: {
            ...(noCopy && { NoCopy: true }),
            ...(labels && { Labels: labels }),
            DriverConfig: { ...(driver && { Name: driver }), ...(driverOptions && { Options: driverOptions }) },
            ...(subpath && { Subpath: subpath }),
          },
        }
      : {},
  tmpfs: ({ tmpfsSize, tmpfsMode }) =>
    filled('TmpfsOptions', {
      ...(tmpfsSize && { SizeBytes: parseBytes(tmpfsSize) }),
      ...(tmpfsMode && { Mode: Number.parseInt(tmpfsMode, 8) }),
    }),
  image: ({ subpath }) => filled('ImageOptions', subpath ? { Subpath: subpath } : {}),
}
