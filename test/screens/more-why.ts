/** Answers of the scripted engine room about containers that do not run. */
import type { EnvVar, ImageDetail, LastLine, StopReport, StopStep } from '../../engine/contract/models.ts'
import type { Scenario } from './scenarios.ts'

type Row = Scenario['containers'][number]

const steps = (end: number, ...list: readonly (readonly [StopStep['kind'], number, Partial<StopStep>?])[]): StopStep[] =>
  list.map(([kind, before, more]) => ({ kind, at: end - before, ...more }))
const lines = (...texts: readonly string[]): LastLine[] => texts.map((text) => ({ text: text.replace(/^! /, ''), stderr: text.startsWith('! ') }))

export function whyOf(row: Row, now: number): StopReport {
  const end = row.finishedAt ?? now - 12_000
  const base: StopReport = {
    cause: 'running', subject: '', calm: true, also: [], signal: '', error: '', memoryLimitBytes: 512 * 1024 ** 2, restarts: 0, chain: [], chainKnown: true, lines: [],
    ...(row.exitCode !== undefined && { exitCode: row.exitCode }),
  }
  switch (row.name) {
    case 'worker':
      return {
        ...base, cause: 'oom', calm: false, signal: 'SIGKILL', ranMs: 7_412_000,
        chain: steps(end, ['create', 7_500_000], ['start', 7_412_000], ['oom', 40], ['die', 0, { exitCode: 137 }]),
        lines: lines('[worker] queue "thumbnails": 1 204 jobs waiting', '[worker] resizing upload-88213.tiff (18 442 × 12 031)', '! [worker] warning: heap at 96 % of its limit', '[worker] resizing upload-88214.tiff (18 442 × 12 031)'),
      }
    case 'migrate':
      return {
        ...base, cause: 'name-unknown', subject: 'db', calm: false, also: [{ cause: 'dependency-elsewhere', subject: 'db' }], ranMs: 1_842,
        chain: steps(end, ['create', 2_100], ['start', 1_842], ['die', 0, { exitCode: 1 }]),
        lines: lines('> shop-api@2.3.0 migrate', '> node scripts/migrate.js', '! Error: getaddrinfo ENOTFOUND db', '!     at GetAddrInfoReqWrap.onlookupall [as oncomplete] (node:dns:122:26)', "! { errno: -3008, code: 'ENOTFOUND', syscall: 'getaddrinfo', hostname: 'db' }"),
      }
    case 'mailer':
      return { ...base, cause: 'unhealthy', subject: 'curl: (7) Failed to connect to localhost port 8080', calm: false, chain: steps(now, ['create', 1_870_000], ['start', 1_860_000], ['healthy', 1_800_000], ['unhealthy', 240_000]), lines: lines('listening on 8025', '! smtp: relay.example.kr: connection timed out') }
    case 'draft':
      return {
        ...base, cause: 'mount-source-missing', subject: '/srv/shop/config', calm: false,
        error: 'invalid mount config for type "bind": bind source path does not exist: /srv/shop/config', chain: steps(now, ['create', 95_000], ['start-failed', 60_000]),
      }
    default:
      if (row.state === 'restarting') {
        return {
          ...base, cause: 'variable-missing', subject: 'WAREHOUSE_DSN', calm: false, also: [{ cause: 'restart-loop', subject: '7' }], restarts: 7, ranMs: 311,
          chain: steps(end, ['create', 90_000], ...Array.from({ length: 8 }, (_, n): readonly (readonly [StopStep['kind'], number, Partial<StopStep>?])[] => [['start', (8 - n) * 11_000 + 311], ['die', (8 - n) * 11_000, { exitCode: 1 }]]).flat()),
          lines: lines('! Error: environment variable WAREHOUSE_DSN is not set'),
        }
      }
      return { ...base, cause: 'finished', ranMs: 4_200, chain: steps(end, ['create', 4_300], ['start', 4_200], ['die', 0, { exitCode: 0 }]), lines: lines('done') }
  }
}

export const IMAGE_ENV: readonly EnvVar[] = [
  { name: 'PATH', value: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
  { name: 'NGINX_VERSION', value: '1.27.3' },
  { name: 'LOG_LEVEL', value: 'notice' },
]
export const CONTAINER_ENV: readonly EnvVar[] = [
  { name: 'PATH', value: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
  { name: 'NGINX_VERSION', value: '1.27.3' },
  { name: 'LOG_LEVEL', value: 'debug' },
  { name: 'DATABASE_URL', value: 'postgres://shop:not-shown@db:5432/shop?sslmode=disable' },
  { name: 'SESSION_SECRET', value: 'not-shown-either' },
  { name: 'GREETING', value: '안녕하세요, this is a rather long value that goes on for a while so that it has to wrap somewhere in the narrow window, and still be read' },
  { name: 'EMPTY', value: '' },
]
export const withEnv = (detail: ImageDetail): ImageDetail => ({ ...detail, env: IMAGE_ENV })
