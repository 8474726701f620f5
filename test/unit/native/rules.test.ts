import { describe, expect, it } from 'vitest'
import { slotAt } from '../../../engine/providers/native/addresses.ts'
import { engineRules, hasGuard, hostRules, NO_RULES, removalOf, transaction } from '../../../engine/providers/native/rules.ts'

const TAG = 'naru-0a1b2c3d'
const host = (more: Partial<Parameters<typeof hostRules>[0]> = {}) =>
  hostRules({ link: 'naru0a1b2c3d', slot: slotAt(0), tag: TAG, chain: 'FORWARD', guard: false, ...more })

/** What iptables-save would print after these rules. */
const saved = (rules: ReturnType<typeof hostRules>): string =>
  (['nat', 'filter'] as const).map((name) => `*${name}\n:X ACCEPT [0:0]\n${rules[name].map((line) => line.replace(/^-I/, '-A')).join('\n')}\nCOMMIT\n`).join('')

describe('firewall rules', () => {
  it('marks every rule, so that every rule is found again', () => {
    for (const rules of [host(), host({ guard: true, stubResolver: '127.0.0.53', chain: 'DOCKER-USER' })]) {
      const removal = removalOf(saved(rules), TAG)
      expect(removal.nat).toHaveLength(rules.nat.length)
      expect(removal.filter).toHaveLength(rules.filter.length)
      expect(removalOf(saved(rules), 'naru-0a1b2c3')).toEqual(NO_RULES)
    }
  })
  it('leaves other rules alone', () => {
    const text = '*nat\n-A DOCKER ! -i docker0 -p tcp -j DNAT --to-destination 172.17.0.2:80\n-A POSTROUTING -m comment --comment "naru-0a1b2c3d-x" -j X\nCOMMIT\n'
    expect(removalOf(text, TAG)).toEqual(NO_RULES)
    expect(transaction(NO_RULES, NO_RULES)).toBe('')
  })
  it('opens loopback to the daemon’s source address only', () => {
    const { nat, filter } = host()
    expect(nat.filter((line) => line.includes('127.0.0.1')).every((line) => line.includes('-s 10.213.1.3/32'))).toBe(true)
    expect(filter).toContain(`-I INPUT -i naru0a1b2c3d -d 127.0.0.0/8 -m comment --comment ${TAG} -j DROP`)
    expect(engineRules(slotAt(0), TAG, 'group').nat.filter((line) => line.startsWith('-I OUTPUT')).every((line) => line.includes('--suppl-groups'))).toBe(true)
    expect(engineRules(slotAt(0), TAG, 'none').nat.join()).not.toContain('owner')
    const led = engineRules(slotAt(0), TAG, 'cgroup').nat.filter((line) => line.startsWith('-I OUTPUT'))
    expect(led.map((line) => line.includes(`-m cgroup --path ${TAG} -m owner`))).toEqual([true, true])
  })
  it('drops what others send over the link from the daemon’s addresses, before anything else', () => {
    for (const told of ['cgroup', 'group', 'none'] as const) {
      const read = [...engineRules(slotAt(0), TAG, told).filter].reverse().flatMap((line) => (line.startsWith('-I OUTPUT ') ? [line.replace(/-m comment --comment \S+ /, '')] : []))
      expect(read).toEqual([
        '-I OUTPUT -o uplink -s 10.213.1.3/32 -j DROP',
        '-I OUTPUT -o uplink -s 127.0.0.0/8 -m conntrack --ctstate DNAT --ctorigdst 127.0.0.0/8 -j ACCEPT',
        '-I OUTPUT -o uplink -s 127.0.0.0/8 -j DROP',
      ])
    }
  })
  it('lets containers out, answers in, and nobody from outside in', () => {
    // Each is put first, so the last of the list is read first.
    for (const chain of ['FORWARD', 'DOCKER-USER'] as const) {
      const read = [...host({ chain }).filter].reverse().flatMap((line) => (line.startsWith(`-I ${chain} `) ? [line.replace(/-m comment --comment \S+ /, '')] : []))
      expect(read).toEqual([
        `-I ${chain} -i naru0a1b2c3d -j ACCEPT`,
        `-I ${chain} -o naru0a1b2c3d -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
        `-I ${chain} -o naru0a1b2c3d -j DROP`,
      ])
    }
  })
  it('carries names to a loopback resolver', () => {
    expect(host({ stubResolver: '127.0.0.53' }).nat.filter((line) => line.includes('--dport 53'))).toHaveLength(2)
  })
  it('remembers in the rules that forwarding was off', () => {
    expect(hasGuard(removalOf(saved(host({ guard: true })), TAG))).toBe(true)
    expect(hasGuard(removalOf(saved(host()), TAG))).toBe(false)
  })
  it('removes before it adds, chains first', () => {
    const text = transaction({ nat: [], filter: ['-D A'] }, engineRules(slotAt(0), TAG, 'cgroup'))
    expect(text.slice(text.indexOf('*filter')).split('\n').slice(0, 3)).toEqual(['*filter', ':DOCKER-USER - [0:0]', '-D A'])
  })
})
