/** The body of a create against what the docker CLI sends for the command line Naru shows for the same spec, recorded. */
import { describe, expect, it } from 'vitest'
import type { RunSpec } from '../../../engine/contract/models.ts'
import { createBody } from '../../../engine/containers/create-body.ts'
import { formatRunCommand, parseRunCommand, toCreateRequest } from '../../../engine/containers/run-command.ts'
import golden from '../../fixtures/docker-create.json'
import recorded from '../../fixtures/docker-run.json'
import { plainBody } from '../../support/docker-cli.ts'

const bare: RunSpec = { image: 'nginx', ports: [], env: [], volumes: [], restart: { name: 'no' }, autoRemove: false, pull: 'missing' }

describe('createBody says what the docker CLI says', () => {
  it.each(golden.creates.map((one) => [JSON.stringify(one.spec), one] as const))('%s', (_title, { spec, body }) => {
    const whole = { ...bare, ...(spec as Partial<RunSpec>) }
    expect(plainBody(createBody(whole, whole.image))).toMatchObject(plainBody(body) as object)
  })
})

describe('a command line asks Naru for what it asks the docker CLI for', () => {
  it.each(recorded.runs.map((one) => [one.line, one] as const))('%s', (line, asked) => {
    const read = parseRunCommand(line)
    if ('errors' in read) throw new Error(JSON.stringify(read.errors))
    const { name = '', platform = '', body } = toCreateRequest(read.spec)
    expect({ line, name, platform, body: plainBody(body) }).toEqual(asked)
    // Written again and read again it is the same; `create` is a line without -d.
    expect(parseRunCommand(formatRunCommand(read.spec))).toEqual(read)
  })
  it('has a sample worth the name', () => expect(recorded.runs.length).toBeGreaterThanOrEqual(150))
})
