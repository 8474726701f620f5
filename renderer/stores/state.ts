/** The page's copy of the engine room's mirror: containers and images of the current engine. */
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import type { ContainerRow, ImageRow, StatePatch, SyncState } from '../../engine/contract/models.ts'
import { useConnection } from './connection.ts'
import { liveRows, perFrame } from './rows.ts'

export const useState = defineStore('state', () => {
  const connection = useConnection()
  const containers = liveRows<ContainerRow>((row) => row.id)
  const images = liveRows<ImageRow>((row) => row.id)
  const engineId = ref<string | null>(null)
  const revision = ref(0)
  const sync = ref<SyncState>('loading')
  const waiting: StatePatch[] = []

  const flush = perFrame(() => {
    for (const patch of waiting.splice(0)) apply(patch)
  })

  function apply(patch: StatePatch): void {
    if (patch.reset) {
      containers.clear()
      images.clear()
    }
    engineId.value = patch.engineId
    revision.value = patch.revision
    sync.value = patch.sync
    containers.apply(patch.containers)
    images.apply(patch.images)
  }

  function start(): void {
    connection.subscribe('state.watch', {}, {
      item(patch) {
        // A reset makes everything before it void, so what waits never grows beyond one state.
        if (patch.reset) waiting.length = 0
        waiting.push(patch)
        flush()
      },
      broken() {
        if (sync.value === 'live') sync.value = 'stale'
      },
    })
  }

  const running = computed(() => containers.list.value.filter((row) => row.state === 'running').length)
  /** What a table shows: skeletons, rows, or rows that are greyed because they are the last known ones. */
  const stale = computed(() => sync.value === 'stale' || !connection.online)

  return {
    engineId,
    revision,
    sync,
    stale,
    loading: computed(() => sync.value === 'loading'),
    containers: containers.list,
    containerIds: containers.ids,
    container: containers.get,
    images: images.list,
    imageIds: images.ids,
    image: images.get,
    running,
    start,
  }
})
