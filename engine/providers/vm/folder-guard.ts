/**
 * Refuses bind mounts of folders the guest does not see, whoever asks: Naru, the docker CLI, compose. The engine in the
 * guest would make an empty folder, or show its own /etc, and say nothing (docs/adr/0019).
 */
import { realpath, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { isOfTheEngine, isSeen } from '../../containers/folders.ts'
import { asksForFolders, bindSources } from './bind-sources.ts'
import type { GateRules, RequestHead, Verdict } from './request-gate.ts'
import { qemuUser, shareAccess } from './share-access.ts'
import type { SystemUser } from './share-access.ts'
import { canBeShared } from './shares.ts'

/** Where a path leads: links in it are followed as far as it exists. */
async function resolved(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch {
    const above = dirname(path)
    return above === path ? path : join(await resolved(above), basename(path))
  }
}

/** The folder to share for a path: itself, or the one a file lies in. */
async function folderFor(path: string): Promise<string> {
  const info = await stat(path).catch(() => null)
  return info && !info.isDirectory() ? dirname(path) : path
}

/** The first of `paths` the guest does not see as it is on this machine. Links are followed: the guest would follow them as well, in itself. */
async function firstUnseen(paths: readonly string[], shared: readonly string[]): Promise<string | undefined> {
  const real = await Promise.all(shared.map(resolved))
  for (const path of paths) {
    // Where its name leads on this machine (a socket of Docker Desktop, say) is nothing to the other one.
    if (isOfTheEngine(path)) continue
    if (!isSeen(path, shared) || !isSeen(await resolved(path), [...shared, ...real])) return path
  }
  return undefined
}

/** In English, as all the engine says; Naru's window has its own words for it (engine/docker/error-text.ts). */
async function refusal(path: string, shared: readonly string[], user: SystemUser | null): Promise<string> {
  const real = await resolved(path)
  const now = shared.length > 0 ? `Shared now: ${shared.join(', ')}.` : 'No folder is shared now.'
  const link = real === path ? '' : ` (it leads to ${real})`
  const folder = await folderFor(real)
  if (!canBeShared(folder)) return `${path}${link} of this computer cannot be shared with Naru's virtual machine. Copy what the container needs to a shared folder. ${now}`
  if ((await shareAccess(folder, user)) === 'denied') {
    return `${path}${link} is not shared with Naru's virtual machine. Naru runs as root and the machine as a user of its own, to whom ${folder} is closed: put the files into a folder others may enter and read, below /srv for one, and add that to the shared folders in Naru. ${now}`
  }
  return `${path}${link} is not shared with Naru's virtual machine, the container would find an empty folder. Add ${folder} to the shared folders in Naru, or copy the files to one. ${now}`
}

const EXEC_START = /^(?:\/v\d+\.\d+)?\/exec\/[^/]+\/start\/?(?:\?|$)/
const ATTACH = /^(?:\/v\d+\.\d+)?\/containers\/[^/]+\/attach\/?(?:\?|$)/

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    // The engine has its own words for it.
    return null
  }
}

/** `shared`: folders of the host the guest sees at their own path; `user`: who QEMU runs as. */
export function folderGuard(shared: readonly string[], user: SystemUser | null = qemuUser()): GateRules {
  const isExec = ({ method, path }: RequestHead): boolean => method === 'POST' && EXEC_START.test(path)
  return {
    holds: (head) => isExec(head) || asksForFolders(head.method, head.path),
    hijacks: ({ method, path }) => method === 'POST' && ATTACH.test(path),
    judge: async (head, bytes): Promise<Verdict> => {
      const body = parsed(bytes)
      // A command that is left alone takes no connection over.
      if (isExec(head)) return { hijack: Object(body)['Detach'] !== true }
      const unseen = await firstUnseen(bindSources(body), shared)
      return unseen === undefined ? {} : { refuse: await refusal(unseen, shared, user) }
    },
  }
}
