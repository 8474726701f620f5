/** Asking a published port for its page. */
import { request } from 'node:http'

/** Status and body of `GET http://address/`; status 0 when nobody answers. */
export function fetchPage(host: string, port: number): Promise<{ status: number; body: string }> {
  return new Promise((resolve) => {
    const call = request({ host, port, path: '/', agent: false, timeout: 3_000 }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (body += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
    })
    call.on('timeout', () => call.destroy())
    call.on('error', () => resolve({ status: 0, body: '' }))
    call.end()
  })
}
