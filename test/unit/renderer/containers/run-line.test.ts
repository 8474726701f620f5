import { describe, expect, it, vi } from 'vitest'
import { computed, effectScope, nextTick, reactive } from 'vue'
import type { EngineSummary, RunSpec } from '../../../../engine/contract/models.ts'
import { SUPPORTED_FLAGS } from '../../../../engine/containers/run-flags.ts'
import { formatRunCommand, parseRunCommand } from '../../../../engine/containers/run-command.ts'
import { ADVANCED, ADVANCED_FLAGS } from '../../../../renderer/screens/Run/advanced.ts'
import { emptyForm, formOf, toRunSpec } from '../../../../renderer/screens/Run/run-form.ts'
import type { RunForm } from '../../../../renderer/screens/Run/run-form.ts'
import { findProblems } from '../../../../renderer/screens/Run/run-problems.ts'
import { placeOf } from '../../../../renderer/screens/Run/exposure.ts'
import type { Place } from '../../../../renderer/screens/Run/exposure.ts'
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
  it.each<[string, string[][]]>([
    ['-v /run:/r:ro -v /var/run/docker.sock:/s:ro -v /var/lib/docker/volumes:/v:ro -v //var/./lib:/l', [['socket', '/run'], ['socket', '/var/run/docker.sock'], ['engineData', '/var/lib/docker/volumes'], ['engineData', '//var/./lib']]],
    ['-v /etc:/e -v /etc/sudoers.d:/s -v /usr/local/bin:/b -v /etc/localtime:/t:ro -v /etc/letsencrypt:/c', [['system', '/etc'], ['system', '/etc/sudoers.d'], ['system', '/usr/local/bin']]],
    ['-v /home:/h -v /root:/r:ro -v /home/me:/m -v /home/me/shop:/w -v /home/me/.ssh:/k:ro -v /home/me/.config/gcloud/x:/g', [['home', '/home'], ['homeRead', '/root'], ['home', '/home/me'], ['keys', '/home/me/.ssh'], ['keys', '/home/me/.config/gcloud/x']]],
    ['-v /proc:/p:ro -v /proc/sys:/s -v /sys:/y -v /dev:/d -v /dev/shm:/h -v /:/all:ro', [['kernel', '/proc/sys'], ['kernel', '/sys'], ['deviceFolder', '/dev'], ['rootRead']]],
    ['-v /srv/../etc:/e --mount type=bind,src=/home/me,dst=/h,readonly', [['system', '/srv/../etc'], ['homeRead', '/home/me']]],
    ['--mount type=volume,dst=/x,volume-opt=type=none,volume-opt=o=bind,volume-opt=device=/', [['root']]],
    ['--ipc host --uts host --userns host --cgroupns host', [['hostIpc'], ['hostUts'], ['hostUserns'], ['hostCgroup']]],
    ['--ipc shareable --pid container:x --cgroupns private', []],
    ['--cap-add ALL --cap-add CAP_SYS_TIME --cap-add net_admin --cap-add CHOWN --cap-add NET_BIND_SERVICE', [['capabilities', 'ALL'], ['reaching', 'CAP_SYS_TIME, net_admin']]],
    ['--device /dev/sda:/dev/x:r --device /dev/mapper/data --device /dev/fuse --device /dev/snd --device-cgroup-rule "c 1:3 mr"', [['disks', '/dev/sda, /dev/mapper/data'], ['devices', '/dev/fuse, /dev/snd'], ['deviceRules', 'c 1:3 mr']]],
    ['--security-opt apparmor=unconfined --security-opt systempaths=unconfined --security-opt no-new-privileges', [['unconfined', 'apparmor=unconfined, systempaths=unconfined']]],
  ])('%s', (flags, expected) => expect(risks(`docker run -d ${flags} nginx`)).toEqual(expected))

  const EVERYTHING = 'docker run -d --privileged -v /var/run/docker.sock:/s -v /etc:/e -v /home/me:/h -v /sys:/y --uts host --userns host --cap-add SYS_TIME --device /dev/kvm -p 80:80 -p 0.0.0.0:81:81 -P nginx'
  const keysAt = (place: Place, line = EVERYTHING): string[] => findRisks(specOf(line), { ...machine, place }).map(({ key, params }) => (params['ports'] ? `${key} ${params['ports']}` : key))
  it('says what is true of the engine in use: without root, in the virtual machine, with a network of its own', () => {
    const engine = (kind: EngineSummary['kind'], rootless = false): EngineSummary => ({ id: 'e', kind, name: '', status: 'ready', since: 0, origin: '', managed: true, rootless })
    expect(keysAt(placeOf(engine('socket'), false))).toEqual(['privileged', 'socket', 'system', 'home', 'kernel', 'hostUts', 'hostUserns', 'exposed 80:80, 0.0.0.0:81:81', 'publishAll', 'reaching', 'devices'])
    expect(keysAt(placeOf(engine('native', true), false))).toEqual(['privileged', 'socket', 'home', 'exposed 80:80, 0.0.0.0:81:81', 'publishAll', 'devices'])
    expect(keysAt(placeOf(engine('vm'), false))).toEqual(['privileged', 'socket', 'home', 'hostUts', 'hostUserns', 'exposed 0.0.0.0:81:81', 'reaching', 'devices', 'shared'])
    expect(keysAt(placeOf(engine('vm'), true))).toContain('exposed 80:80, 0.0.0.0:81:81')
    const line = 'docker run -d --network host nginx'
    expect([engine('socket'), engine('socket', true), engine('native'), engine('native', true), engine('vm')].map((each) => keysAt(placeOf(each, false), line))).toEqual([['hostNetwork'], ['engineNetwork'], ['engineNetwork'], ['engineNetwork'], ['engineNetwork']])
  })

  it('has a sentence for each', () => expect(Object.keys(en.run.risk).sort()).toEqual([...RISK_KEYS].sort()))
})

vi.setConfig({ testTimeout: 20_000 })
