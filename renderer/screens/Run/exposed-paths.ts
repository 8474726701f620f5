/** Folders and files of the host that give more away than their name says. Pure. */

export interface Bind {
  /** Absolute. */
  readonly path: string
  readonly readOnly: boolean
}

export type PathKey = 'socket' | 'root' | 'rootRead' | 'engineData' | 'system' | 'home' | 'homeRead' | 'keys' | 'kernel' | 'deviceFolder'

/** Being read-only does not keep anybody from speaking to a socket. */
const SOCKET = /(?:^|\/)(?:docker|podman|containerd|crio|buildkitd)\.sock$|^\/(?:var\/)?run(?:\/(?:docker|containerd|podman|crio))?$|^\/(?:var\/)?run\/user\/\d+\/podman$/
const ENGINE_DATA = /^\/var(?:\/lib(?:\/(?:docker|containerd|containers)(?:\/.*)?)?)?$/
/** Of a home; keys and tokens lie in them by custom. */
const KEYS = /\/\.(?:ssh|gnupg|aws|azure|kube|docker|password-store|netrc|git-credentials|npmrc|pypirc|config\/(?:gcloud|gh|op))(?:\/|$)/
const HOME = /^(?:\/(?:home|Users)(?:\/[^/]+)?|\/root)$/
/** What is run or decides who may enter; other folders of /etc are a service's own. */
const SYSTEM = /^\/(?:(?:etc|usr|bin|sbin|lib(?:32|64|x32)?|boot)$|(?:usr|bin|sbin|lib(?:32|64|x32)?|boot)\/|etc\/(?:passwd|shadow|group|gshadow|sudoers|sudoers\.d|ssh|pam\.d|security|systemd|init\.d|cron[^/]*|profile|profile\.d|environment|ld\.so[^/]*|apt|docker|containerd|polkit-1)(?:\/|$))/
const KERNEL = /^\/(?:proc|sys)(?:\/|$)/
/** Harmless ones have a device of their own in every container as well. */
const DEVICE_FOLDER = /^\/dev(?:\/(?!shm$|null$|zero$|full$|random$|urandom$|tty$|log$|fuse$|net\/tun$).*)?$/

/** `//a/./b/../c/` is `/a/c`. */
export function normalPath(path: string): string {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return `/${parts.join('/')}`
}

/** The one thing most worth knowing of a bind; null when there is none. Reading is told where it gives secrets away. */
function keyOf({ path, readOnly }: Bind): PathKey | null {
  const at = normalPath(path)
  if (SOCKET.test(at)) return 'socket'
  if (at === '/') return readOnly ? 'rootRead' : 'root'
  if (ENGINE_DATA.test(at)) return 'engineData'
  if (KEYS.test(at)) return 'keys'
  if (HOME.test(at)) return readOnly ? 'homeRead' : 'home'
  if (readOnly) return null
  if (SYSTEM.test(at)) return 'system'
  if (KERNEL.test(at)) return 'kernel'
  return DEVICE_FOLDER.test(at) ? 'deviceFolder' : null
}

/** As they were given; each path once. */
export function findBinds(binds: readonly Bind[]): { readonly key: PathKey; readonly path: string }[] {
  const found = binds.flatMap((bind) => {
    const key = keyOf(bind)
    return key === null ? [] : [{ key, path: bind.path }]
  })
  return [...new Map(found.map((each) => [each.path, each])).values()]
}
