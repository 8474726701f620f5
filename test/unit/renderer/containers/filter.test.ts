import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ContainerRow } from '../../../../engine/contract/models.ts'
import { formatTerm, isEmptyFilter } from '../../../../renderer/components/filter/terms.ts'
import { matchesFilter, parseFilter, parseTerm } from '../../../../renderer/screens/Containers/filter.ts'

const ROW: ContainerRow = {
  id: 'abc123'.padEnd(64, '0'),
  name: 'shop-web-1',
  image: 'nginx:1.27',
  imageId: `sha256:${'f'.repeat(64)}`,
  command: 'nginx -g',
  createdAt: 0,
  state: 'running',
  health: 'unhealthy',
  status: 'Up 2 hours (unhealthy)',
  ports: [
    { containerPort: 80, protocol: 'tcp', hostIp: '0.0.0.0', hostPort: 8080 },
    { containerPort: 53, protocol: 'udp', hostIp: '0.0.0.0', hostPort: 5353 },
  ],
  labels: { env: 'prod', team: 'blue birds' },
  project: 'shop',
  networks: ['front'],
  mounts: [],
}
const passes = (text: string, row: Partial<ContainerRow> = {}): boolean => matchesFilter({ ...ROW, ...row }, parseFilter(text))

describe('parseFilter', () => {
  it('tells terms from free words', () => {
    const filter = parseFilter('is:running image:nginx -is:paused Web "two words"')
    expect(filter.terms.map(formatTerm)).toEqual(['is:running', 'image:nginx', '-is:paused'])
    expect(filter.words).toEqual(['web', 'two words'])
  })
  it('reads quoted values and unclosed quotes', () => {
    expect(parseFilter('label:"team=blue birds"').terms).toEqual([{ key: 'label', value: 'team=blue birds', negated: false }])
    expect(parseFilter('name:"ab').terms).toEqual([{ key: 'name', value: 'ab', negated: false }])
  })
  it('takes unknown keys, unknown states and missing values as text', () => {
    expect(parseFilter('size:3 is:happy image:').words).toEqual(['size:3', 'is:happy', 'image:'])
  })
  it('keeps a term once', () => {
    expect(parseFilter('is:running is:running').terms).toHaveLength(1)
  })
  it('knows when nothing is asked', () => {
    expect(isEmptyFilter(parseFilter('   '))).toBe(true)
    expect(isEmptyFilter(parseFilter('a'))).toBe(false)
  })
  it('never throws, and terms survive being written and read again', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        for (const term of parseFilter(text).terms) expect(parseTerm(formatTerm(term))).toEqual(term)
      }),
    )
  })
})

describe('matchesFilter', () => {
  it('holds states for alternatives, and asks for health beside them', () => {
    expect(passes('is:running is:paused')).toBe(true)
    expect(passes('is:paused is:exited')).toBe(false)
    expect(passes('is:running is:unhealthy')).toBe(true)
    expect(passes('is:running is:healthy')).toBe(false)
    expect(passes('is:stopped', { state: 'created' })).toBe(true)
  })
  it('excludes', () => {
    expect(passes('-is:running')).toBe(false)
    expect(passes('-is:paused')).toBe(true)
    expect(passes('-label:env=prod')).toBe(false)
  })
  it('finds ports on either side, mapped and by protocol', () => {
    expect(passes('port:8080')).toBe(true)
    expect(passes('port:80')).toBe(true)
    expect(passes('port:8080:80')).toBe(true)
    expect(passes('port:80:8080')).toBe(false)
    expect(passes('port:53/udp')).toBe(true)
    expect(passes('port:53/tcp')).toBe(false)
    expect(passes('port:808')).toBe(false)
  })
  it('finds labels by name and by value; several must all hold', () => {
    expect(passes('label:env')).toBe(true)
    expect(passes('label:env=prod label:"team=blue birds"')).toBe(true)
    expect(passes('label:env=prod label:env=test')).toBe(false)
  })
  it('finds images, names, projects and networks', () => {
    expect(passes('image:NGINX name:web project:shop network:front')).toBe(true)
    expect(passes('image:ffff')).toBe(true)
    expect(passes('image:redis image:nginx')).toBe(true)
    expect(passes('project:sho')).toBe(false)
  })
  it('finds every free word somewhere', () => {
    expect(passes('web 1.27 blue')).toBe(true)
    expect(passes('web redis')).toBe(false)
    expect(passes('abc123')).toBe(true)
    expect(passes('808')).toBe(true)
  })
})
