/** The kept figures as a file for a spreadsheet. */
import { STAT_LINES } from '../../../../stores/stats-history.ts'
import type { StatHistory, StatLine } from '../../../../stores/stats-history.ts'

/** Names of columns are the same in every language: programs read them. */
const COLUMNS: { readonly [Line in StatLine]: string } = {
  cpu: 'cpu_percent',
  memory: 'memory_bytes',
  netIn: 'network_received_bytes_per_second',
  netOut: 'network_sent_bytes_per_second',
  diskIn: 'disk_read_bytes_per_second',
  diskOut: 'disk_written_bytes_per_second',
  pids: 'pids',
}

/** One line for each sample, oldest first; what is not known is empty, and gaps have no line. */
export function statsCsv(history: StatHistory): string {
  const lines = [['time', ...STAT_LINES.map((line) => COLUMNS[line])].join(',')]
  history.at.forEach((at, n) => {
    const values = STAT_LINES.map((line) => history[line][n] ?? null)
    if (values.every((value) => value === null)) return
    lines.push([new Date(at).toISOString(), ...values.map((value) => (value === null ? '' : String(Math.round(value * 1_000) / 1_000)))].join(','))
  })
  return `${lines.join('\r\n')}\r\n`
}
