/** One image in full: its configuration, and its history matched to its layers, base first. Pure. */
import type { ImageDetail, ImageHistoryItem, ImageLayer } from '../contract/models.ts'
import type { RawHistoryItem, RawImageInspect } from '../docker/api-types.ts'
import { envVar, exposedPort } from '../containers/inspect.ts'
import { familiarName, imageIdOf, timeOf } from '../state/normalise.ts'

export function imageDetail(raw: RawImageInspect, history: readonly RawHistoryItem[]): ImageDetail {
  const config = raw.Config ?? {}
  const layers = withDirectories(matchLayers(history, raw.RootFS?.Layers ?? []), layerDirectories(raw))
  return {
    id: imageIdOf(raw.Id),
    tags: (raw.RepoTags ?? []).filter((tag) => !tag.includes('<none>')).map(familiarName),
    digests: (raw.RepoDigests ?? []).filter((digest) => !digest.includes('<none>')).map(familiarName),
    createdAt: Math.max(0, timeOf(raw.Created)),
    sizeBytes: raw.Size,
    os: raw.Os ?? '',
    architecture: raw.Architecture ?? '',
    author: raw.Author ?? '',
    exposedPorts: Object.keys(config.ExposedPorts ?? {}).flatMap((key) => exposedPort(key) ?? []),
    env: (config.Env ?? []).map(envVar),
    command: config.Cmd ?? [],
    entrypoint: config.Entrypoint ?? [],
    workingDir: config.WorkingDir ?? '',
    user: config.User ?? '',
    volumes: Object.keys(config.Volumes ?? {}),
    labels: config.Labels ?? {},
    layers,
    history: historyItems(history, layers),
    raw,
  }
}

/** @param layers of the same history, base first */
function historyItems(history: readonly RawHistoryItem[], layers: readonly ImageLayer[]): ImageHistoryItem[] {
  return history.map((item, at) => ({
    id: /^(?:sha256:)?[0-9a-f]{64}$/.test(item.Id) ? imageIdOf(item.Id) : '',
    createdBy: item.CreatedBy,
    createdAt: Math.max(0, item.Created * 1_000),
    sizeBytes: item.Size,
    comment: item.Comment ?? '',
    empty: layers[history.length - 1 - at]?.diffId === '',
  }))
}

/** Instructions that write files, so make a layer even when it is empty. Others only change the configuration. */
const WRITES = /^(?:RUN|COPY|ADD)\b/
/** WORKDIR makes a layer when the folder was not there. */
const MAY_WRITE = /^WORKDIR\b/

/**
 * History (newest first, as the API gives it) with the layers (base first) laid beside it. The API does not say which
 * instruction made a layer: one with bytes did; layers left over go to empty instructions that write files, then to
 * WORKDIR, then to any.
 */
export function matchLayers(history: readonly RawHistoryItem[], diffIds: readonly string[]): ImageLayer[] {
  const steps = [...history].reverse().map((item) => ({ item, instruction: instructionText(item.CreatedBy) }))
  const makers = new Set(steps.filter(({ item }) => item.Size > 0))
  const ranks = [
    (text: string) => WRITES.test(text),
    (text: string) => MAY_WRITE.test(text),
    () => true,
  ]
  for (const fits of ranks) {
    for (const step of steps) {
      if (makers.size < diffIds.length && fits(step.instruction)) makers.add(step)
    }
  }
  let next = 0
  const layers = steps.map((step) => ({
    instruction: step.instruction,
    sizeBytes: step.item.Size,
    createdAt: Math.max(0, step.item.Created * 1_000),
    diffId: makers.has(step) ? (diffIds[next++] ?? '') : '',
  }))
  // More layers than history: flattened or imported images tell nothing about the rest.
  const untold = diffIds.slice(next).map((diffId) => ({ instruction: '', sizeBytes: 0, createdAt: 0, diffId }))
  return [...layers, ...untold]
}

/**
 * Directory of each layer on the engine's host, base first; empty when the engine does not tell all of them. overlay2 and
 * Podman's overlay name the newest layer's directory apart and those below it from the newest down.
 */
export function layerDirectories({ GraphDriver, RootFS }: Pick<RawImageInspect, 'GraphDriver' | 'RootFS'>): string[] {
  const { UpperDir = '', LowerDir = '' } = GraphDriver?.Data ?? {}
  const directories = [UpperDir, ...LowerDir.split(':')].filter((path) => path.startsWith('/')).reverse()
  return directories.length === (RootFS?.Layers ?? []).length ? directories : []
}

function withDirectories(layers: readonly ImageLayer[], directories: readonly string[]): ImageLayer[] {
  const rest = directories.values()
  return layers.map((layer) => {
    const directory = layer.diffId === '' ? undefined : rest.next().value
    return directory === undefined ? layer : { ...layer, directory }
  })
}

/** A history entry as the line of the Dockerfile it came from, for the classic builder, BuildKit and Podman. */
export function instructionText(createdBy: string): string {
  const text = createdBy.trim()
  const noOperation = /^(?:\/bin\/sh|cmd) (?:-c|\/S \/C) #\(nop\)\s*/
  if (noOperation.test(text)) return text.replace(noOperation, '')
  const plain = text.replace(/\s*# buildkit$/, '')
  const run = /^(?:RUN\s+)?(?:\|\d+ .*?)?\/bin\/sh -c\s+/s
  return run.test(plain) ? `RUN ${plain.replace(run, '')}` : plain
}
