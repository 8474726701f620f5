import type { ContainerRow } from '../../engine/contract/models.ts'

/** A running container; give what matters. */
export function row(more: Partial<ContainerRow> = {}): ContainerRow {
  return {
    id: 'c'.repeat(64),
    name: 'web',
    image: 'nginx',
    imageId: `sha256:${'1'.repeat(64)}`,
    command: '',
    createdAt: 0,
    state: 'running',
    health: 'none',
    status: 'Up 2 hours',
    ports: [],
    labels: {},
    networks: [],
    mounts: [],
    ...more,
  }
}
