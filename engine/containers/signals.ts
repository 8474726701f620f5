/** Signals by number, as Linux has them on every processor Naru runs on. Pure. Source: signal(7). */
const SIGNALS: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  4: 'SIGILL',
  5: 'SIGTRAP',
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  9: 'SIGKILL',
  10: 'SIGUSR1',
  11: 'SIGSEGV',
  12: 'SIGUSR2',
  13: 'SIGPIPE',
  14: 'SIGALRM',
  15: 'SIGTERM',
  24: 'SIGXCPU',
  25: 'SIGXFSZ',
  31: 'SIGSYS',
}

/** Name of a signal by its number; empty for one that has none here. */
export const signalName = (number: number): string => SIGNALS[number] ?? ''

/** Name of the signal an exit code of 129 and above stands for; empty when it stands for none. */
export const signalOfExit = (exitCode: number): string => signalName(exitCode - 128)
