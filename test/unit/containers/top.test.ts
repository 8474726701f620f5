import { describe, expect, it, vi } from 'vitest'
import { processesOf, readProcesses } from '../../../engine/containers/top.ts'
import { NaruError } from '../../../engine/contract/errors.ts'
import type { RawTop } from '../../../engine/docker/inside.ts'
import { compareCells, shownCell } from '../../../renderer/screens/Containers/detail/processes.ts'

const signal = new AbortController().signal
const GOOD: RawTop = { Titles: ['PID', 'USER', '%CPU', 'RSS', 'TIME', 'COMMAND'], Processes: [['7', 'root', '0.5', '1380', '00:00:01', 'nginx: master process']] }

describe('processesOf', () => {
  it('knows what the columns of Docker mean', () => {
    const { columns, rows, total } = processesOf({ Titles: ['UID', 'PID', 'C', 'CMD'], Processes: [['root', '1', '0', 'sh -c a  b']] }, [])
    expect(columns.map(({ kind }) => kind)).toEqual(['user', 'pid', 'other', 'command'])
    expect(rows).toEqual([['root', '1', '0', 'sh -c a  b']])
    expect(total).toBe(1)
  })

  it('splits what Podman gives as one text, and keeps the spaces of the command', () => {
    const { columns, rows } = processesOf({ Titles: ['PID   USER     TIME  COMMAND'], Processes: [['    1 root      0:00 sh -c echo  a b'], ['12 nobody 0:01 x']] }, [])
    expect(columns.map(({ title }) => title)).toEqual(['PID', 'USER', 'TIME', 'COMMAND'])
    expect(rows).toEqual([
      ['1', 'root', '0:00', 'sh -c echo  a b'],
      ['12', 'nobody', '0:01', 'x'],
    ])
  })

  it('gives every row as many cells as there are titles', () => {
    const { rows } = processesOf({ Titles: ['PID', 'USER', 'CMD'], Processes: [['1'], [], ['1', 'a', 'b', 'c']] }, [])
    expect(rows).toEqual([['1', '', ''], ['', '', ''], ['1', 'a', 'b c']])
    expect(processesOf({ Titles: null, Processes: null }, [])).toMatchObject({ columns: [], rows: [], total: 0 })
  })

  it('tells the true number of very many', () => {
    const { rows, total } = processesOf({ Titles: ['PID'], Processes: Array.from({ length: 5_000 }, (_, n) => [String(n)]) }, [])
    expect([rows.length, total]).toEqual([2_000, 5_000])
  })
})

describe('readProcesses', () => {
  it('asks otherwise when the engine cannot tell our columns', async () => {
    const topContainer = vi.fn(async (_id: string, psArgs: string | undefined): Promise<RawTop> => {
      if (psArgs?.startsWith('-eo')) throw new NaruError('internal', 'ps: unrecognized option')
      return psArgs === undefined ? GOOD : {}
    })
    expect((await readProcesses({ topContainer }, 'x', signal)).psArgs).toEqual([])
    expect(topContainer.mock.calls.map(([, psArgs]) => psArgs)).toEqual(['-eo pid,user,pcpu,rss,time,args', 'hpid,huser,pcpu,rss,time,args', undefined])
  })

  it('says at once that it does not run, and at the end when the engine says nothing', async () => {
    const refuse = vi.fn(() => Promise.reject(new NaruError('conflict', 'is not running')))
    await expect(readProcesses({ topContainer: refuse }, 'x', signal)).rejects.toMatchObject({ code: 'conflict' })
    expect(refuse).toHaveBeenCalledTimes(1)
    await expect(readProcesses({ topContainer: async () => ({}) }, 'x', signal)).rejects.toMatchObject({ code: 'conflict' })
  })
})

describe('cells', () => {
  const format = { bytes: (bytes: number) => `${bytes} B`, percent: (value: number) => `${value.toFixed(1)} %` }
  it('show sizes and shares, and whatever else as it is', () => {
    expect(shownCell('memory', '2', format)).toBe('2048 B')
    expect(shownCell('cpu', '0.000', format)).toBe('0.0 %')
    expect(shownCell('cpu', '?', format)).toBe('?')
    expect(shownCell('pid', '12', format)).toBe('12')
  })
  it('are sorted by value when they are numbers', () => {
    expect(['10', '9', '100'].sort(compareCells)).toEqual(['9', '10', '100'])
    expect(['b', 'a'].sort(compareCells)).toEqual(['a', 'b'])
  })
})
