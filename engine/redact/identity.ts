/** Whose machine it is: home folder, user name, host name and addresses out of a text. Pure. */

export interface Identity {
  readonly home: string
  readonly user: string
  readonly host: string
}

export interface IdentityOptions {
  /** Addresses and names of hosts as well. */
  readonly addresses: boolean
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
/** Users that every machine has tell nothing. */
const PLAIN_USERS: ReadonlySet<string> = new Set(['root', 'user', 'docker', 'naru', 'nobody'])
const V4 = /(?<![\w.])(?!127\.|0\.0\.0\.0)(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\w.])/g
const V6 = /(?<![\w:.])[0-9a-f:]{3,39}(?![\w:.])/gi
/** Not a time of day, not this machine itself. */
const isV6 = (text: string): boolean => text !== '::1' && text !== '::' && /[0-9a-f]/i.test(text) && (text.includes('::') || text.split(':').length === 8)
/** The host of an address with a scheme. */
const HOST = /([a-z][a-z0-9+.-]{0,30}:\/\/(?:[^\s/@"']{0,256}@)?)([a-z][a-z0-9-]{0,63}(?:\.[a-z0-9-]{1,63}){1,8})/gi
const PUBLIC_HOST = /(?:^|\.)(?:docker\.(?:io|com)|github\.com|gcr\.io|ghcr\.io|quay\.io|k8s\.io|microsoft\.com|opencontainers\.org|opentelemetry\.io)$/i

/** The same address has the same stand-in in every text that one mask goes over. */
export function identityMask({ home, user, host }: Identity, { addresses }: IdentityOptions): (text: string) => string {
  const names = new Map<string, string>()
  const standIn = (kind: string, name: string): string => {
    const known = names.get(name) ?? `${kind}-${[...names.values()].filter((each) => each.startsWith(kind)).length + 1}`
    names.set(name, known)
    return known
  }
  const steps: ((text: string) => string)[] = []
  const folder = home.replace(/\/+$/, '')
  if (folder !== '') steps.push((text) => text.replace(new RegExp(`${escaped(folder)}(?![\\w.-])`, 'g'), '~'))
  if (user.length >= 2 && !PLAIN_USERS.has(user)) steps.push((text) => text.replace(new RegExp(`(?<![\\w-])${escaped(user)}(?![\\w-])`, 'g'), 'user'))
  if (addresses) {
    if (host.length >= 2 && host !== 'localhost') steps.push((text) => text.replace(new RegExp(`(?<![\\w-])${escaped(host)}(?![\\w-])`, 'g'), 'this-host'))
    steps.push((text) => text.replace(HOST, (all, scheme: string, name: string) => (PUBLIC_HOST.test(name) ? all : scheme + standIn('host', name.toLowerCase()))))
    steps.push((text) => text.replace(V4, (address) => standIn('address', address)).replace(V6, (address) => (isV6(address) ? standIn('address', address.toLowerCase()) : address)))
  }
  return (text) => steps.reduce((rest, step) => step(rest), text)
}
