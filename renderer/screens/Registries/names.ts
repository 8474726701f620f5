/** How a registry is called where people read it. */
import { DEFAULT_DOMAIN, parseReference } from '../../../engine/images/reference.ts'

export function registryName(registry: string): string {
  return registry === DEFAULT_DOMAIN ? 'Docker Hub' : registry
}

/** The registry a reference points at; the Hub for what is no reference. */
export function registryOf(reference: string): string {
  try {
    return parseReference(reference).domain
  } catch {
    return DEFAULT_DOMAIN
  }
}

/** True for a name that only Docker itself may push: on the Hub, without a user's name in front. */
export function lacksNamespace(reference: string): boolean {
  try {
    const { domain, path } = parseReference(reference)
    return domain === DEFAULT_DOMAIN && path.startsWith('library/')
  } catch {
    return false
  }
}
