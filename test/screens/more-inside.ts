/** Answers of the scripted engine room about what is inside a container. */
import type { MethodHandlers } from '../../engine/link/handlers.ts'

const COLUMNS = [['PID', 'pid'], ['USER', 'user'], ['%CPU', 'cpu'], ['RSS', 'memory'], ['TIME', 'time'], ['COMMAND', 'command']] as const

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
} satisfies Partial<MethodHandlers>
