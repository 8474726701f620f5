/** The shortest question an engine answers. */
import { request } from 'node:http'

/** True when the engine at `socketPath` answers `GET /_ping` with 200 within `timeoutMs`. Never rejects. */
export function ping(socketPath: string, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const call = request({ socketPath, path: '/_ping', method: 'GET', agent: false, signal: AbortSignal.timeout(timeoutMs) })
    call.once('response', (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    call.once('error', () => resolve(false))
    call.end()
  })
}
