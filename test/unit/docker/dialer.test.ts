import { expect, it } from 'vitest'
import { createDialer } from '../../../engine/docker/dialer.ts'
import { createHttp } from '../../../engine/docker/http.ts'
import { NaruError } from '../../../engine/contract/errors.ts'

it('tells a request that is still dialling when the connection is lost that the engine is gone, not that somebody cancelled', async () => {
  const dialer = createDialer(
    (signal) => new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(new NaruError('cancelled', 'cancelled')), { once: true })),
  )
  const asking = createHttp(dialer, { engineId: 'e' }).json({ method: 'GET', path: '/info' })
  await new Promise((resolve) => setTimeout(resolve, 10))
  dialer.close()
  await expect(asking).rejects.toMatchObject({ code: 'engine.unreachable', retryable: true })
})
