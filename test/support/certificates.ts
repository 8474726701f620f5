/** A private authority and a server certificate of it, made with openssl. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { exec } from '../../engine/system/exec.ts'

export interface Certificates {
  /** Paths of PEM files. */
  readonly authority: string
  readonly certificate: string
  readonly key: string
}

/** For one IP address; valid for two days. */
export async function makeCertificates(folder: string, address: string): Promise<Certificates> {
  await mkdir(folder, { recursive: true })
  const at = (name: string): string => join(folder, name)
  const openssl = (...args: string[]) => exec('openssl', args)
  await writeFile(at('extensions'), `subjectAltName=IP:${address}\n`)
  await openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', at('ca.key'), '-out', at('ca.crt'), '-subj', '/CN=naru-test-authority', '-days', '2')
  await openssl('req', '-newkey', 'rsa:2048', '-nodes', '-keyout', at('server.key'), '-out', at('server.csr'), '-subj', `/CN=${address}`)
  const signed = ['-CA', at('ca.crt'), '-CAkey', at('ca.key'), '-CAcreateserial', '-days', '2', '-extfile', at('extensions')]
  await openssl('x509', '-req', '-in', at('server.csr'), '-out', at('server.crt'), ...signed)
  return { authority: at('ca.crt'), certificate: at('server.crt'), key: at('server.key') }
}
