import { describe, expect, it } from 'vitest'
import { parseRunCommand } from '../../../engine/containers/run-command.ts'
import { refuseUnknown } from '../../../engine/containers/needs.ts'

function refusal(line: string, apiVersion: string, product = 'Moby'): unknown {
  const read = parseRunCommand(line)
  if ('errors' in read) throw new Error(JSON.stringify(read.errors))
  try {
    refuseUnknown(read.spec, { apiVersion, product })
    return null
  } catch (error) {
    return error
  }
}

describe('what an older engine would drop', () => {
  it.each([
    ['docker run -d --annotation a=b nginx', '--annotation', '1.42', '1.43'],
    ['docker run -d --health-cmd x --health-start-interval 1s nginx', '--health-start-interval', '1.43', '1.44'],
    ['docker run -d --mac-address 02:42:ac:11:00:02 nginx', '--mac-address', '1.41', '1.44'],
    ['docker run -d --network aa --network bb nginx', '--network', '1.43', '1.44'],
    ['docker run -d --network name=aa,gw-priority=1 nginx', 'gw-priority', '1.47', '1.48'],
    ['docker run -d --mount type=bind,src=/a,dst=/b,ro,bind-recursive=writable nginx', 'bind-recursive', '1.43', '1.44'],
    ['docker run -d --mount type=volume,src=aa,dst=/b,volume-subpath=x nginx', 'volume-subpath', '1.44', '1.45'],
    ['docker run -d --mount type=image,src=aa,dst=/b,image-subpath=x nginx', 'type=image', '1.47', '1.48'],
  ])('%s', (line, flag, before, since) => {
    expect(refusal(line, before)).toMatchObject({ code: 'unsupported', hint: 'run.api', params: { flag, apiVersion: before, needed: since } })
    expect(refusal(line, since)).toBeNull()
    expect(refusal(line, before, 'Podman Engine')).toBeNull()
  })
  it('is nothing for what every engine knows', () => expect(refusal('docker run -d --name web -p 80:80 -m 1g --gpus all nginx', '1.40')).toBeNull())
})
