import type { OperationRow } from '../../../engine/contract/models.ts'

/** A shell script of every operation that succeeded and has a docker command, oldest first. `title` is its comment. */
export function operationsScript(rows: readonly OperationRow[], title: string): string {
  const done = rows
    .filter((row) => row.status === 'succeeded' && /^docker\s/.test(row.command))
    .sort((a, b) => a.startedAt - b.startedAt)
  const stamp = (row: OperationRow): string => `# ${new Date(row.startedAt).toISOString()}`
  return ['#!/bin/sh', `# ${title}`, 'set -e', '', ...done.flatMap((row) => [stamp(row), row.command, '']), ''].join('\n').replace(/\n+$/, '\n')
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
