import { describe, expect, it } from 'vitest'
import type { RunSpec } from '../../../engine/contract/models.ts'
import { parseRunCommand, readRunCommand } from '../../../engine/containers/run-command.ts'

const bare: RunSpec = { image: 'nginx', ports: [], env: [], volumes: [], restart: { name: 'no' }, autoRemove: false, pull: 'missing' }
const port = (containerPort: string, hostPort: string, hostIp = '') => ({ containerPort, hostPort, hostIp, protocol: 'tcp' }) as const

function specOf(text: string): RunSpec {
  const read = parseRunCommand(text)
  if ('errors' in read) throw new Error(`${text}: ${JSON.stringify(read.errors)}`)
  return read.spec
}
/** Each mistake as the piece of text it points at and its hint. */
function mistakes(text: string): [string, string][] {
  const read = parseRunCommand(text)
  if (!('errors' in read)) throw new Error(`read without a mistake: ${text}`)
  return read.errors.map(({ at, length, hint }) => [text.slice(at, at + length), hint.replace(/^run\./, '')])
}

describe('what people paste', () => {
  const web: RunSpec = { ...bare, name: 'web', ports: [port('80', '8080')] }
  it.each([
    ['bare', 'docker run -d --name web -p 8080:80 nginx'],
    ['a prompt', '$ docker run -d --name web -p 8080:80 nginx'],
    ['a root prompt', '# docker run -d --name web -p 8080:80 nginx'],
    ['a long prompt', 'me@host:~/src$ docker run -d --name web -p 8080:80 nginx'],
    ['a bracketed prompt', '[root@host ~]# docker run -d --name web -p 8080:80 nginx\n'],
    ['a prompt of zsh', '(venv) % docker run -d --name web -p 8080:80 nginx'],
    ['a quotation', '> docker run -d --name web -p 8080:80 nginx'],
    ['sudo', 'sudo docker run -d --name web -p 8080:80 nginx'],
    ['sudo with options and variables', 'A=1 sudo -EH B=2 docker run -d --name web -p 8080:80 nginx'],
    ['a path to docker', '/usr/bin/docker run -d --name web -p 8080:80 nginx'],
    ['docker container run', 'docker container run -d --name web -p 8080:80 nginx'],
    ['podman', 'podman run -d --name web -p 8080:80 nginx'],
    ['continuations of sh', 'docker run -d \\\n  --name web \\\r\n  -p 8080:80 \\\n  nginx'],
    ['continuations with prompts', '$ docker run -d \\\n> --name web \\\n> -p 8080:80 nginx'],
    ['blanks behind the mark', 'docker run -d \\  \n  --name web \\ # the name\n -p 8080:80 nginx'],
    ['a joined word', 'docker run -d --na\\\nme web -p 8080:80 nginx'],
    ['continuations of PowerShell', 'PS C:\\Users\\me> docker run -d `\n  --name web `\r\n  -p 8080:80 nginx'],
    ['PowerShell without a prompt', 'docker run -d `\n --name "web" `\n -p 8080:80 nginx'],
    ['continuations of cmd', 'C:\\>docker.exe run -d ^\r\n  --name "web" ^\r\n  -p 8080:80 nginx'],
    ['cmd without a prompt', 'docker run -d ^\n --name web -p 8080:80 nginx'],
    ['a trailing comment', 'docker run -d --name web -p 8080:80 nginx # the web server'],
    ['comments before', '# start it\n\n# docker is needed\n$ docker run -d --name web -p 8080:80 nginx\n\n# done\n'],
    ['a fence', '```sh\n$ docker run -d --name web -p 8080:80 nginx\n```\n'],
    ['quotes everywhere', `docker "run" -d '--name' w"e"b -p '8080':80 $'nginx'`],
    ['letters together', 'docker run -dp 8080:80 --name=web nginx'],
    ['a value right behind its letter', 'docker run -dp8080:80 --name=web nginx'],
    ['an equals sign behind a letter', 'docker run -d -p=8080:80 --name=web nginx'],
    ['boolean values', 'docker run --detach=true -i=false --rm=0 --name web -p 8080:80 nginx'],
    ['a repeated single value: the last counts', 'docker run -d --name old --name web -p 8080:80 nginx'],
    ['the end of flags', 'docker run -d --name web -p 8080:80 -- nginx'],
  ])('%s', (_title, text) => expect(specOf(text)).toEqual(web))

  it('takes everything behind the image as the command', () => {
    expect(specOf('docker run -d nginx -p 80:80 --rm "a b" \'\'').command).toEqual(['-p', '80:80', '--rm', 'a b', ''])
  })
  it('tells attached from detached, run from create', () => {
    expect(specOf('docker run nginx')).toEqual({ ...bare, detach: false })
    expect(specOf('docker run -d nginx')).toEqual(bare)
    expect(specOf('docker run -itd nginx')).toEqual({ ...bare, interactive: true, tty: true })
    expect(readRunCommand('docker create nginx')).toEqual({ spec: { ...bare, detach: false }, verb: 'create' })
  })
  it('reads each kind of quote as its shell does', () => {
    const env = (text: string) => specOf(text).env.map(({ value }) => value)
    expect(env(`docker run -d -e A='a\\b"$X' -e B="q\\"\\\\ \\x" -e C=a\\ b -e D=$'\\t\\x41\\u00e9\\'' nginx`)).toEqual(['a\\b"$X', 'q"\\ \\x', 'a b', "\tAé'"])
    expect(env("PS> docker run -d -e A='it''s' -e \"B=a`tb`\"\"\"c\" -e C:=1 nginx")).toEqual(["it's", 'a\tb""c', '1'])
    expect(env('C:\\> docker run -d -e "A=say \\"hi\\"" -e B=it\'s -e C=C:\\x^&y nginx')).toEqual(['say "hi"', "it's", 'C:\\x&y'])
  })
  it('takes values of -e NAME from the variables in front, names alone are kept', () => {
    expect(specOf('TOKEN=x docker run -d -e TOKEN -e OTHER nginx')).toEqual({ ...bare, env: [{ name: 'TOKEN', value: 'x' }], envNames: ['OTHER'] })
    expect(specOf('DOCKER_DEFAULT_PLATFORM=linux/arm64 docker run -d nginx').platform).toBe('linux/arm64')
  })
  it('keeps files by name and ranges as written', () => {
    expect(specOf('docker run -d --env-file .env --env-file=/b --label-file ./l --security-opt seccomp=profile.json -p 8000-8002:80-82/udp nginx')).toEqual({
      ...bare,
      envFiles: ['.env', '/b'],
      labelFiles: ['./l'],
      securityOptions: ['seccomp=profile.json'],
      ports: [{ containerPort: '80-82', protocol: 'udp', hostIp: '', hostPort: '8000-8002' }],
    })
  })
  it('keeps names that objects are careful about', () => {
    expect(Object.entries(specOf('docker run -d -l __proto__=x -l constructor=y nginx').labels ?? {})).toEqual([['__proto__', 'x'], ['constructor', 'y']])
  })
})

describe('mistakes stand where they were made', () => {
  it.each<[string, [string, string][]]>([
    ['', [['', 'empty']]],
    ['# only a comment', [['# only a comment', 'empty']]],
    ['ls -l', [['ls', 'program']]],
    ['docker', [['docker', 'verb']]],
    ['docker compose up', [['compose', 'verb']]],
    ['docker run', [['run', 'image']]],
    ['docker run -d --name web', [['web', 'image']]],
    ['docker run -d ""', [['""', 'image']]],
    ['docker run --frobnicate nginx', [['--frobnicate', 'flag.unknown']]],
    ['docker run -dZ nginx', [['Z', 'flag.unknown']]],
    ['docker run -d --pod=x --replace nginx', [['--pod', 'flag.podman'], ['--replace', 'flag.podman']]],
    ['docker run -d --cidfile /x --cpu-count=2 nginx', [['--cidfile', 'flag.cidfile'], ['--cpu-count', 'flag.windows']]],
    ['docker create -d nginx', [['-d', 'flag.create']]],
    ['docker run -d nginx --name', []],
    ['docker run -d --name', [['--name', 'flag.value']]],
    ['docker run -dp', [['p', 'flag.value']]],
    ['docker run -d -p 70000:80 nginx', [['70000:80', 'port.host-port']]],
    ['docker run -d --publish=80:x nginx', [['80:x', 'port.container-port']]],
    ['docker run -dp80:x nginx', [['80:x', 'port.container-port']]],
    ['docker run -d --memory "12 potatoes" nginx', [['"12 potatoes"', 'size']]],
    ['docker run -d --init=perhaps nginx', [['perhaps', 'bool']]],
    ['docker run -d --pids-limit many nginx', [['many', 'whole']]],
    ['docker run -d --cpus 1/3 nginx', [['1/3', 'cpus']]],
    ['docker run -d --health-interval 1d nginx', [['1d', 'duration']]],
    ['docker run -d --restart sometimes nginx', [['sometimes', 'choice']]],
    ['docker run -d --restart always:3 nginx', [['always:3', 'restart.count']]],
    ['docker run -d --rm --restart always nginx', [['--restart', 'restart.auto-remove']]],
    ['docker run -d -a stdout nginx', [['-a', 'conflict.attach']]],
    ['docker run -d --no-healthcheck --health-cmd x nginx', [['--no-healthcheck', 'conflict.health']]],
    ['docker run -d --network a --network a nginx', [['--network', 'conflict.network-twice']]],
    ['docker run -d --network a --net host nginx', [['--net', 'conflict.network-mix']]],
    ['docker run -d --network-alias x nginx', [['--network-alias', 'conflict.alias']]],
    ['docker run -d --network name=a,ip=1.2.3.4 --ip 1.2.3.5 nginx', [['--ip', 'conflict.first']]],
    ['docker run -d -v ./data:/data nginx', [['./data:/data', 'volume.relative']]],
    ['docker run -d -v C:\\\\data:/data nginx', [['C:\\\\data:/data', 'volume.windows']]],
    ['docker run -d -v /a:/b:sideways nginx', [['/a:/b:sideways', 'volume.mode']]],
    ['docker run -d --mount type=bind,src=/a,dst=/b,volume-nocopy nginx', [['type=bind,src=/a,dst=/b,volume-nocopy', 'mount.mix']]],
    ['docker run -d --mount type=floppy,dst=/b nginx', [['type=floppy,dst=/b', 'mount.type']]],
    ['docker run -d --env-file "" nginx', [['""', 'file.name-empty']]],
    ['docker run -d --gpus some nginx', [['some', 'gpus.count']]],
    ['docker run -d --ulimit nofile=5:3 nginx', [['nofile=5:3', 'ulimit.order']]],
    ['docker -H tcp://x --debug run -d nginx', [['-H', 'engine'], ['--debug', 'engine']]],
    ['DOCKER_HOST=tcp://x docker run -d nginx', [['DOCKER_HOST=tcp://x', 'engine']]],
    ['sudo -u me docker run -d nginx', [['-u', 'sudo']]],
    // What only a shell could do
    ['docker run -d -v $PWD:/data nginx', [['$PWD', 'shell.expand']]],
    ['docker run -d -v "$(pwd)/x":/data nginx', [['$(pwd)', 'shell.expand']]],
    ['docker run -d -e "A=${B:-c}" -e C=`id -u` nginx', [['${B:-c}', 'shell.expand'], ['`id -u`', 'shell.expand']]],
    ['docker run -d -v ~/x:/data nginx', [['~', 'shell.expand']]],
    ['docker run -d nginx | tee log', [['|', 'shell.operator']]],
    ['docker run -d nginx && docker ps', [['&&', 'shell.operator']]],
    ['docker run -d nginx > /dev/null 2>&1', [['>', 'shell.operator']]],
    ['docker run -d nginx 2>&1', [['2>&1', 'shell.operator']]],
    ['docker run -d nginx\ndocker ps', [['docker ps', 'shell.second']]],
    ['docker run -d \\\n  --name web\n  nginx', [['nginx', 'shell.second']]],
    ['docker run -d nginx \\', [['\\', 'shell.cut']]],
    ["docker run -d -e 'A=1 nginx", [["'", 'shell.quote']]],
    ['PS> docker run -d -v ${PWD}:/x -e $env:A nginx', [['${PWD}', 'shell.expand'], ['$env:A', 'shell.expand']]],
    ['C:\\> docker run -d -e A=%PATH% nginx', [['%PATH%', 'shell.expand']]],
  ])('%s', (text, expected) => {
    if (expected.length === 0) expect(parseRunCommand(text)).toHaveProperty('spec')
    else expect(mistakes(text)).toEqual(expected)
  })

  it('finds them all, in order, with English for each', () => {
    const text = 'docker run --nope -p x -m y --restart z -e =1 nginx'
    const read = parseRunCommand(text)
    expect('errors' in read && read.errors.map(({ at, length }) => text.slice(at, at + length))).toEqual(['--nope', 'x', 'y', 'z', '=1'])
    for (const { message } of 'errors' in read ? read.errors : []) expect(message).toMatch(/^\S.{8,}/)
  })
  it('points inside the text even behind a prompt, quotes and line breaks', () => {
    expect(mistakes('$ docker run \\\n  -d --memory="x y" \\\n  nginx')).toEqual([['"x y"', 'size']])
  })
})

describe('a long paste', () => {
  it.each([
    ['many short words', `docker run -d ${Array.from({ length: 4_000 }, (_, index) => `-e 'VAR_${index}=two words ${'x'.repeat(30)}' \\\n  `).join('')}nginx`],
    ['one long word', `docker run -d -e A="${'y'.repeat(300_000)}" nginx`],
  ])('is read while a person types: %s', (_title, text) => {
    const began = performance.now()
    expect(parseRunCommand(text)).toHaveProperty('spec')
    // A tenth of it on a quiet machine; what grows with the square would take minutes.
    expect(performance.now() - began).toBeLessThan(3_000)
  })
})
