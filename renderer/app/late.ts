/**
 * Parts of the page that nobody needs at its start. Their files are local, but Chromium breaks off every load when a
 * network interface comes or goes, which an engine's networks do all the time: what failed is asked for again.
 */
import { defineAsyncComponent } from 'vue'
import type { Component } from 'vue'

/** Shortest and longest wait between two attempts, ms. */
const FIRST_WAIT = 100
const LONGEST_WAIT = 2_000

/** Tries until it is there: the page cannot do without it, and a file of its own is not gone for good. */
export function late(load: () => Promise<{ readonly default: Component }>): Component {
  return defineAsyncComponent({
    loader: () => load().then((module) => module.default),
    onError: (_reason, retry, _fail, attempts) => {
      setTimeout(retry, Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(attempts - 1, 10)))
    },
  })
}
