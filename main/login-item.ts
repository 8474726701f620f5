/** Starting with the person's session. Linux: XDG autostart (freedesktop.org "Desktop Application Autostart", "Desktop Entry"). */
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { NaruError } from '../engine/contract/errors.ts'
import type { LoginItem } from '../engine/index.ts'

/** Argument of a Naru that shows no window until it is asked for one. */
export const BACKGROUND = '--background'

export interface LoginItemOptions {
  readonly env: NodeJS.ProcessEnv
  readonly home: string
  /** Program and arguments that start this Naru. */
  readonly command: readonly string[]
}

/** One argument of `Exec=`: quoted, its own escapes, `%` doubled, then backslashes doubled as in every value. */
const quoted = (argument: string): string =>
  `"${argument.replace(/["`$\\]/g, '\\$&')}"`.replaceAll('%', '%%').replaceAll('\\', '\\\\')

/** The whole file. */
export function desktopEntry(command: readonly string[]): string {
  return ['[Desktop Entry]', 'Type=Application', 'Name=Naru', 'Icon=naru', `Exec=${command.map(quoted).join(' ')}`, 'X-GNOME-Autostart-enabled=true', ''].join('\n')
}

export function autostartFile({ env, home }: Pick<LoginItemOptions, 'env' | 'home'>): string {
  const config = env['XDG_CONFIG_HOME']
  return join(config?.startsWith('/') ? config : join(home, '.config'), 'autostart', 'naru.desktop')
}

/** A file in the person's autostart folder. `set` fails with `denied`, `no-space` or `internal` {path}. */
export function createAutostart(options: LoginItemOptions): LoginItem {
  const path = autostartFile(options)
  const { NARU_HOME: state } = options.env
  // A Naru with its state elsewhere finds it again.
  const command = [...(state ? ['env', `NARU_HOME=${state}`] : []), ...options.command, BACKGROUND]
  return {
    async set(enabled) {
      try {
        if (!enabled) return await rm(path, { force: true })
        await mkdir(dirname(path), { recursive: true, mode: 0o700 })
        await writeFile(path, desktopEntry(command), { mode: 0o644 })
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException
        const known = code === 'ENOSPC' ? 'no-space' : code === 'EACCES' || code === 'EROFS' || code === 'EPERM' ? 'denied' : 'internal'
        throw new NaruError(known, `cannot write ${path}`, { params: { path }, detail: message, cause: error })
      }
    },
  }
}
