/** Answers of the scripted engine room for registries: logins of every kind, a wrong password, pushes in each of their ends. */
import { NaruError } from '../../engine/contract/errors.ts'
import type { OperationRow, RegistryList } from '../../engine/contract/models.ts'
import type { MethodHandlers } from '../../engine/link/handlers.ts'
import type { Scenario } from './scenarios.ts'
import { MB, NOW } from './seed.ts'

const TRUST = { caPath: '/etc/docker/certs.d/HOST:PORT/ca.crt', configPath: '/home/ada/.local/share/naru/engine/daemon.json' }
const base: RegistryList = { logins: [], place: 'memory', helpers: [], problems: [], configPath: '/home/ada/.docker/config.json', trust: TRUST }

const LISTS: Readonly<Record<string, RegistryList>> = {
  none: base,
  all: {
    ...base,
    place: 'keychain',
    logins: [
      { registry: 'docker.io', user: 'ada', place: 'keychain', since: NOW - 3 * 86_400_000 },
      { registry: 'ghcr.io', user: 'ada-lovelace', place: 'helper', helper: 'secretservice', since: NOW - 40 * 86_400_000 },
      { registry: 'registry.analytical-engines.example:5000', user: 'deploy-robot-of-the-reporting-team', place: 'memory', since: NOW - 300_000 },
      { registry: 'quay.io', user: '', place: 'docker-config' },
    ],
    problems: [{ code: 'not-found', message: 'missing', hint: 'registry.helper-missing', params: { program: 'docker-credential-pass' }, retryable: false }],
  },
}

export function registryMethods({ registries = 'none' }: Scenario): Partial<MethodHandlers> {
  return {
    'registries.list': async () => LISTS[registries] ?? base,
    'registries.login': async ({ registry }) => {
      if (registry.startsWith('registry.')) throw new NaruError('denied', `${registry} would have logins sent to auth.partner.example`, { hint: 'registry.realm-foreign', params: { registry, realm: 'auth.partner.example' }, detail: `${registry} → https://auth.partner.example/token` })
      throw new NaruError('unauthorized', 'login attempt failed with status: 401 Unauthorized', { hint: 'registry.wrong-password', params: { registry, field: 'password' } })
    },
    'registries.logout': async () => ({}),
    'registries.test': async ({ registry }) => {
      if (registry === 'quay.io') throw new NaruError('unauthorized', '401', { hint: 'registry.login-refused', params: { registry, user: 'ada' } })
      return {}
    },
  }
}

function push(n: number, subject: string, more: Partial<OperationRow>): OperationRow {
  return {
    id: `push-${n}`, name: 'images.push', engineId: 'native', status: 'running', subject, targets: [], command: `docker push ${subject}`,
    startedAt: NOW - 12_000 - n * 1_000, cancellable: true, ...more,
  }
}

export const PUSHES: readonly OperationRow[] = [
  push(1, 'shop/api:2.3', {
    progress: {
      step: 'pushing', bytesPerSecond: 9.1 * MB,
      parts: [
        { id: '2d35ebdb57d9', state: 'exists' }, { id: '9c1a4d2f77aa', state: 'mounted' },
        { id: '51c0f2a8e4b1', state: 'pushing', currentBytes: 61.2 * MB, totalBytes: 118 * MB },
        { id: 'ab9d7e6612c0', state: 'retrying', totalBytes: 24 * MB }, { id: '0e61ba0472fe', state: 'waiting' },
      ],
    },
  }),
  push(2, 'registry.example.com:5000/shop/web:1', {
    status: 'failed', endedAt: NOW - 60_000,
    error: { code: 'unauthorized', message: 'no basic auth credentials', hint: 'registry.login-needed', params: { registry: 'registry.example.com:5000' }, retryable: false, detail: 'no basic auth credentials' },
  }),
  push(3, 'registry.internal:5443/shop/web:1', {
    status: 'failed', endedAt: NOW - 70_000,
    error: { code: 'registry.unreachable', message: 'x509', hint: 'registry.unknown-ca', params: { registry: 'registry.internal:5443', path: '/etc/docker/certs.d/registry.internal:5443/ca.crt' }, retryable: true, detail: 'tls: failed to verify certificate: x509: certificate signed by unknown authority' },
  }),
]
