import type { OperationRow } from '../../../engine/contract/models.ts'

/**
 * A shell script of every operation that succeeded and has a docker command, oldest first. Values that look like secrets
 * are not in it: it takes them from the environment and ends at once, with `hidden`, where one is missing.
 */
export function operationsScript(rows: readonly OperationRow[], words: { readonly title: string; readonly hidden: string }): string {
  const done = rows
    .filter((row) => row.status === 'succeeded' && /^docker\s/.test(row.command))
    .sort((a, b) => a.startedAt - b.startedAt)
  const remark = words.hidden.replace(/["$`\\{}\n]/g, '')
  let numbered = 0
  const lines = (row: OperationRow): readonly string[] => {
    // Each line counts its unnamed secrets from one; in a script they are told apart.
    const names = new Map((row.needs ?? []).map((name) => [name, /^SECRET_\d+$/.test(name) ? `SECRET_${(numbered += 1)}` : name]))
    const command = row.command.replace(/\$\{(SECRET_\d+)\}/g, (all, name: string) => (names.has(name) ? `\${${names.get(name)}}` : all))
    const asked = [...names.values()].flatMap((name) => [`: "\${${name}:?${remark}}"`, ...(name.startsWith('SECRET_') ? [] : [`export ${name}`])])
    return [`# ${new Date(row.startedAt).toISOString()}`, ...asked, command, '']
  }
  return ['#!/bin/sh', `# ${words.title}`, 'set -e', '', ...done.flatMap(lines), ''].join('\n').replace(/\n+$/, '\n')
}

/** Hands `text` to the person as a file. */
export function download(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'text/x-shellscript' }))
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(address), 10_000)
}
