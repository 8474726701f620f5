/**
 * The virtual machine does what the engine of the machine does: the suites of the others, on one boot. In emulation only some
 * of their cases are worth the time; `NARU_TEST_VM=all` runs all of them.
 */
import { createHash, randomFillSync } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { extract } from 'tar-stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectEngine } from '../../engine/docker/connect.ts'
import { createVmProvider } from '../../engine/providers/vm/vm-provider.ts'
import { dialSocket } from '../fake-dockerd/fake-dockerd.ts'
import { busyboxArchive, hasBusybox } from '../support/busybox-image.ts'
import { casesOf } from '../support/cases.ts'
import type { Choice, Suite } from '../support/cases.ts'
import { Page, startEngineRoom } from '../support/engine-room.ts'
import type { EngineRoom } from '../support/engine-room.ts'
import { imageArchive } from '../support/image-archive.ts'
import { WELCOME } from '../support/native.ts'
import { startVmEngine } from '../support/vm-engine.ts'
import type { VmEngine } from '../support/vm-engine.ts'
import { prepareVmImage, VM_IMAGE, VM_QEMU, whyNoVm } from '../support/vm.ts'
import { buildLogWorker } from '../support/worker.ts'
import type { BuiltWorker } from '../support/worker.ts'
import { buildsSuite } from './builds-suite.ts'
import { clientSuite } from './client-suite.ts'
import { containerFilesSuite } from './container-files-suite.ts'
import { housekeepingSuite } from './housekeeping-suite.ts'
import { insideSuite } from './inside-suite.ts'
import { logsSuite } from './logs-suite.ts'
import { mainJobSuite } from './main-job-suite.ts'
import { runCommandSuite } from './run-command-suite.ts'
import { terminalsSuite } from './terminals-suite.ts'

const MINUTE = 60_000
const reason = whyNoVm() ?? (hasBusybox ? null : 'no static busybox')
if (reason) console.log(`skipped: the virtual machine is not tried here (${reason})`)
const all = process.env['NARU_TEST_VM'] === 'all'

/** Limits are for what hangs: everything here is emulated, on a machine that may be busy with other things. */
const PATIENCE = 6

/** Cases for every run of the tests, and those that make no sense here. */
const CHOICE = {
  client: {
    only: [
      'an image can be listed', 'images are saved', 'a container lives', 'followed logs end', 'a taken name', 'a taken port', 'a registry that does not answer',
      'events tell the life', 'disk usage is told', 'the mirror follows',
    ],
    not: {
      'single samples tell': 'shares of an emulated processor on a busy machine say nothing',
      'half a core is told': 'shares of an emulated processor on a busy machine say nothing',
    },
  },
  logs: {
    only: ['tells stdout from stderr', 'delivers what a loud container', 'follows a container that speaks'],
    not: { 'loses and repeats nothing': 'the daemon inside cannot be killed alone; vm.test.ts kills the machine' },
  },
  terminals: { only: ['echoes, knows its size', 'holds a command back', 'leaves no shell behind'] },
  inside: { only: ['tells its processes', 'tells what it wrote'] },
  files: {
    only: ['lists a stopped container', 'makes folders', 'refuses what an upload'],
    not: { 'pages a folder of 100 000': 'a folder of this machine that is not shared with the guest' },
  },
  builds: {
    only: ['tells steps, lines, logs', 'a failing RUN'],
    not: { 'cancel leaves nothing': 'looks for the processes of the step on this machine' },
  },
} satisfies Record<string, Choice>

describe.skipIf(reason !== null)('on the virtual machine, the same:', () => {
  let engine: VmEngine
  beforeAll(async () => {
    await prepareVmImage()
    engine = await startVmEngine()
  }, 16 * MINUTE)
  afterAll(() => engine?.close(), MINUTE)

  /** A suite with its choice of cases. */
  const suite = (choice: Choice, run: (suite: Required<Suite>) => void): void => {
    const { only, ...rest } = choice
    const { cases, checkChoice } = casesOf({ ...rest, ...(!all && only && { only }), patience: PATIENCE })
    run({ name: 'dockerd', start: () => engine.lend(), cases, emulated: true })
    checkChoice()
  }

  describe('client', () => suite(CHOICE.client, ({ start, cases }) => clientSuite(start, cases)))
  describe('logs', () => suite(CHOICE.logs, logsSuite))
  describe('terminals', () => suite(CHOICE.terminals, terminalsSuite))
  describe('inside', () => suite(CHOICE.inside, insideSuite))
  describe('files', () => suite(CHOICE.files, containerFilesSuite))
  describe('builds', () => suite(CHOICE.builds, buildsSuite))
  describe('what the docker CLI makes of a line', () => suite({}, (given) => runCommandSuite(given, all ? 1 : 10)))

  describe('large streams', () => {
    afterAll(() => engine.clear(), 2 * MINUTE)

    it('takes an image of 200 MB and keeps every byte', async () => {
      const content = randomFillSync(Buffer.alloc(200_000_000))
      const sum = createHash('sha256').update(content).digest('hex')
      const tag = 'naru-test/large:1'
      const { archive } = await imageArchive([{ entries: [{ name: 'large', content }] }], { tag })
      const client = await connectEngine(() => dialSocket(engine.socketPath), { engineId: 'vm', signal: AbortSignal.timeout(MINUTE) })
      try {
        const pieces = (function* () {
          for (let at = 0; at < archive.length; at += 1 << 20) yield archive.subarray(at, at + (1 << 20))
        })()
        for await (const message of client.loadImage(Readable.from(pieces))) void message
        // The engine compared the layer with its digest; the way back is compared here.
        const { Id } = await client.createContainer({ Image: tag, Cmd: ['/none'], HostConfig: { NetworkMode: 'none' } }, {})
        const back = createHash('sha256')
        const tar = extract()
        const read = pipeline(client.readArchive(Id, Buffer.from('/large'), { signal: AbortSignal.timeout(10 * MINUTE) }), tar)
        for await (const entry of tar) await pipeline(entry, back)
        await read
        expect(back.digest('hex')).toBe(sum)
      } finally {
        client.close()
      }
    }, 15 * MINUTE)

    it('takes all that an exec is fed, and gives what it says after its input has ended', async () => {
      const { docker, folder } = engine.home
      const archive = join(folder, 'busybox.tar')
      await writeFile(archive, await busyboxArchive('bb:1'))
      await docker(['load', '-i', archive])
      await docker(['run', '-d', '--name', 'fed', 'bb:1', 'sleep', '3600'])
      const input = 'half of it is closed\n'.repeat(500_000)
      const sum = createHash('sha256').update(input).digest('hex')
      expect(await docker(['exec', '-i', 'fed', 'sh', '-c', 'busybox sha256sum; echo after the end'], input)).toBe(`${sum}  -\nafter the end`)
    }, 6 * MINUTE)
  })

  describe('in Naru’s own hands, taken over while it runs', () => {
    let room: EngineRoom
    let worker: BuiltWorker
    let page: Page
    const engineId = 'vm'
    beforeAll(async () => {
      worker = await buildLogWorker()
      await engine.letGo()
      const provider = createVmProvider({ stateFolder: engine.home.paths.state, imageFolder: VM_IMAGE, qemuFolder: VM_QEMU, log: () => undefined, choices: async () => ({ softwareOnly: true }) })
      room = await startEngineRoom({ welcomeImage: WELCOME, logWorkerPath: worker.path, env: { NARU_SOCKETS: '' }, engines: { providers: [provider] } })
      await room.link.call('engines.select', { engineId })
      await room.engines(({ engines }) => engines.some(({ id, status }) => id === engineId && status === 'ready'))
      page = new Page(room.link)
    }, 6 * MINUTE)
    afterAll(async () => {
      await page?.close()
      await room?.close()
      await worker?.remove()
      await engine.takeBack()
    }, 2 * MINUTE)

    suite({}, ({ cases }) => mainJobSuite({ room: () => room, page: () => page, engineId }, cases))
    suite({}, ({ cases }) => housekeepingSuite({ room: () => room, engineId: () => engineId, podman: false }, cases))
  })
})
