import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cleanInstruction, readInstruction, sizeShare } from '../../../../renderer/screens/Images/instruction.ts'

describe('cleanInstruction', () => {
  it.each([
    ['/bin/sh -c #(nop)  CMD ["nginx" "-g" "daemon off;"]', 'CMD ["nginx" "-g" "daemon off;"]'],
    ['/bin/sh -c #(nop) ADD file:4f3c in / ', 'ADD file:4f3c in /'],
    ['/bin/sh -c apt-get update && apt-get  install -y curl', 'RUN apt-get update && apt-get install -y curl'],
    ['RUN /bin/sh -c apk add tini # buildkit', 'RUN apk add tini'],
    ['RUN |2 A=1 B="two words" /bin/sh -c make # buildkit', 'RUN make'],
    ['|1 VERSION=3 /bin/sh -c make', 'RUN make'],
    ['/bin/bash -c echo hi', 'RUN echo hi'],
    ['RUN /bin/bash -o pipefail -c true', 'RUN /bin/bash -o pipefail -c true'],
    ['COPY . . # buildkit', 'COPY . .'],
    ['cmd /S /C #(nop)  ENV A=1', 'ENV A=1'],
    ['RUN echo a|b', 'RUN echo a|b'],
    ['bazel build ...', 'bazel build ...'],
    ['', ''],
  ])('%s', (raw, clean) => expect(cleanInstruction(raw)).toBe(clean))
  it('is stable and never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => {
      const once = cleanInstruction(text)
      expect(typeof once).toBe('string')
    }))
    for (const text of ['RUN make', 'COPY . .', 'ENV A=1', 'CMD ["sh"]']) expect(cleanInstruction(cleanInstruction(text))).toBe(text)
  })
})

describe('readInstruction', () => {
  it('tells what it is', () => {
    expect(readInstruction('/bin/sh -c make')).toEqual({ verb: 'RUN', rest: 'make', kind: 'run' })
    expect(readInstruction('COPY a b').kind).toBe('copy')
    expect(readInstruction('/bin/sh -c #(nop) ADD file:1 in /', true)).toEqual({ verb: 'ADD', rest: 'file:1 in /', kind: 'base' })
    expect(readInstruction('ENV A=1').kind).toBe('config')
    expect(readInstruction('bazel build ...')).toEqual({ verb: '', rest: 'bazel build ...', kind: 'other' })
    expect(readInstruction('USER')).toEqual({ verb: 'USER', rest: '', kind: 'config' })
  })
})

describe('sizeShare', () => {
  it('is nothing for nothing, whole for the largest, and grows between', () => {
    expect(sizeShare(0, 100)).toBe(0)
    expect(sizeShare(5e6, 5e6)).toBe(1)
    expect(sizeShare(1, 1e9)).toBe(0.03)
    expect(sizeShare(1e6, 1e9)).toBeGreaterThan(sizeShare(1e5, 1e9))
  })
})
