/** A program of its own for containers that have nothing but BusyBox: sends every datagram back to where it came from. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exec } from '../../engine/system/exec.ts'

const SOURCE = `
#include <arpa/inet.h>
#include <sys/socket.h>
int main(void) {
  struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(53) }, from;
  static char datagram[65536];
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  if (bind(fd, (void *)&at, sizeof at) < 0) return 1;
  for (;;) {
    socklen_t size = sizeof from;
    ssize_t n = recvfrom(fd, datagram, sizeof datagram, 0, (void *)&from, &size);
    if (n >= 0) sendto(fd, datagram, n, 0, (void *)&from, size);
  }
}
`

/** Puts the program at `path`, listening at port 53. False when this machine has no C compiler. */
export async function buildUdpEcho(path: string): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'naru-echo-'))
  try {
    await writeFile(join(folder, 'echo.c'), SOURCE)
    await exec('cc', ['-O1', '-static', '-o', path, join(folder, 'echo.c')], { timeoutMs: 120_000 })
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'not-found') return false
    throw error
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
