import { describe, expect, it } from 'vitest'
import { formatRunCommand } from '../../../../engine/containers/run-command.ts'
import {
  commandWords, emptyForm, envRow, parseEnvText, portRow, portsFor, toRunSpec, volumeRow,
} from '../../../../renderer/screens/Run/run-form.ts'
import type { RunForm } from '../../../../renderer/screens/Run/run-form.ts'
import { PROBLEM_KEYS, findProblems, isImageName } from '../../../../renderer/screens/Run/run-problems.ts'
import { en } from '../../../../renderer/i18n/en/index.ts'
import { ko } from '../../../../renderer/i18n/ko/index.ts'

const form = (more: Partial<RunForm> = {}): RunForm => ({ ...emptyForm(), image: 'nginx', ...more })
const AROUND = {
  nameHolder: (name: string) => (name === 'web' ? { id: '1', state: 'running' } : undefined),
  isLocal: (image: string) => image === 'nginx',
}
const keys = (more: Partial<RunForm>): string[] => findProblems(form(more), AROUND).map((each) => each.key)

describe('toRunSpec', () => {
  it('leaves out empty rows and trims', () => {
    const spec = toRunSpec(
      form({
        image: ' nginx:1.27 ',
        name: ' shop ',
        ports: [portRow(), portRow({ hostPort: '8080', containerPort: '80' })],
        env: [envRow(), envRow({ name: 'A', value: ' b ' })],
        volumes: [volumeRow(), volumeRow({ source: '/srv', target: '/data', readOnly: true })],
        command: 'sh -c "echo hi"',
        restart: 'on-failure',
        retries: '3',
      }),
    )
    expect(spec).toEqual({
      image: 'nginx:1.27',
      name: 'shop',
      command: ['sh', '-c', 'echo hi'],
      ports: [{ hostIp: '127.0.0.1', hostPort: '8080', containerPort: '80', protocol: 'tcp' }],
      env: [{ name: 'A', value: ' b ' }],
      volumes: [{ source: '/srv', target: '/data', readOnly: true }],
      restart: { name: 'on-failure', maximumRetryCount: 3 },
      autoRemove: false,
      pull: 'missing',
    })
    expect(formatRunCommand(spec)).toBe(
      "docker run -d --name shop -p 127.0.0.1:8080:80 -e 'A= b ' -v /srv:/data:ro --restart on-failure:3 nginx:1.27 sh -c 'echo hi'",
    )
  })
  it('takes a lone host port for both sides, and no retries for ever', () => {
    const spec = toRunSpec(form({ ports: [portRow({ hostPort: '9000' })], restart: 'on-failure' }))
    expect(spec.ports[0]?.containerPort).toBe('9000')
    expect(spec.restart).toEqual({ name: 'on-failure' })
    expect(spec.name).toBeUndefined()
    expect(spec.command).toBeUndefined()
  })
})

describe('portsFor', () => {
  it('adds no row for a port that a range of a person already covers', () => {
    const two = { exposedPorts: [{ port: 80, protocol: 'tcp' }, { port: 443, protocol: 'tcp' }] } as const
    expect(portsFor(two, [portRow({ hostPort: '8080-8081', containerPort: '80-81' })]).map(({ containerPort }) => containerPort)).toEqual(['443', '80-81'])
    expect(portsFor(two, [portRow({ containerPort: '80', protocol: 'udp' })]).map(({ containerPort }) => containerPort)).toEqual(['80', '443', '80'])
  })
  const image = { exposedPorts: [{ port: 80, protocol: 'tcp' as const }, { port: 53, protocol: 'udp' as const }] }
  it('makes one row per EXPOSE on this machine only', () => {
    expect(portsFor(image, [])).toMatchObject([
      { hostIp: '127.0.0.1', hostPort: '80', containerPort: '80', protocol: 'tcp', exposed: true },
      { hostPort: '53', protocol: 'udp' },
    ])
  })
  it('keeps what a person made and drops what the image before brought', () => {
    const before = [portRow({ containerPort: '1', exposed: true }), portRow({ hostPort: '8080', containerPort: '80' })]
    expect(portsFor(image, before).map((row) => [row.hostPort, row.containerPort])).toEqual([['53', '53'], ['8080', '80']])
    expect(portsFor(null, before)).toHaveLength(1)
  })
  it('keeps the very rows when the image is read again, as one may be typed into or was moved', () => {
    const rows = portsFor(image, [])
    Object.assign(rows[0] ?? {}, { hostPort: '8080' })
    expect(portsFor(image, rows)).toEqual(rows)
    expect(portsFor(image, rows)[0]).toBe(rows[0])
  })
})

describe('parseEnvText', () => {
  it('reads an env file', () => {
    expect(parseEnvText('# comment\n\nexport A=1\r\nB="two words"\nC=\nD\nE=x=y\n=z')).toEqual([
      { name: 'A', value: '1' },
      { name: 'B', value: 'two words' },
      { name: 'C', value: '' },
      { name: 'D', value: '' },
      { name: 'E', value: 'x=y' },
    ])
  })
})

describe('findProblems', () => {
  it('finds nothing wrong with the least form', () => expect(keys({})).toEqual([]))
  it('checks the image', () => {
    expect(keys({ image: '' })).toEqual(['imageEmpty'])
    expect(keys({ image: 'Nginx' })).toEqual(['imageFormat'])
    expect(keys({ image: 'redis', pull: 'never' })).toEqual(['imageMissing'])
    expect(keys({ image: 'localhost:5000/shop/api:2' })).toEqual([])
    expect(isImageName('sha256:'.padEnd(71, 'a'))).toBe(true)
  })
  it('checks the name', () => {
    expect(keys({ name: 'web' })).toEqual(['nameTaken'])
    expect(keys({ name: '-a' })).toEqual(['nameFormat'])
    expect(keys({ name: 'a' })).toEqual(['nameShort'])
    expect(keys({ name: 'web-2' })).toEqual([])
  })
  it('checks ports', () => {
    const port = (more: Parameters<typeof portRow>[0]) => keys({ ports: [portRow(more)] })
    expect(port({ hostPort: '70000', containerPort: '80' })).toEqual(['portRange'])
    expect(port({ hostPort: '80', containerPort: 'x' })).toEqual(['portRange'])
    expect(port({ hostPort: '0', containerPort: '80' })).toEqual([])
    expect(port({ hostPort: '', containerPort: '80' })).toEqual([])
    expect(port({ hostPort: '8000-8005', containerPort: '80' })).toEqual([])
    expect(port({ hostPort: '8000-8005', containerPort: '80-81' })).toEqual(['portRangeMismatch'])
    expect(port({ hostIp: '300.1.1.1', hostPort: '1', containerPort: '1' })).toEqual(['portIp'])
    expect(port({ hostIp: '::1', hostPort: '1', containerPort: '1' })).toEqual([])
  })
  it('finds a host port asked for twice', () => {
    const rows = (a: string, b: string) => [
      portRow({ hostIp: a, hostPort: '80', containerPort: '80' }),
      portRow({ hostIp: b, hostPort: '80', containerPort: '81' }),
    ]
    expect(keys({ ports: rows('127.0.0.1', '127.0.0.1') })).toEqual(['portTwice'])
    expect(keys({ ports: rows('127.0.0.1', '0.0.0.0') })).toEqual(['portTwice'])
    expect(keys({ ports: rows('0.0.0.0', '::') })).toEqual([])
    expect(keys({ ports: rows('127.0.0.1', '127.0.0.2') })).toEqual([])
  })
  it('checks variables, volumes, command and restart', () => {
    expect(keys({ env: [envRow({ value: 'x' })] })).toEqual(['envName'])
    expect(keys({ env: [envRow({ name: 'A' }), envRow({ name: 'A' })] })).toEqual(['envTwice'])
    expect(keys({ volumes: [volumeRow({ source: 'data', target: 'x' })] })).toEqual(['volumeTarget'])
    expect(keys({ volumes: [volumeRow({ target: '/' })] })).toEqual(['volumeRoot'])
    expect(keys({ volumes: [volumeRow({ source: './x', target: '/x' })] })).toEqual(['volumeSource'])
    expect(keys({ volumes: [volumeRow({ target: '/x' }), volumeRow({ target: '/x/' })] })).toEqual(['volumeTwice'])
    expect(keys({ command: "echo 'a" })).toEqual(['command'])
    expect(keys({ autoRemove: true, restart: 'always' })).toEqual(['restartRemove'])
    expect(keys({ restart: 'on-failure', retries: 'many' })).toEqual(['retries'])
    expect(commandWords('a "b c"')).toEqual(['a', 'b c'])
  })
  it('has words for every problem in both languages', () => {
    for (const texts of [en, ko]) expect(Object.keys(texts.run.problem).sort()).toEqual([...PROBLEM_KEYS].sort())
  })
})
