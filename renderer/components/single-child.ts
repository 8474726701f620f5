import { Comment, Fragment, cloneVNode } from 'vue'
import type { FunctionalComponent, VNode } from 'vue'

type Slots = { default: () => VNode[] }

/** The first node that is drawn; a slot that was handed on comes as a fragment. */
function firstOf(nodes: readonly VNode[]): VNode | undefined {
  for (const node of nodes) {
    const found = node.type === Fragment && Array.isArray(node.children) ? firstOf(node.children as VNode[]) : node
    if (found && found.type !== Comment) return found
  }
  return undefined
}

/** Gives what is on it (attributes, listeners beside its own) to the one control in its slot and draws nothing itself. */
export const SingleChild: FunctionalComponent<Record<string, unknown>, never[], Slots> = (_props, { slots, attrs }) => {
  const child = firstOf(slots.default?.() ?? [])
  return child ? cloneVNode(child, attrs) : null
}
SingleChild.inheritAttrs = false
