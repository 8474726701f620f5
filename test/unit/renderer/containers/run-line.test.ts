import { describe, expect, it, vi } from 'vitest'
import { computed, effectScope, nextTick, reactive } from 'vue'
import type { RunSpec } from '../../../../engine/contract/models.ts'
import { SUPPORTED_FLAGS } from '../../../../engine/containers/run-flags.ts'
import { formatRunCommand, parseRunCommand } from '../../../../engine/containers/run-command.ts'
import { ADVANCED, ADVANCED_FLAGS } from '../../../../renderer/screens/Run/advanced.ts'
import { emptyForm, formOf, toRunSpec } from '../../../../renderer/screens/Run/run-form.ts'
import type { RunForm } from '../../../../renderer/screens/Run/run-form.ts'
import { findProblems } from '../../../../renderer/screens/Run/run-problems.ts'
import { RISK_KEYS, findRisks } from '../../../../renderer/screens/Run/run-risks.ts'
import type { Machine } from '../../../../renderer/screens/Run/run-risks.ts'
import { useRunLine } from '../../../../renderer/screens/Run/use-run-line.ts'
import { en } from '../../../../renderer/i18n/en/index.ts'
import recorded from '../../../fixtures/docker-run.json'

function specOf(text: string): RunSpec {
  const read = parseRunCommand(text)
  if ('errors' in read) throw new Error(JSON.stringify(read.errors))
  return read.spec
}

describe('the form of a command line', () => {
  it.each(recorded.runs.map(({ line }) => line))('asks for the same: %s', (line) => {
    const spec = specOf(line)
    expect(toRunSpec(formOf(spec))).toEqual(spec)
  })
  it('has a control for every flag that is supported, each once', () => {
    const shown = ADVANCED.flatMap(({ fields }) => fields.map(({ flag }) => flag))
    expect([...shown].sort()).toEqual([...ADVANCED_FLAGS].sort())
    expect(new Set(shown).size).toBe(shown.length)
    expect(SUPPORTED_FLAGS.length).toBe(ADVANCED_FLAGS.size + 6)
  })
  it('keeps options of a volume when read-only is switched', () => {
    const form = formOf(specOf('docker run -d -v /a:/b:z -v /c:/d:ro,z -v /e:/f:rw nginx'))
    const [first, second, third] = form.volumes
    if (!first || !second || !third) throw new Error('a volume is missing')
    first.readOnly = third.readOnly = true
    second.readOnly = false
    expect(formatRunCommand(toRunSpec(form))).toBe('docker run -d -v /a:/b:ro,z -v /c:/d:z -v /e:/f:ro nginx')
  })
  it('tells a bad value beside its field, and what does not go together', () => {
    const form: RunForm = { ...emptyForm(), image: 'nginx', flags: { memory: ['12 potatoes'], ulimit: ['nofile=1', 'x=1'], 'no-healthcheck': ['true'], 'health-cmd': ['true'] } }
    const problems = findProblems(form, { nameHolder: () => undefined, isLocal: () => true })
    expect(problems.map(({ field, hint }) => [field, hint])).toEqual([
      ['flags.memory.0', 'size'],
      ['flags.ulimit.1', 'run.ulimit.name'],
      ['flags.no-healthcheck.0', 'run.conflict.health'],
    ])
  })
})

describe('useRunLine', () => {
  function scene() {
    const form = reactive(emptyForm())
    const spec = computed(() => toRunSpec(form))
    const line = effectScope().run(() => useRunLine(form, spec))
    if (!line) throw new Error('no scope')
    return { form, line }
  }
  it('follows the form and fills it', async () => {
    const { form, line } = scene()
    expect(line.text.value).toBe('')
    form.image = 'nginx'
    form.name = 'web'
    await nextTick()
    expect(line.text.value).toBe('docker run -d \\\n  --name web \\\n  nginx')
    line.focus()
    line.type('docker run -d --name shop -p 8080:80 -m 1g --rm nginx:1.27 sh')
    expect(form).toMatchObject({ image: 'nginx:1.27', name: 'shop', autoRemove: true, command: 'sh', ownPorts: true, flags: { memory: ['1g'] } })
    expect(form.ports).toMatchObject([{ hostIp: '', hostPort: '8080', containerPort: '80' }])
    await nextTick()
    expect(line.text.value).toBe('docker run -d --name shop -p 8080:80 -m 1g --rm nginx:1.27 sh')
    line.leave()
    expect(line.text.value).toContain('--memory 1g \\\n')
  })
  it('leaves the form alone while something is wrong, and says where', async () => {
    const { form, line } = scene()
    line.focus()
    line.type('docker run -d --nope nginx')
    expect(line.problems.value).toMatchObject([{ at: 14, length: 6 }])
    expect(form.image).toBe('')
    line.leave()
    expect(line.text.value).toBe('docker run -d --nope nginx')
    line.type('docker create nginx')
    expect(line.problems.value).toEqual([])
    expect(toRunSpec(form).detach).toBeUndefined()
    line.clear()
    expect(line.text.value).toBe('docker run -d \\\n  nginx')
  })
})

describe('findRisks', () => {
  const machine: Machine = { memoryBytes: 2 ** 30, cpus: 2, kindOf: (path) => (path.startsWith('/no') ? 'missing' : 'folder'), bytes: (count) => `${count} B` }
  const risks = (text: string) => findRisks(specOf(text), machine).map(({ key, params }) => [key, ...Object.values(params)])
  it.each<[string, string[][]]>([
    ['docker run -d -p 127.0.0.1:80:80 -m 1g --cpus 2 -v /srv:/srv nginx', []],
    ['docker run -d --privileged --network host --pid host -p 80:80 nginx', [['privileged'], ['hostNetwork'], ['hostPid']]],
    ['docker run -d -p 80:80 -p 0.0.0.0:81:81 -p [::]:82:82 -P nginx', [['exposed', '80:80, 0.0.0.0:81:81, [::]:82:82'], ['publishAll']]],
    ['docker run -d -v /var/run/docker.sock:/var/run/docker.sock -v /:/host nginx', [['socket', '/var/run/docker.sock'], ['root']]],
    ['docker run -d --cap-add sys_admin --cap-add CHOWN --security-opt seccomp=unconfined nginx', [['capabilities', 'sys_admin'], ['unconfined', 'seccomp=unconfined']]],
    ['docker run -d -m 2g --cpus 3 nginx', [['memory', `${2 ** 31} B`, `${2 ** 30} B`], ['cpus', '3', '2']]],
    ['docker run -d -v /no:/x --mount type=bind,src=/no2,dst=/y,bind-propagation=rslave --env-file /no3 --env-file .env nginx', [['pathMade', '/no'], ['pathMissing', '/no2'], ['fileRelative', '.env'], ['fileMissing', '/no3']]],
  ])('%s', (text, expected) => expect(risks(text)).toEqual(expected))
  it('has a sentence for each', () => expect(Object.keys(en.run.risk).sort()).toEqual([...RISK_KEYS].sort()))
})

vi.setConfig({ testTimeout: 20_000 })
