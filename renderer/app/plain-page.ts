/**
 * The page's way to the document: every text and every spoken or hovered word of a component passes here, so that no name,
 * label, variable, command, description or error of an engine can hide or turn what is read (docs/adr/0033). What is copied,
 * typed, searched and sent is the value itself, which never comes from the document.
 */
import { createRenderer, nodeOps, patchProp } from 'vue'
import type { App, Component } from 'vue'
import { plainLines } from '../../engine/contract/plain-text.ts'

/** Attributes whose value is read to or shown to somebody. */
const SPOKEN = new Set(['title', 'alt', 'placeholder', 'label', 'data-tip', 'aria-label', 'aria-description', 'aria-valuetext', 'aria-placeholder', 'aria-roledescription'])

const renderer = createRenderer<Node, Element>({
  ...nodeOps,
  createText: (text) => nodeOps.createText(plainLines(text)),
  setText: (node, text) => nodeOps.setText(node, plainLines(text)),
  setElementText: (element, text) => nodeOps.setElementText(element, plainLines(text)),
  patchProp: (element, key, before, next, ...more) =>
    patchProp(element, key, before, typeof next === 'string' && SPOKEN.has(key) ? plainLines(next) : next, ...more),
})

/** `createApp` of vue whose texts are written out; mounted on an element. */
export const createPlainApp = (root: Component): App<Element> => renderer.createApp(root)
