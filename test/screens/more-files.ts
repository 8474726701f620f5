/** Folders of a container for the screenshots: kinds, marks, a mount, long and odd names; a stopped one is read from its archive. */
import type { FileEntry } from '../../engine/contract/models.ts'
import type { MethodHandlers, StreamHandlers } from '../../engine/link/handlers.ts'
import { NOW } from './seed.ts'

const HOUR = 3_600_000
const entry = (name: string, more: Partial<FileEntry> = {}): FileEntry => ({
  name, type: 'file', sizeBytes: 4_096, mode: 0o644, uid: 0, gid: 0, modifiedAt: NOW - 30 * HOUR, mark: 'unmodified', ...more,
})
const folder = (name: string, more: Partial<FileEntry> = {}): FileEntry => entry(name, { type: 'directory', sizeBytes: 0, mode: 0o755, ...more })

const ENTRIES: readonly FileEntry[] = [
  folder('bin'), folder('conf.d', { mark: 'changed', modifiedAt: NOW - HOUR }), folder('data', { mount: 'volume', uid: 999, gid: 999 }), folder('tmp', { mode: 0o1777 }),
  entry('access 2026-11-27.log', { sizeBytes: 48_301_556, mark: 'added', uid: 101, gid: 101, modifiedAt: NOW - 40_000 }),
  entry('a rather long name of a file that was written by a build and that nobody would ever type by hand, version 12.tar.gz', { sizeBytes: 1_204_556_001, mark: 'added' }),
  entry('default.conf', { mark: 'removed', type: 'unknown', sizeBytes: 0, mode: 0, modifiedAt: 0 }),
  entry('entrypoint.sh', { mode: 0o755, sizeBytes: 1_620 }), entry('latest', { type: 'symlink', sizeBytes: 0, mode: 0o777, linkTarget: '../releases/2026-11-27' }),
  entry('nginx.conf', { mark: 'changed', sizeBytes: 648 }), entry('line\\x0abreak "quoted" \\xff.bin', { sizeBytes: 12 }), entry('주문-내역.csv', { sizeBytes: 88_213, mark: 'added' }),
  ...Array.from({ length: 40 }, (_, n) => entry(`segment-${String(n).padStart(4, '0')}.bin`, { sizeBytes: (n + 1) * 77_123 })),
]

export const fileMethods: Partial<MethodHandlers> = {
  'files.page': async ({ offset, limit, text = '' }) => {
    const found = ENTRIES.filter(({ name }) => name.includes(text))
    return { total: found.length, entries: found.slice(offset, offset + limit) }
  },
}

/** @param stopped ids of containers that do not run. */
export function fileStreams(stopped: (id: string) => boolean): Partial<StreamHandlers> {
  return {
    'files.open': async function* ({ id, path }, { signal }) {
      const isStopped = stopped(id)
      if (isStopped) yield { state: 'reading', source: 'read', bytes: 48_000_000, found: 1_204 }
      yield {
        state: 'ready', listingId: 'listing', path, source: isStopped ? 'read' : 'asked', readAt: NOW, total: ENTRIES.length - 1, cut: false, marks: 'ready',
        ...(isStopped && { refusal: 'stopped' as const }),
      }
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    },
  }
}
