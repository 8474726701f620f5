/** Flags about health checks and the log. Pure. */
import { cutPair, parseGoDuration, refuseValue } from '../values/go.ts'
import { kindsOf } from './kinds.ts'
import type { SupportedFlag } from './kinds.ts'

const kinds = kindsOf('health')

export const HEALTH_FLAGS: readonly SupportedFlag[] = [
  kinds.text('health-cmd', 'healthCmd'),
  kinds.text('health-interval', 'healthInterval', parseGoDuration),
  kinds.text('health-timeout', 'healthTimeout', parseGoDuration),
  kinds.text('health-start-period', 'healthStartPeriod', parseGoDuration),
  kinds.text('health-start-interval', 'healthStartInterval', parseGoDuration),
  kinds.whole('health-retries', 'healthRetries', { min: 0, max: 2 ** 31 - 1, absent: 0 }),
  kinds.flag('no-healthcheck', 'noHealthcheck'),
  kinds.text('log-driver', 'logDriver'),
  kinds.pairs('log-opt', 'logOptions', (value) => {
    if (cutPair(value)[0] === '') throw refuseValue('pair', `not NAME=VALUE: "${value}"`, { value })
  }),
]
