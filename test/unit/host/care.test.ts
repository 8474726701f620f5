import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { EnginesSnapshot, OperationRow } from '../../../engine/contract/models.ts'
import { createCare } from '../../../engine/host/care.ts'
import type { Care, CareDeps } from '../../../engine/host/care.ts'

const signal = new AbortController().signal
let folder = ''
let now = 0
let status = 'ready'
let rows: OperationRow[] = []
let reset: string[] = []
let care: Care

const raw = {
  LayersSize: 500,
  Images: [{ Id: 'sha256:a', Size: 500, Containers: 1 }],
  Containers: [{ Id: 'c', State: 'running', SizeRw: 7 }, { Id: 'd', State: 'exited', SizeRw: 3 }],
  Volumes: [{ Name: 'v', UsageData: { Size: 40, RefCount: 1 } }],
  BuildCache: [],
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'naru-care-'))
  now = 1_000
  status = 'ready'
  rows = []
  reset = []
  const engines = {
    snapshot: () => ({ engines: [{ id: 'vm', status }] }) as unknown as EnginesSnapshot,
    connection: () => ({ client: { diskUsage: async () => raw, volumeNames: async () => ['v'] }, signal }),
    dataBytes: async () => 4_096,
    resetEngine: async (engineId: string, { onWiped }: { onWiped?: () => Promise<void> }) => {
      reset.push(engineId)
      await onWiped?.()
    },
  } as unknown as CareDeps['engines']
  care = createCare({ engines, operations: () => rows, stateFolder: folder, now: () => now })
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const row = (id: string, engineId: string, state: OperationRow['status']): OperationRow =>
  ({ id, engineId, status: state, subject: `subject of ${id}` }) as OperationRow

describe('a factory reset', () => {
  it('lists what will be lost, with sizes', async () => {
    expect(await care.loss('vm', signal)).toEqual({
      known: true, containers: 2, running: 1, images: 1, volumes: 1,
      containersBytes: 10, imagesBytes: 500, volumesBytes: 40, buildCacheBytes: 0, dataBytes: 4_096, consent: expect.any(String),
    })
    status = 'failed'
    expect(await care.loss('vm', signal)).toMatchObject({ known: false, images: 0, dataBytes: 4_096 })
  })

  it('happens once per list that was looked at, and not long after', async () => {
    const options = { signal }
    await expect(care.reset('vm', 'made up', 'me', options)).rejects.toMatchObject({ code: 'conflict', hint: 'reset-consent' })
    const { consent } = await care.loss('vm', signal)
    await expect(care.reset('native', consent, 'me', options)).rejects.toMatchObject({ hint: 'reset-consent' })
    // A wrong use uses it up, too.
    await expect(care.reset('vm', consent, 'me', options)).rejects.toMatchObject({ hint: 'reset-consent' })
    const late = (await care.loss('vm', signal)).consent
    now += 600_000
    await expect(care.reset('vm', late, 'me', options)).rejects.toMatchObject({ hint: 'reset-consent' })
    const good = (await care.loss('vm', signal)).consent
    await care.reset('vm', good, 'me', options)
    expect(reset).toEqual(['vm'])
    await expect(care.reset('vm', good, 'me', options)).rejects.toMatchObject({ hint: 'reset-consent' })
  })

  it('waits for nothing: while something is under way it is refused, with its name', async () => {
    const { consent } = await care.loss('vm', signal)
    rows = [row('me', 'vm', 'running'), row('pull', 'vm', 'running'), row('old', 'vm', 'failed'), row('other', 'native', 'running')]
    await expect(care.reset('vm', consent, 'me', { signal })).rejects.toMatchObject({ hint: 'reset-busy', params: { operations: ['subject of pull'] } })
    expect(reset).toEqual([])
  })

  it('does not wait for an image that is being read', async () => {
    const { consent } = await care.loss('vm', signal)
    rows = [{ ...row('read', 'vm', 'running'), name: 'layers.analyse' }]
    await care.reset('vm', consent, 'me', { signal })
    expect(reset).toEqual(['vm'])
  })

  it('brings the welcome image back and leaves all else of Naru’s state', async () => {
    for (const name of ['welcome-loaded', 'settings.json']) await writeFile(join(folder, name), '{}')
    await care.reset('vm', (await care.loss('vm', signal)).consent, 'me', { signal })
    expect(await readdir(folder)).toEqual(['settings.json'])
  })
})
