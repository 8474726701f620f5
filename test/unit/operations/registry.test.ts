import { describe, expect, it, vi } from 'vitest'
import { NaruError } from '../../../engine/contract/errors.ts'
import type { OperationName, OperationRow, RowPatch } from '../../../engine/contract/models.ts'
import { OPERATION_ARGS } from '../../../engine/contract/validate.ts'
import { createOperationRegistry } from '../../../engine/operations/registry.ts'
import type { RunContext, Runner, Runners } from '../../../engine/operations/runner.ts'

type Run = (arg: unknown, context: RunContext) => Promise<unknown>

/** Runners that all do `run`. */
function runnersDoing(run: Run, cancellable = true): Runners {
  const runner = { cancellable, describe: () => ({ subject: 'web', targets: ['c1'], command: 'docker start web' }), run }
  const names = Object.keys(OPERATION_ARGS) as OperationName[]
  return Object.fromEntries(names.map((name) => [name, runner as unknown as Runner<OperationName>])) as unknown as Runners
}

const untilAborted: Run = (_arg, { signal }) =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('socket hang up'))))

const onWeb = { engineId: 'native', id: 'c1' }

describe('createOperationRegistry', () => {
  it('lists an operation from its start to its result', async () => {
    let time = 100
    const registry = createOperationRegistry({ runners: runnersDoing(async () => ({})), now: () => time++ })
    const id = registry.start('containers.start', onWeb)
    expect(registry.rows()).toMatchObject([{ id, status: 'running', subject: 'web', targets: ['c1'], command: 'docker start web' }])
    expect(await registry.settled(id)).toMatchObject({ status: 'succeeded', startedAt: 100, endedAt: 101, result: {}, cancellable: false })
  })

  it('refuses bad arguments before anything runs', () => {
    const run = vi.fn<Run>()
    const registry = createOperationRegistry({ runners: runnersDoing(run) })
    expect(() => registry.start('containers.start', { engineId: 'native', id: '../x' })).toThrowError(
      expect.objectContaining({ code: 'invalid-request' }),
    )
    expect(run).not.toHaveBeenCalled()
  })

  it('carries the code of a failure with engine and operation', async () => {
    const fails: Run = async () => {
      throw new NaruError('port-in-use', 'taken', { params: { port: 80 }, detail: 'bind: address already in use' })
    }
    const registry = createOperationRegistry({ runners: runnersDoing(fails) })
    const id = registry.start('containers.start', onWeb)
    expect(await registry.settled(id)).toMatchObject({
      status: 'failed',
      error: { code: 'port-in-use', engineId: 'native', operationId: id, detail: 'bind: address already in use' },
    })
  })

  it('calls whatever an abort makes of it cancelled', async () => {
    const registry = createOperationRegistry({ runners: runnersDoing(untilAborted) })
    const id = registry.start('containers.start', onWeb)
    registry.cancel(id)
    expect(await registry.settled(id)).toMatchObject({ status: 'cancelled' })
    expect(() => registry.cancel(id)).not.toThrow()
  })

  it('says when it cannot be cancelled or is not known', async () => {
    const registry = createOperationRegistry({ runners: runnersDoing(untilAborted, false) })
    const id = registry.start('containers.start', onWeb)
    expect(() => registry.cancel(id)).toThrowError(expect.objectContaining({ code: 'invalid-request' }))
    expect(() => registry.cancel('nobody')).toThrowError(expect.objectContaining({ code: 'not-found' }))
    await registry.close()
  })

  it('repeats with the same arguments', async () => {
    const run = vi.fn<Run>(async () => ({}))
    const registry = createOperationRegistry({ runners: runnersDoing(run) })
    const first = registry.start('containers.stop', { ...onWeb, graceSeconds: 3 })
    await registry.settled(first)
    await registry.settled(registry.retry(first))
    expect(run.mock.calls.map(([arg]) => arg)).toEqual([{ ...onWeb, graceSeconds: 3 }, { ...onWeb, graceSeconds: 3 }])
  })

  it('keeps a bounded history, oldest gone first', async () => {
    const registry = createOperationRegistry({ runners: runnersDoing(async () => ({})), history: 3 })
    const ids = Array.from({ length: 5 }, () => registry.start('containers.start', onWeb))
    await vi.waitFor(() => expect(registry.rows().map((row) => row.id)).toEqual(ids.slice(2)))
    registry.clear()
    expect(registry.rows()).toEqual([])
  })

  it('works on a bounded number at once', async () => {
    let now = 0
    let peak = 0
    const run: Run = async () => {
      peak = Math.max(peak, ++now)
      await new Promise((resolve) => setTimeout(resolve, 5))
      now--
    }
    const registry = createOperationRegistry({ runners: runnersDoing(run), atOnce: 2, most: 6 })
    const ids = Array.from({ length: 6 }, () => registry.start('containers.start', onWeb))
    expect(() => registry.start('containers.start', onWeb)).toThrowError(expect.objectContaining({ code: 'invalid-request' }))
    await Promise.all(ids.map((id) => registry.settled(id)))
    expect(peak).toBe(2)
  })

  it('gives a late reader everything, then changes; progress is limited but the newest arrives', async () => {
    let finish = () => {}
    const run: Run = (_arg, { report }) => {
      for (let bytes = 1; bytes <= 50; bytes++) {
        report({ step: 'pulling', parts: [{ id: 'a', state: 'downloading', currentBytes: bytes }] })
      }
      return new Promise((resolve) => {
        finish = () => resolve({})
      })
    }
    const registry = createOperationRegistry({ runners: runnersDoing(run), progressMs: 10 })
    const id = registry.start('containers.start', onWeb)
    const stop = new AbortController()
    const items: RowPatch<OperationRow>[] = []
    const reading = (async () => {
      for await (const item of registry.watch(stop.signal)) items.push(item)
    })()
    await vi.waitFor(() => expect(items.at(-1)?.upsert[0]?.progress?.parts[0]?.currentBytes).toBe(50))
    expect(items.length).toBeLessThanOrEqual(3)
    finish()
    await registry.settled(id)
    await vi.waitFor(() => expect(items.at(-1)?.upsert[0]?.status).toBe('succeeded'))
    stop.abort()
    await reading
  })

  it('ends everything when closed', async () => {
    const registry = createOperationRegistry({ runners: runnersDoing(untilAborted), atOnce: 1 })
    registry.start('containers.start', onWeb)
    registry.start('containers.start', onWeb)
    await registry.close()
    expect(registry.rows().map((row) => row.status)).toEqual(['cancelled', 'cancelled'])
    expect(() => registry.start('containers.start', onWeb)).toThrowError(expect.objectContaining({ code: 'cancelled' }))
  })
})

describe('secrets', () => {
  const secret = 'Geheim-Wort-77'
  const spec = {
    image: 'mysql', ports: [], volumes: [], restart: { name: 'no' as const }, autoRemove: false, pull: 'missing' as const,
    env: [{ name: 'DB_PASSWORD', value: secret }],
  }
  const arg = { engineId: 'native', spec }
  const withSecret = (run: Run): Runners => {
    const description = { subject: `https://me:${secret}@host/x`, targets: [], command: `docker run -e DB_PASSWORD=${secret} mysql` }
    const runners = runnersDoing(run)
    return { ...runners, 'containers.run': { ...runners['containers.run'], describe: () => description } }
  }

  it('are not in the row, whatever the engine repeats, and in the line only when it is asked for', async () => {
    const fails: Run = async (_arg, { describe: correct }) => {
      correct({ command: `docker run --name x -e DB_PASSWORD=${secret} mysql` })
      throw new NaruError('internal', `bad env ${secret}`, { detail: `{"Env":["DB_PASSWORD=${secret}"]} ${secret}`, params: { name: secret, list: [secret] } })
    }
    const seen: unknown[] = []
    const registry = createOperationRegistry({ runners: withSecret(fails), onArgument: (given) => seen.push(given) })
    const id = registry.start('containers.run', arg)
    const row = await registry.settled(id)
    expect(JSON.stringify(row)).not.toContain(secret)
    expect(row).toMatchObject({ command: 'docker run --name x -e DB_PASSWORD mysql', shown: 'docker run --name x -e DB_PASSWORD=•••••••• mysql', needs: ['DB_PASSWORD'] })
    expect(registry.command(id)).toBe(`docker run --name x -e DB_PASSWORD=${secret} mysql`)
    expect(seen).toEqual([arg])
    expect(() => registry.command('unknown')).toThrowError(expect.objectContaining({ code: 'not-found' }))
  })

  it('go along when the same is done again', async () => {
    const run = vi.fn<Run>(async () => ({}))
    const registry = createOperationRegistry({ runners: withSecret(run) })
    const id = registry.start('containers.run', arg)
    await registry.settled(id)
    await registry.settled(registry.retry(id))
    expect(run.mock.calls.map(([given]) => given)).toEqual([arg, arg])
  })
})
