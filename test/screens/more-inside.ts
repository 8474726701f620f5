/** Answers of the scripted engine room about what is inside a container. */
import type { HealthCheck } from '../../engine/contract/models.ts'
import type { MethodHandlers } from '../../engine/link/handlers.ts'

const COLUMNS = [['PID', 'pid'], ['USER', 'user'], ['%CPU', 'cpu'], ['RSS', 'memory'], ['TIME', 'time'], ['COMMAND', 'command']] as const

const CHANGED: readonly (readonly ['A' | 'C' | 'D', string])[] = [
  ['C', '/etc'], ['C', '/etc/nginx'], ['D', '/etc/nginx/conf.d/default.conf'], ['A', '/etc/nginx/conf.d/shop.conf'], ['C', '/run'], ['A', '/run/nginx.pid'],
  ['D', '/usr/share/nginx/html/50x.html'], ['C', '/var/cache/nginx'],
  ...Array.from({ length: 300 }, (_, n) => ['A', `/var/cache/nginx/client_temp/segment-${String(n).padStart(4, '0')}/a rather long name of a file that is cached here, version ${n}.bin`] as const),
]

export function healthCheck(failing: boolean): HealthCheck {
  const now = Date.now()
  const outputs = failing
    ? ['curl: (7) Failed to connect to localhost port 8080 after 0 ms: Could not connect to server\n', 'Health check exceeded timeout (5s)', 'HTTP/1.1 503 Service Unavailable\nretry-after: 30\n', 'ok\n']
    : ['ok\n', '', 'ok\n', 'ok\n']
  return {
    shell: true, words: ['curl -fsS http://localhost:8080/health || exit 1'], intervalMs: 30_000, timeoutMs: 5_000, startPeriodMs: 10_000, retries: 3, failingStreak: failing ? 3 : 0,
    checks: outputs.map((output, n) => ({ startedAt: now - n * 30_000, tookMs: output.includes('exceeded') ? 5_003 : 48 + n * 3, exitCode: !failing || n === 3 ? 0 : n === 1 ? -1 : 1, output })),
  }
}

export const insideMethods = {
  'containers.top': async () => ({
    columns: COLUMNS.map(([title, kind]) => ({ title, kind })),
    rows: [
      ['21791', 'root', '0.0', '9480', '00:00:00', 'nginx: master process nginx -g daemon off;'],
      ...Array.from({ length: 5 }, (_, n) => [String(21_840 + n), 'systemd+', (n * 3.1).toFixed(1), String(4_120 + n * 913), `00:0${n}:12`, 'nginx: worker process']),
      ['21902', 'root', '12.4', '184320', '01:14:02', '/usr/bin/node --max-old-space-size=512 /srv/app/server.js --listen 0.0.0.0:8080 --workers 4 --log-format json'],
    ],
    total: 7,
    psArgs: ['-eo', 'pid,user,pcpu,rss,time,args'],
  }),
  'containers.changes': async ({ id }) => {
    // The last one of the seed has changed nothing.
    if (id.endsWith('6')) return { added: 0, changed: 0, deleted: 0, paths: [], kinds: '' }
    return { added: 100_003, changed: 4, deleted: 2, paths: CHANGED.map(([, path]) => path), kinds: CHANGED.map(([kind]) => kind).join('') }
  },
} satisfies Partial<MethodHandlers>
