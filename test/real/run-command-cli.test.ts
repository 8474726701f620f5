/** Naru's reading of command lines against the docker CLI's own: same words in, same create body out. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseRunCommand, toCreateRequest } from '../../engine/containers/run-command.ts'
import { BODY_ONLY_COMMANDS, RUN_COMMANDS } from '../fixtures/run-commands.ts'
import { plainBody, startRecorder, whyNoCli } from '../support/docker-cli.ts'
import type { Recorder } from '../support/docker-cli.ts'

const why = whyNoCli()
if (why) console.log(`skipped: ${why}`)
const ALL = [...RUN_COMMANDS, ...BODY_ONLY_COMMANDS]
/** With this variable the fixture of the unit test is written anew. */
const RECORDING = process.env['NARU_RECORD'] === '1'

describe.skipIf(why)('the create body of the docker CLI and of Naru', () => {
  let recorder: Recorder
  const recorded: unknown[] = []
  beforeAll(async () => {
    recorder = await startRecorder()
  })
  afterAll(async () => {
    await recorder.close()
    if (RECORDING) {
      const lines = recorded.map((each) => ` ${JSON.stringify(each)}`).join(',\n')
      await writeFile(join(import.meta.dirname, '../fixtures/docker-run.json'), `{"source": "recorded from docker CLI 28.5.2 (test/real/run-command-cli.test.ts)", "runs": [\n${lines}\n]}\n`)
    }
  })

  it.each(ALL)('%s', async (line) => {
    const cli = await recorder.record(line)
    const asked = { line, name: cli.name, platform: cli.platform, body: plainBody(cli.body) }
    recorded.push(asked)
    const read = parseRunCommand(line)
    expect(read).not.toHaveProperty('errors')
    if ('errors' in read) return
    const { name = '', platform = '', body } = toCreateRequest(read.spec)
    expect({ line, name, platform, body: plainBody(body) }).toEqual(asked)
  })
})
