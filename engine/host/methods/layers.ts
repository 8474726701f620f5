import type { LayerService } from '../../layers/service.ts'
import type { MethodHandlers } from '../../link/handlers.ts'
import type { LayerMethods } from '../../contract/parts/layers.ts'

export function layerMethods(layers: LayerService): Pick<MethodHandlers, keyof LayerMethods> {
  return {
    'layers.summary': (of) => layers.summary(of),
    'layers.list': ({ engineId, imageId, ...query }) => layers.ask('list', { key: layers.keyOf({ engineId, imageId }), ...query }),
    'layers.stat': ({ engineId, imageId, view, path }) => layers.ask('stat', { key: layers.keyOf({ engineId, imageId }), view, path }),
    'layers.find': ({ engineId, imageId, ...query }) => layers.ask('find', { key: layers.keyOf({ engineId, imageId }), ...query }),
    'layers.compare': ({ engineId, imageId, other, ...query }) =>
      layers.ask('compare', { key: layers.keyOf({ engineId, imageId }), other: layers.keyOf(other), ...query }),
    'layers.read': (of, { signal }) => layers.read(of, signal),
  }
}
