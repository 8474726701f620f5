/** The machine of an engine room without QEMU's help: what it tells, what it makes, what it forgets. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { MachineState, VmSettings } from '../../../engine/contract/models.ts'
import { createMachine } from '../../../engine/providers/vm/machine.ts'
import type { Machine } from '../../../engine/providers/vm/machine.ts'
import { vmPaths } from '../../../engine/providers/vm/paths.ts'
import { canProvide, provide, whatIsMissing } from '../../../engine/providers/vm/provide.ts'

let folder = ''
let settings: VmSettings = {}
let machine: Machine
const end = new AbortController()

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'naru-machine-'))
  settings = {}
  machine = createMachine({ stateFolder: join(folder, 'vm'), imageFolder: join(folder, 'image'), home: '/nonexistent/home', settings: () => settings, log: () => undefined })
})
afterEach(async () => {
  machine.close()
  await rm(folder, { recursive: true, force: true })
})

const read = async (items: AsyncIterator<MachineState>): Promise<MachineState> => {
  const { value, done } = await items.next()
  return done ? expect.fail('the states ended') : value
}

describe('the machine while it does not run', () => {
  it('tells what the next start would give, and again after a change of the settings', async () => {
    const items = machine.watch(end.signal)[Symbol.asyncIterator]()
    expect(await read(items)).toMatchObject({ engineId: 'vm', running: false, folders: [], hostLoopback: false, restartFor: [], phases: [] })
    settings = { memoryMiB: 768, cpus: 1, softwareOnly: true, hostLoopback: true }
    machine.changed()
    expect(await read(items)).toMatchObject({ memoryMiB: 768, cpus: 1, hostLoopback: true, acceleration: { name: 'tcg', software: true, why: 'chosen' } })
    await items.return?.()
  })

  it('forgets which acceleration worked when it is asked to', async () => {
    const { memory } = vmPaths(join(folder, 'vm'))
    await mkdir(join(folder, 'vm'))
    await writeFile(memory, JSON.stringify({ key: 'k', accel: 'tcg', cpu: 'max' }))
    await machine.forgetAcceleration()
    await expect(readFile(memory)).rejects.toThrow('ENOENT')
    await machine.forgetAcceleration()
  })

  it('reads its console from the end, at most forty lines', async () => {
    const paths = vmPaths(join(folder, 'vm'))
    expect(await machine.console()).toEqual([])
    await mkdir(paths.run, { recursive: true })
    await writeFile(paths.console, Array.from({ length: 60 }, (_, n) => `line ${n}\n`).join(''))
    expect(await machine.console()).toHaveLength(40)
    expect((await machine.console()).at(-1)).toBe('line 59')
  })
})

describe('what the machine needs', () => {
  it('is named when it is missing', async () => {
    const found = await whatIsMissing({ platform: 'linux', arch: 'x64' }, { imageFolder: join(folder, 'image') })
    expect(found).toMatchObject({ code: 'provider.absent', hint: expect.stringMatching(/vm-image-missing|vm-qemu-missing/) })
  })

  it('is not made where nobody said how', async () => {
    expect(await canProvide(undefined)).toBe(false)
  })

  it('is made by a program whose lines are told; one that fails is told with its last words', async () => {
    const lines: string[] = []
    const setup = (script: string) => ({ file: process.execPath, args: ['-e', script], env: { NARU_TEST_WORD: 'image' } })
    await provide(setup('console.log("making the " + process.env.NARU_TEST_WORD)'), end.signal, (line) => lines.push(line))
    expect(lines).toEqual(['making the image'])
    await expect(provide(setup('console.error("no mirror"); process.exit(1)'), end.signal, () => undefined)).rejects.toMatchObject({ code: 'provider.absent', hint: 'vm-provide', detail: 'no mirror' })
  })
})
