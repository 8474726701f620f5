import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { joinCommand, splitCommand } from '../../../engine/containers/words.ts'
import { hideInCommand } from '../../../engine/redact/command.ts'
import { MASK } from '../../../engine/redact/rules.ts'

describe('a docker line', () => {
  it('without secrets stays as it is, with no word about it', () => {
    const line = "docker run -d -e POSTGRES_DB=shop -e 'TEXT=a b' -p 8080:80 nginx sh -c 'echo $HOME'"
    expect(hideInCommand(line)).toEqual({ command: line })
  })
  it('shows that a variable has a secret, and is copied such that it comes from the environment', () => {
    expect(hideInCommand("docker run -d -e A=b -e 'DB_PASSWORD=x y' -e URL=http://u:pw@h/ nginx")).toEqual({
      command: 'docker run -d -e A=b -e DB_PASSWORD -e URL nginx',
      shown: `docker run -d -e A=b -e DB_PASSWORD=${MASK} -e URL=http://u:${MASK}@h/ nginx`,
      needs: ['DB_PASSWORD', 'URL'],
    })
    expect(hideInCommand('docker build --build-arg NPM_TOKEN=abc -t x .')).toMatchObject({ command: 'docker build --build-arg NPM_TOKEN -t x .', needs: ['NPM_TOKEN'] })
  })
  it('of several lines stays on as many', () => {
    expect(hideInCommand('docker run -d \\\n  -e A=b \\\n  -e DB_PASSWORD=x \\\n  nginx sh -c \'a b\'')).toEqual({
      command: "docker run -d \\\n  -e A=b \\\n  -e DB_PASSWORD \\\n  nginx sh -c 'a b'",
      shown: `docker run -d \\\n  -e A=b \\\n  -e DB_PASSWORD=${MASK} \\\n  nginx sh -c 'a b'`,
      needs: ['DB_PASSWORD'],
    })
    // What looks like a seam and stands between quotes is none.
    expect(hideInCommand("docker run -e 'TOKEN=a \\\n b' nginx").shown).toContain(MASK)
  })
  it('takes what no flag takes from the environment out of variables of the shell', () => {
    expect(hideInCommand('docker run -l api.token=x -e A.SECRET=y mysql mysql -uroot -psecret --token z --password=w')).toEqual({
      command: 'docker run -l "api.token=${SECRET_1}" -e "A.SECRET=${SECRET_2}" mysql mysql -uroot "-p${SECRET_3}" --token "${SECRET_4}" "--password=${SECRET_5}"',
      shown: `docker run -l api.token=${MASK} -e A.SECRET=${MASK} mysql mysql -uroot -p${MASK} --token ${MASK} --password=${MASK}`,
      needs: ['SECRET_1', 'SECRET_2', 'SECRET_3', 'SECRET_4', 'SECRET_5'],
    })
    expect(hideInCommand('docker pull user:pw@host/x')).toEqual({ command: 'docker pull user:pw@host/x' })
    expect(hideInCommand('docker pull https://user:pw@host/x').shown).toBe(`docker pull https://user:${MASK}@host/x`)
  })
  it('of several commands is hidden as text', () => {
    expect(hideInCommand('docker stop $(docker ps -q)')).toEqual({ command: 'docker stop $(docker ps -q)' })
    expect(hideInCommand('docker rm a && docker run -e TOKEN=x b').command).toBe(`docker rm a && docker run -e TOKEN=${MASK} b`)
  })
  it('keeps no secret, whatever it is, and what is copied is one line of as many words', () => {
    const secret = fc.string({ minLength: 4, maxLength: 60, unit: 'binary' }).map((text) => `!${text.replaceAll('\0', '')}7q`)
    fc.assert(
      fc.property(secret, fc.string(), fc.constantFrom('DB_PASSWORD', 'apiKey', 'x.y-token', 'PGPASSWORD'), fc.constantFrom('-e', '--build-arg', '-l', '--env', '--label'), (value, other, name, flag) => {
        fc.pre(!other.includes(value))
        const words = ['docker', 'run', flag, `${name}=${value}`, `--db-password=${value}`, 'image', other]
        const { command, shown = '' } = hideInCommand(joinCommand(words))
        expect(command).not.toContain(value)
        expect(shown).not.toContain(value)
        expect(splitCommand(command)).toHaveLength(words.length)
      }),
    )
  })
})
