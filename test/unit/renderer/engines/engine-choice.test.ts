/** Why an engine is in use follows from the list alone, and agrees with what the engine room chooses. */
import { describe, expect, it } from 'vitest'
import type { EngineStatus, EngineSummary, ProviderKind } from '../../../../engine/contract/models.ts'
import { chooseEngine } from '../../../../engine/providers/select.ts'
import { whyChosen, whyNotChosen } from '../../../../renderer/app/engine-choice.ts'
import type { Choice } from '../../../../renderer/app/engine-choice.ts'
import { i18n } from '../../../../renderer/i18n/index.ts'

const engine = (id: string, kind: ProviderKind, status: EngineStatus): EngineSummary => ({
  id, kind, status, name: '', since: 0, origin: 'x', managed: kind !== 'socket',
  ...(['absent', 'failed'].includes(status) && { error: { code: 'denied', message: 'no', retryable: false } }),
})
const socket = (status: EngineStatus): EngineSummary => engine('socket:/s', 'socket', status)
const native = (status: EngineStatus): EngineSummary => engine('native', 'native', status)
const vm = (status: EngineStatus): EngineSummary => engine('vm', 'vm', status)
const choice = (engines: EngineSummary[], currentId: string | null, more: Partial<Choice> = {}): Choice => ({ engines, currentId, asked: 'auto', root: false, ...more })

describe('the engine in use', () => {
  it.each([
    ['running', [socket('ready'), native('stopped'), vm('stopped')]],
    ['rootless', [socket('failed'), native('stopped'), vm('stopped')]],
    ['machine', [socket('failed'), native('absent'), vm('stopped')]],
  ] as const)('is there because: %s; it is the one that is chosen', (why, engines) => {
    const choosable = engines.map((each) => ({ ...each, settled: true, everReady: false, stoppedByPerson: false }))
    const chosen = chooseEngine({ explicit: 'auto', currentId: null, engines: choosable, patienceOver: true })
    if (chosen.kind !== 'use') throw new Error(chosen.kind)
    expect(whyChosen(choice([...engines], chosen.id))).toBe(why)
  })

  it('is told from one of root, one that was asked for, and one that was there first', () => {
    expect(whyChosen(choice([native('ready')], 'native', { root: true }))).toBe('root')
    expect(whyChosen(choice([socket('ready'), native('ready')], 'native', { asked: 'native' }))).toBe('asked')
    expect(whyChosen(choice([socket('ready'), native('ready')], 'native'))).toBe('kept')
  })

  it('has no reason while there is none, or while it does not work: its error counts', () => {
    expect(whyChosen(choice([native('absent')], null))).toBeNull()
    expect(whyChosen(choice([socket('failed')], 'socket:/s'))).toBeNull()
  })
})

describe('the others', () => {
  it('say why not, unless their own error does', () => {
    const all = [socket('ready'), native('stopped'), vm('stopped'), engine('b', 'socket', 'ready'), engine('c', 'native', 'absent')]
    expect(all.map((each) => whyNotChosen(each, choice(all, 'socket:/s')))).toEqual([null, 'spare', 'machine', 'later', null])
    expect(whyNotChosen(native('stopped'), choice(all, 'socket:/s', { asked: 'socket:/s' }))).toBe('asked')
    expect(whyNotChosen(native('stopped'), choice(all, null))).toBeNull()
  })
})

it('each reason has its words', () => {
  for (const key of ['why.asked', 'why.running', 'why.rootless', 'why.root', 'why.machine', 'why.kept', 'whyNot.asked', 'whyNot.later', 'whyNot.spare', 'whyNot.machine']) {
    expect(i18n.global.te(`engines.${key}`, 'en') && i18n.global.te(`engines.${key}`, 'ko'), key).toBe(true)
  }
})
