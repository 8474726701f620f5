/** Containers that fail, each in its own way, made through the engine's own API: nothing but what it tells gives the reason away. */
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import type { StopCause } from '../../engine/contract/models.ts'

/** What a failing container is made with. */
export interface Stage {
  readonly image: string
  /** A folder of the machine that is empty. */
  readonly folder: string
  /** Any call; resolves for every status. */
  readonly ask: (method: string, path: string, body?: unknown) => Promise<{ readonly status: number; readonly message: string; readonly id: string }>
  /** Makes one; gives its id. */
  readonly create: (body: object) => Promise<string>
  /** Whether the engine refuses is its own affair. */
  readonly start: (id: string) => Promise<void>
  readonly stop: (id: string, graceSeconds: number) => Promise<void>
  /** Waits until the engine says so. */
  readonly until: (id: string, is: (state: InspectedState) => boolean) => Promise<void>
  readonly ended: (id: string) => Promise<void>
}

export interface InspectedState {
  readonly Status: string
  readonly Running: boolean
  readonly OOMKilled?: boolean
  readonly Health?: { readonly Status?: string } | null
  readonly RestartCount: number
}

/** A call of the Engine API over its socket. */
export function askOver(socketPath: string): Stage['ask'] {
  return (method, path, body) =>
    new Promise((resolve, reject) => {
      const payload = body === undefined ? undefined : JSON.stringify(body)
      const headers = payload === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }
      const asked = request({ socketPath, method, path, headers, timeout: 60_000 }, (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (part: string) => (text += part))
        response.on('end', () => {
          let read: { message?: string; Id?: string } = {}
          try {
            read = JSON.parse(text) as typeof read
          } catch {
            // Not every answer has a body.
          }
          resolve({ status: response.statusCode ?? 0, message: read.message ?? '', id: read.Id ?? '' })
        })
      })
      asked.on('timeout', () => asked.destroy(new Error(`${method} ${path}: no answer`)))
      asked.on('error', reject)
      asked.end(payload)
    })
}

export interface Failure {
  readonly title: string
  /** Code of the reason that must be found. */
  readonly cause: StopCause
  /** And what else must be told besides. */
  readonly also?: readonly StopCause[]
  /** What it must be about. */
  readonly subject?: string
  /** Podman tells less. */
  readonly onPodman?: Pick<Failure, 'cause' | 'subject' | 'also'>
  /** Makes it fail; gives the container's id, or the engine's refusal to make one. */
  readonly make: (stage: Stage) => Promise<string | { readonly refused: string }>
  /** Podman cannot be brought to it, or tells other things: why. */
  readonly notOnPodman?: string
}

const sh = (script: string, host: object = {}, more: object = {}): object => ({ Cmd: ['sh', '-c', script], HostConfig: { NetworkMode: 'none', ...host }, ...more })
const run = (...Cmd: string[]): object => ({ Cmd, HostConfig: { NetworkMode: 'none' } })

/** Made and started; whether the engine refuses the start is its own affair. */
const started = (body: object) => async (stage: Stage): Promise<string> => {
  const id = await stage.create(body)
  await stage.start(id)
  return id
}
const untilEnded = (body: object) => async (stage: Stage): Promise<string> => {
  const id = await started(body)(stage)
  await stage.ended(id)
  return id
}
/** Runs, then `act` is done to it, then it ends. */
const whileRunning = (body: object, act: (id: string, stage: Stage) => Promise<unknown>) => async (stage: Stage): Promise<string> => {
  const id = await started(body)(stage)
  await stage.until(id, ({ Running }) => Running)
  await act(id, stage)
  await stage.ended(id)
  return id
}
/** Docker looks at it when it is made, Podman when it is started. */
const orRefused = (body: object) => async (stage: Stage): Promise<string | { refused: string }> => {
  const { message, id } = await stage.ask('POST', '/containers/create', { Image: stage.image, ...body })
  if (id === '') return { refused: message }
  await stage.start(id)
  return id
}
const refused = (body: object) => async (stage: Stage): Promise<{ refused: string }> => {
  const { message, status } = await stage.ask('POST', '/containers/create', { Image: stage.image, ...body })
  if (status < 400) throw new Error('the engine did not refuse it')
  return { refused: message }
}

/** Says that it is ready, so that a signal finds its handler in place. */
const READY = 'echo ready; touch /tmp/ready; while :; do sleep 1; done'
async function ready(id: string, { ask }: Stage): Promise<void> {
  for (let time = 0; time < 300; time += 1) {
    if ((await ask('HEAD', `/containers/${id}/archive?path=/tmp/ready`)).status === 200) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('it never became ready')
}
const kill = (signal: string) => async (id: string, stage: Stage): Promise<void> => {
  await ready(id, stage)
  await stage.ask('POST', `/containers/${id}/kill?signal=${signal}`)
}

export const FAILURES: readonly Failure[] = [
  { title: 'ends by itself', cause: 'finished', make: untilEnded(sh('exit 0')) },
  { title: 'was made and never started', cause: 'not-started', make: (stage) => stage.create(sh('exit 0')) },
  { title: 'an exception of Python', cause: 'program-error', make: untilEnded(sh(`echo 'Traceback (most recent call last):' >&2; echo '  File "/app/main.py", line 3, in <module>' >&2; echo "KeyError: 'color'" >&2; exit 1`)) },
  { title: 'an error of its own', cause: 'program-error', make: untilEnded(sh('echo "cannot go on: no colour chosen" >&2; exit 3')) },
  { title: 'command not in the image', cause: 'command-not-found', subject: 'nosuch', make: started(run('nosuch')) },
  { title: 'command by a path that is not there', cause: 'command-not-found', subject: '/usr/bin/nosuch', make: started(run('/usr/bin/nosuch')) },
  { title: 'command not executable', cause: 'command-not-executable', subject: '/app/not-executable', make: started(run('/app/not-executable')) },
  // The engine's words are those of a file without the right to be executed.
  { title: 'command is a folder', cause: 'command-not-executable', subject: '/app', make: started(run('/app')) },
  { title: 'program for another processor', cause: 'wrong-processor', make: untilEnded(run('/app/foreign')) },
  { title: 'text without a first line that names its shell', cause: 'exec-format', make: untilEnded(run('/app/no-shebang')) },
  { title: 'script whose interpreter is not there', cause: 'interpreter-missing', subject: '/usr/bin/nosuch', make: untilEnded(run('/app/bad-shebang')) },
  { title: 'script with line ends of Windows', cause: 'windows-lines', subject: '/app/windows-lines', make: untilEnded(run('/app/windows-lines')) },
  { title: 'a script calls what is not there', cause: 'script-command-missing', subject: 'migrate', make: untilEnded(sh('migrate --all')) },
  { title: 'a script calls what may not be executed', cause: 'script-command-denied', make: untilEnded(sh('/app/not-executable')) },
  { title: 'too much memory', cause: 'oom', onPodman: { cause: 'killed-unknown' }, make: untilEnded(sh('x=0123456789; while :; do x=$x$x; done', { Memory: 16 * 1024 ** 2, MemorySwap: 16 * 1024 ** 2 })) },
  { title: 'a process inside takes too much memory', cause: 'oom-inside', onPodman: { cause: 'program-error' }, make: untilEnded(sh('sh -c "x=0123456789; while :; do x=\\$x\\$x; done"; echo "worker gone"; exit 1', { Memory: 16 * 1024 ** 2, MemorySwap: 16 * 1024 ** 2 })) },
  { title: 'killed by somebody', cause: 'killed', make: whileRunning(sh(READY), kill('SIGKILL')) },
  { title: 'does not hear that it shall stop', cause: 'killed-after-grace', make: whileRunning(sh(READY), async (id, stage) => (await ready(id, stage), await stage.stop(id, 1))) },
  { title: 'stopped', cause: 'stopped', make: whileRunning(sh(`trap 'exit 143' TERM; ${READY}`), async (id, stage) => (await ready(id, stage), await stage.stop(id, 20))) },
  { title: 'stopped, and ended with 0', cause: 'stopped', make: whileRunning(sh(`trap 'exit 0' TERM; ${READY}`), async (id, stage) => (await ready(id, stage), await stage.stop(id, 20))) },
  { title: 'interrupted', cause: 'interrupted', make: whileRunning(sh(`trap 'exit 130' INT; ${READY}`), kill('SIGINT')) },
  { title: 'told to quit', cause: 'quit', make: whileRunning(sh(`trap 'exit 131' QUIT; ${READY}`), kill('SIGQUIT')) },
  { title: 'hung up', cause: 'hangup', make: whileRunning(sh(`trap 'exit 129' HUP; ${READY}`), kill('SIGHUP')) },
  { title: 'segmentation fault', cause: 'segfault', make: untilEnded(run('/app/segfault')) },
  { title: 'segmentation fault in a script', cause: 'segfault', make: untilEnded(sh('/app/segfault; exit $?')) },
  { title: 'illegal instruction', cause: 'illegal-instruction', make: untilEnded(run('/app/illegal')) },
  { title: 'aborts itself', cause: 'aborted', make: untilEnded(sh(`sh -c 'kill -ABRT $$'; exit $?`)) },
  { title: 'broken pipe', cause: 'broken-pipe', make: untilEnded(sh(`sh -c 'kill -PIPE $$'; exit $?`)) },
  { title: 'arithmetic error', cause: 'arithmetic', make: untilEnded(sh(`sh -c 'kill -FPE $$'; exit $?`)) },
  { title: 'bus error', cause: 'bus-error', make: untilEnded(sh(`sh -c 'kill -BUS $$'; exit $?`)) },
  { title: 'wrong use of a command', cause: 'usage', make: untilEnded(sh('echo "usage: serve [--port N]" >&2; exit 2')) },
  {
    title: 'folder of the machine gone',
    cause: 'mount-source-missing',
    make: async (stage) => {
      const source = join(stage.folder, 'gone')
      await mkdir(source)
      const id = await stage.create(sh('sleep 100', { Mounts: [{ Type: 'bind', Source: source, Target: '/data' }] }))
      await rm(source, { recursive: true })
      await stage.start(id)
      return id
    },
  },
  {
    title: 'folder of the machine not there when it is made',
    cause: 'mount-source-missing',
    make: (stage) => orRefused(sh('sleep 100', { Mounts: [{ Type: 'bind', Source: join(stage.folder, 'never', 'made'), Target: '/data' }] }))(stage),
    notOnPodman: 'makes it',
  },
  {
    title: 'a folder mounted onto a file',
    cause: 'mount-kind',
    make: async (stage) => {
      const source = join(stage.folder, 'folder')
      await mkdir(source, { recursive: true })
      return started(sh('sleep 100', { Binds: [`${source}:/etc/passwd`] }))(stage)
    },
  },
  {
    title: 'a file mounted onto a folder',
    cause: 'mount-kind',
    make: async (stage) => {
      const source = join(stage.folder, 'file')
      await writeFile(source, 'x')
      return started(sh('sleep 100', { Binds: [`${source}:/app`] }))(stage)
    },
  },
  {
    title: 'host port taken',
    cause: 'port-in-use',
    subject: '18123',
    make: async (stage) => {
      const ports = { ExposedPorts: { '80/tcp': {} } }
      const host = { NetworkMode: 'bridge', PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '18123' }] } }
      await started(sh('sleep 1000', host, ports))(stage)
      return started(sh('sleep 1000', host, ports))(stage)
    },
  },
  { title: 'working directory is a file', cause: 'workdir', make: orRefused(sh('pwd', {}, { WorkingDir: '/etc/passwd' })) },
  { title: 'user not in the image', cause: 'user-not-found', subject: 'alice', make: started(sh('id', {}, { User: 'alice' })) },
  { title: 'group not in the image', cause: 'group-not-found', subject: 'staff', make: started(sh('id', {}, { User: 'root:staff' })) },
  { title: 'device not on the machine', cause: 'device-missing', subject: '/dev/nosuch', make: orRefused(sh('sleep 1', { Devices: [{ PathOnHost: '/dev/nosuch', PathInContainer: '/dev/nosuch', CgroupPermissions: 'rwm' }] })) },
  { title: 'no graphics processor', cause: 'gpu-missing', make: started(sh('sleep 1', { DeviceRequests: [{ Driver: '', Count: -1, Capabilities: [['gpu']] }] })), notOnPodman: 'takes it and leaves it out' },
  { title: 'kernel setting that is not its own', cause: 'sysctl', make: orRefused(sh('sleep 1', { Sysctls: { 'kernel.panic': '1' } })) },
  {
    title: 'network removed',
    cause: 'network-missing',
    make: async (stage) => {
      await stage.ask('POST', '/networks/create', { Name: 'goes-away' })
      const id = await stage.create(sh('sleep 1', { NetworkMode: 'goes-away' }))
      await stage.ask('DELETE', '/networks/goes-away')
      await stage.start(id)
      return id
    },
    notOnPodman: 'keeps a network that a container uses',
  },
  {
    title: 'address of its network taken',
    cause: 'address-taken',
    make: async (stage) => {
      await stage.ask('POST', '/networks/create', { Name: 'fixed', IPAM: { Config: [{ Subnet: '10.222.0.0/24' }] } })
      const body = sh('sleep 1000', { NetworkMode: 'fixed' }, { NetworkingConfig: { EndpointsConfig: { fixed: { IPAMConfig: { IPv4Address: '10.222.0.9' } } } } })
      await started(body)(stage)
      return started(body)(stage)
    },
  },
  {
    title: 'shares the network of one that is not running',
    cause: 'partner-not-running',
    make: async (stage) => {
      const partner = await stage.create(sh('exit 0'))
      await stage.start(partner)
      await stage.ended(partner)
      return started(sh('sleep 1', { NetworkMode: `container:${partner}` }))(stage)
    },
    notOnPodman: 'starts the other one with it',
  },
  { title: 'unknown runtime', cause: 'runtime-unknown', make: refused(sh('sleep 1', { Runtime: 'nosuch' })), notOnPodman: 'ignores the runtime asked for' },
  { title: 'no command at all', cause: 'no-command', make: refused({ Cmd: [], Entrypoint: [''] }), notOnPodman: 'takes the one of the image' },
  { title: 'health check failing', cause: 'unhealthy', make: async (stage) => {
    const id = await started(sh('sleep 1000', {}, { Healthcheck: { Test: ['CMD-SHELL', 'echo no answer on port 8080; exit 1'], Interval: 1e9, Timeout: 2e9, Retries: 1 } }))(stage)
    await stage.until(id, ({ Health }) => Health?.Status === 'unhealthy')
    return id
  }, notOnPodman: 'leaves it to timers of systemd to run checks' },
  { title: 'restarted again and again', cause: 'program-error', also: ['restart-loop'], make: async (stage) => {
    const id = await started(sh('echo "no config" >&2; exit 7', { RestartPolicy: { Name: 'always' } }))(stage)
    await stage.until(id, ({ RestartCount, Status }) => RestartCount >= 3 && Status === 'restarting')
    return id
  }, notOnPodman: 'shows only the moment between' },
  { title: 'restarted as often as it may', cause: 'program-error', also: ['restarts-used-up'], make: async (stage) => {
    const id = await started(sh('echo "no config" >&2; exit 7', { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 2 } }))(stage)
    await stage.until(id, ({ RestartCount, Status }) => RestartCount >= 2 && Status === 'exited')
    return id
  } },
  { title: 'writes into a read-only root', cause: 'read-only', make: untilEnded(sh('echo x > /data.txt', { ReadonlyRootfs: true })) },
  { title: 'may not read a file', cause: 'permission-denied', make: untilEnded(sh('set -e; echo x > /etc/secret', {}, { User: '1000' })) },
  { title: 'setting missing', cause: 'variable-missing', subject: 'DATABASE_URL', make: untilEnded(sh('echo "${DATABASE_URL:?must be set}"')) },
  { title: 'nothing free in its memory folder', cause: 'no-space', make: untilEnded(sh('dd if=/dev/zero of=/scratch/file bs=1k count=1024', { Tmpfs: { '/scratch': 'size=64k' } })) },
  { title: 'too many processes', cause: 'process-limit', make: untilEnded(sh('for n in 1 2 3 4 5 6 7 8 9; do sleep 100 & done; echo all running', { PidsLimit: 4 })) },
  { title: 'too many open files', cause: 'open-files', make: untilEnded(sh('ulimit -n 3; cat /etc/passwd')) },
  { title: 'a name that nobody knows', cause: 'name-unknown', subject: 'db', make: untilEnded(sh('ping -c 1 db')) },
  { title: 'nobody listens there', cause: 'connection-refused', make: untilEnded(sh('nc 127.0.0.1 9 </dev/null')) },
  { title: 'port taken inside', cause: 'listen-address-in-use', make: untilEnded(sh('nc -l -p 5000 & sleep 1; nc -l -p 5000')) },
  { title: 'a file that is not there', cause: 'file-missing', subject: '/etc/app/config.yml', make: untilEnded(sh('cat /etc/app/config.yml')) },
]
