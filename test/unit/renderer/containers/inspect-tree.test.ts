import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { templatePath } from '../../../../renderer/screens/Containers/detail/inspect/template-path.ts'
import type { PathStep } from '../../../../renderer/screens/Containers/detail/inspect/template-path.ts'
import { allRows, firstUnfolded, visibleRows } from '../../../../renderer/screens/Containers/detail/inspect/tree.ts'

describe('the path of a value as a template', () => {
  it.each<[readonly PathStep[], unknown, string]>([
    [['Id'], 'x', '{{.Id}}'],
    [['Config', 'Env'], ['A=b'], '{{json .Config.Env}}'],
    [['Config', 'Env', 0], 'A=b', '{{index .Config.Env 0}}'],
    [['Config', 'Labels', 'a.b'], 'x', '{{index .Config.Labels "a.b"}}'],
    [['Mounts', 0, 'Source'], '/x', '{{(index .Mounts 0).Source}}'],
    [['NetworkSettings', 'Ports', '80/tcp', 0, 'HostPort'], '8080', '{{(index (index .NetworkSettings.Ports "80/tcp") 0).HostPort}}'],
    [['Config', 'Labels', 'say "hi"\\'], 'x', '{{index .Config.Labels "say \\"hi\\"\\\\"}}'],
    [['Config', 'ExposedPorts', '80/tcp'], {}, '{{json (index .Config.ExposedPorts "80/tcp")}}'],
  ])('%j', (path, value, text) => expect(templatePath(path, value)).toBe(text))

  it('has its brackets closed, and a quoted word for every key that is no identifier', () => {
    const step = fc.oneof(fc.string({ minLength: 1 }), fc.nat(20))
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 6 }), (path) => {
        const text = templatePath(path, 'x')
        const bare = text.replace(/"(?:[^"\\]|\\.)*"/g, '""')
        expect(bare.split('(').length).toBe(bare.split(')').length)
        for (const key of path) if (typeof key === 'string' && !/^[A-Za-z_]\w*$/.test(key)) expect(text).toContain(JSON.stringify(key))
      }),
      { seed: 3 },
    )
  })
})

describe('the tree', () => {
  const raw = { Id: 'x', Config: { Env: ['A=needle', 'B=c'], Labels: {} }, Empty: null }
  const rows = allRows(raw)
  const names = (unfolded: ReadonlySet<string>, query = ''): string[] => visibleRows(rows, unfolded, query).map(({ name }) => name)

  it('shows the first level, and below what is unfolded', () => {
    expect(names(new Set())).toEqual(['Id', 'Config', 'Empty'])
    expect(names(firstUnfolded(rows))).toEqual(['Id', 'Config', 'Env', 'Labels', 'Empty'])
    expect(names(new Set(rows.map(({ id }) => id)))).toEqual(['Id', 'Config', 'Env', '0', '1', 'Labels', 'Empty'])
  })
  it('a search shows what has the text and what leads there', () => {
    expect(names(new Set(), 'NEEDLE')).toEqual(['Config', 'Env', '0'])
    expect(names(new Set(), 'label')).toEqual(['Config', 'Labels'])
    expect(names(new Set(), 'nothing like it')).toEqual([])
  })
})
