/** The sending half of the link runs in Node everywhere but here: gives the page Node's setImmediate. */
Object.assign(globalThis, {
  setImmediate: (run: () => void): number => window.setTimeout(run, 0),
  clearImmediate: (id: number): void => window.clearTimeout(id),
})
