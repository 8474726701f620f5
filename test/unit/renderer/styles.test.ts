/** A rule outside of `scoped` meets every screen: what it names has to be nobody else's. */
import { readFileSync, readdirSync } from 'node:fs'
import { expect, test } from 'vitest'

const files = readdirSync('renderer', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.vue')).map((name) => `renderer/${name}`)
const stylesOf = (file: string) =>
  [...readFileSync(file, 'utf8').matchAll(/^<style([^>]*)>\n(.*?)^<\/style>/gms)].map(([, how = '', css = '']) => ({ scoped: how.includes('scoped'), css }))
/** The first class of each rule. */
const leadsOf = (css: string): string[] => [...css.matchAll(/^\.([\w-]+)/gm)].map(([, name = '']) => name)

test('a component’s rules for everybody begin with a name of its own', () => {
  const found = files.flatMap((file) =>
    stylesOf(file)
      .filter(({ scoped }) => !scoped)
      .flatMap(({ css }) => leadsOf(css))
      .filter((name) => !name.startsWith('n-') && name !== 'palette')
      .map((name) => `${file}: .${name}`),
  )
  expect(found).toEqual([])
})

test('a part of a scoped component that others have as well is named together with its root', () => {
  // `.plain code` of one component meets its code inside of another component's `.plain`, too.
  const found = files.flatMap((file) =>
    stylesOf(file)
      .filter(({ scoped }) => scoped)
      .flatMap(({ css }) => [...css.matchAll(/^\.(plain|compact|small|wide|open|active|current|quiet) [\w.]/gm)])
      .map(([rule]) => `${file}: ${rule}`),
  )
  expect(found).toEqual([])
})

test('with reduced motion nothing is in transition: what a script sets is so when it measures next', () => {
  // The shortest duration there is would make a transition of every change, as everything may be in one unless told otherwise.
  const [, calm = ''] = /@media \(prefers-reduced-motion: reduce\) \{(.*?)\n\}/s.exec(readFileSync('renderer/styles/base.css', 'utf8')) ?? []
  expect(calm).toMatch(/transition-duration: 0s !important/)
})
