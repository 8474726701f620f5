import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { autostartFile, createAutostart, desktopEntry } from '../../../main/login-item.ts'
import { readWebArguments } from '../../../main/web/arguments.ts'

let folder = ''
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'naru-login-'))))
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('starting with the session', () => {
  it('is a file in the person’s autostart folder, and gone when it is not wanted', async () => {
    const item = createAutostart({ env: { XDG_CONFIG_HOME: folder }, home: '/nowhere', command: ['/opt/Naru/naru'] })
    await item.set(true)
    await item.set(true)
    const path = join(folder, 'autostart/naru.desktop')
    expect((await readFile(path, 'utf8')).split('\n')).toEqual(['[Desktop Entry]', 'Type=Application', 'Name=Naru', 'Icon=naru', 'Exec="/opt/Naru/naru" "--background"', 'X-GNOME-Autostart-enabled=true', ''])
    await item.set(false)
    await item.set(false)
    expect(await readdir(join(folder, 'autostart'))).toEqual([])
  })

  it('finds a Naru whose state is elsewhere again', async () => {
    await createAutostart({ env: { XDG_CONFIG_HOME: folder, NARU_HOME: '/my state' }, home: '', command: ['node', '/w.cjs'] }).set(true)
    expect(await readFile(join(folder, 'autostart/naru.desktop'), 'utf8')).toContain('Exec="env" "NARU_HOME=/my state" "node" "/w.cjs" "--background"\n')
  })

  it('quotes as the standard says: for the command line, then for the file', () => {
    expect(desktopEntry(['a b', '$HOME', '100%', 'a\\b', '"q"'])).toContain('Exec="a b" "\\\\$HOME" "100%%" "a\\\\\\\\b" "\\\\"q\\\\""\n')
  })

  it('is in the usual place unless a whole path says otherwise', () => {
    expect(autostartFile({ env: {}, home: '/home/p' })).toBe('/home/p/.config/autostart/naru.desktop')
    expect(autostartFile({ env: { XDG_CONFIG_HOME: 'relative' }, home: '/home/p' })).toBe('/home/p/.config/autostart/naru.desktop')
  })

  it('says which file cannot be written', async () => {
    await writeFile(join(folder, 'autostart'), 'a file where a folder should be')
    await expect(createAutostart({ env: { XDG_CONFIG_HOME: folder }, home: '', command: ['naru'] }).set(true)).rejects.toMatchObject({ params: { path: join(folder, 'autostart/naru.desktop') } })
  })

  it('shows no window of its own accord', () => {
    expect(readWebArguments(['--background'])).toEqual({ noOpen: false, background: true, port: 0 })
  })
})
