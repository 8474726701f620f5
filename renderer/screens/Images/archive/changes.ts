/** Dockerfile instructions that `docker import -c` takes. Pure. Source: docs.docker.com/reference/cli/docker/image/import */
const ALLOWED = /^(?:CMD|ENTRYPOINT|ENV|EXPOSE|HEALTHCHECK|LABEL|ONBUILD|STOPSIGNAL|USER|VOLUME|WORKDIR)\s+\S/i

export function changeLines(text: string): string[] {
  return text.split('\n').map((line) => line.trim()).filter(Boolean)
}

/** Number of the first line (1-based) that is none; null when all are. */
export function badChange(text: string): number | null {
  const at = text.split('\n').findIndex((line) => line.trim() !== '' && !ALLOWED.test(line.trim()))
  return at < 0 ? null : at + 1
}
