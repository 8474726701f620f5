/** Before all specs: NARU_E2E_APP=packaged becomes the folder of the packaged app, which is made when nobody made it yet. */
import { buildPackaged, whyNoPackages } from '../../support/packaged.ts'

export default async function findPackagedApp(): Promise<void> {
  if (process.env['NARU_E2E_APP'] !== 'packaged') return
  const reason = whyNoPackages()
  if (reason) console.log(`skipped: Electron's specs run on out/ and not on the packaged app (${reason})`)
  process.env['NARU_E2E_APP'] = reason ? '' : (await buildPackaged()).app
}
