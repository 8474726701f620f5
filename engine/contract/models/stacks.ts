/**
 * How the stacks of an engine's images lie in each other. A layer is stored once for all images that have it **on the
 * same layers below**: what counts is the chain of diff ids from the base up to it, not the diff id alone.
 */

export interface StackLayer {
  /** `sha256:…` of the layer's plain tar. */
  readonly diffId: string
  /** `sha256:…` of the layer with all below it, as the engine stores it. Source: OCI image-spec, config.md, "Layer ChainID". */
  readonly chainId: string
  /** Bytes of its files as the engine counts them. */
  readonly sizeBytes: number
  /** Ids of other images that stand on the same chain; at most 100. */
  readonly sharedWith: readonly string[]
  /** How many those are in all. */
  readonly sharedCount: number
}

export interface ImageShare {
  /** Bytes no other image has: what deleting it would free. */
  readonly uniqueBytes: number
  readonly sharedBytes: number
  /** `linux/amd64`, `linux/arm64/v8`: only an image's own configuration tells, no list does. */
  readonly platform: string
}

export interface ImageStack extends ImageShare {
  readonly imageId: string
  /** Base first; only what holds files. */
  readonly layers: readonly StackLayer[]
}

/** Every image of an engine; each layer counted once in the sums. */
export interface StackSums {
  /** By image id. As `docker system df -v` counts: shared + unique = the image's size. */
  readonly images: Readonly<Record<string, ImageShare>>
  readonly layerCount: number
  readonly totalBytes: number
  /** Bytes of layers that two or more images have, counted once. */
  readonly sharedBytes: number
  /** Bytes of layers that one image alone has. */
  readonly uniqueBytes: number
  /** What the images' sizes come to when each is taken for itself. */
  readonly apparentBytes: number
}

export interface WritableLayer {
  /** Container. */
  readonly id: string
  /** What the container wrote, bytes. */
  readonly writableBytes: number
}
