/*
 * naru-agent: guest end of the mux (docs/adr/0016; the other end is engine/providers/vm/mux.ts).
 * One virtio-serial port carries many byte streams. Only the host opens them. Nothing here ever blocks: what cannot be
 * written waits, and what waits is bounded by the credit of its stream.
 *
 *   naru-agent            finds the port called naru.api
 *   naru-agent --fd N     uses an open descriptor (tests)
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <time.h>
#include <unistd.h>

enum { PAD, OPEN, DATA, FIN, RST, WIN };
#define STREAMS 512
#define WINDOW (256 * 1024)
#define PAYLOAD 32768
#define END_MARK 0xa5
#define HEADER 8
/* Data is read only while this much may be sent at once; the rest of the buffer is for short frames. */
#define OUT_DATA (4 * (PAYLOAD + HEADER + 1))
#define OUT_ALL (OUT_DATA + STREAMS * 64 + 2 * 65536)
#define LOG_TAIL (64 * 1024)
/* Datagrams travel as u16 length and bytes; of UDP none is longer. */
#define DATAGRAM 65535
/* Until the engine has answered somebody: see first-rules.c. */
#define FIRST_RULES "/run/naru-first-rules"

struct stream {
  uint32_t id;           /* 0 = free */
  int fd;
  int no_more_in;        /* its fd has ended, FIN was sent */
  int no_more_out;       /* the host's FIN was passed on */
  int fin_waits;         /* the host's FIN waits behind the queue */
  int datagrams;         /* UDP: whole datagrams or nothing */
  int local;             /* a socket of this machine's file system: the engine's */
  uint32_t credit;       /* bytes the host takes now */
  uint32_t taken;        /* bytes passed on and not yet credited */
  uint8_t *queue;        /* WINDOW bytes, made when first needed */
  size_t from, held;
};

static struct stream streams[STREAMS];
static int port;
static int test_port;
static int in_step; /* the host has said hello since it connected */
static uint8_t in[2 * (PAYLOAD + HEADER + 1)];
static size_t in_held;
static uint8_t out[OUT_ALL];
static size_t out_held;

/* What takes long is done by a process of its own, one of each kind at a time; its end answers the question. */
struct helper {
  const char *name;
  pid_t pid;      /* 0 = none */
  int ended;      /* readable when it has */
  unsigned asked; /* number of the question; 0 when who asked is gone */
};
static struct helper growing = { "growfs", 0, -1, 0 }, syncing = { "sync", 0, -1, 0 };
static struct helper *const helpers[] = { &growing, &syncing };
#define HELPERS 2

static void send_frame(uint32_t id, int type, const void *payload, uint16_t size) {
  uint8_t *at = out + out_held;
  size_t whole = HEADER + size + (size ? 1 : 0);
  /* Cannot happen while a host keeps to its credit: short frames have room of their own. */
  if (out_held + whole > sizeof out) { in_step = 0; return; }
  memcpy(at, &id, 4);
  at[4] = type;
  at[5] = 0;
  memcpy(at + 6, &size, 2);
  if (size) {
    memcpy(at + HEADER, payload, size);
    at[HEADER + size] = END_MARK;
  }
  out_held += whole;
}

static void push_out(void) {
  size_t done = 0;
  while (done < out_held) {
    ssize_t n = write(port, out + done, out_held - done);
    if (n <= 0) break;
    done += n;
  }
  memmove(out, out + done, out_held - done);
  out_held -= done;
}

static struct stream *find(uint32_t id) {
  for (int i = 0; i < STREAMS; i++) if (streams[i].id == id) return streams + i;
  return NULL;
}

static void drop(struct stream *s) {
  close(s->fd);
  free(s->queue);
  memset(s, 0, sizeof *s);
}

static void drop_all(void) {
  for (int i = 0; i < STREAMS; i++) if (streams[i].id) drop(streams + i);
}

static void reset(struct stream *s) {
  send_frame(s->id, RST, NULL, 0);
  drop(s);
}

static void taken(struct stream *s, size_t n) {
  s->from += n;
  s->held -= n;
  s->taken += n;
}

/* Whole datagrams leave at once or are lost, as on any network; the beginning of one stays. */
static void flush_datagrams(struct stream *s) {
  while (s->held >= 2) {
    size_t size = s->queue[s->from] | s->queue[s->from + 1] << 8;
    if (s->held < 2 + size) break;
    /* An error may tell of one that was sent before and found nobody; this one was then not tried. */
    for (int tries = 0; tries < 2 && send(s->fd, s->queue + s->from + 2, size, MSG_NOSIGNAL) < 0 && errno == ECONNREFUSED;) tries++;
    taken(s, 2 + size);
  }
  if (s->held) memmove(s->queue, s->queue + s->from, s->held);
}

/* Passes on what the host sent; the stream may be gone afterwards. */
static void flush(struct stream *s) {
  if (s->datagrams) flush_datagrams(s);
  while (s->held && !s->datagrams) {
    ssize_t n = write(s->fd, s->queue + s->from, s->held);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n < 0) { reset(s); return; }
    taken(s, n);
  }
  s->from = 0;
  if (s->taken >= WINDOW / 4) {
    send_frame(s->id, WIN, &s->taken, 4);
    s->taken = 0;
  }
  if (s->fin_waits && s->datagrams) { reset(s); return; }
  if (s->fin_waits) {
    s->fin_waits = 0;
    s->no_more_out = 1;
    shutdown(s->fd, SHUT_WR);
  }
  if (s->no_more_in && s->no_more_out) drop(s);
}

static void keep(struct stream *s, const uint8_t *data, size_t size) {
  if (size > WINDOW - s->held || s->fin_waits || s->no_more_out) { reset(s); return; }
  if (!s->queue && !(s->queue = malloc(WINDOW))) { reset(s); return; }
  if (s->from + s->held + size > WINDOW) {
    memmove(s->queue, s->queue + s->from, s->held);
    s->from = 0;
  }
  memcpy(s->queue + s->from + s->held, data, size);
  s->held += size;
  flush(s);
}

/* One datagram, with its length before it; one there is no credit for is lost. */
static void fetch_datagram(struct stream *s) {
  static uint8_t buffer[2 + DATAGRAM];
  ssize_t n = recv(s->fd, buffer + 2, DATAGRAM, 0);
  /* An error tells of one that was sent before and found nobody. */
  if (n < 0 || s->credit < 2 + (size_t)n) return;
  buffer[0] = n & 0xff;
  buffer[1] = n >> 8;
  s->credit -= 2 + n;
  for (size_t at = 0, all = 2 + n; at < all; at += PAYLOAD) send_frame(s->id, DATA, buffer + at, all - at < PAYLOAD ? all - at : PAYLOAD);
}

static void engine_answers(void) {
  static int known;
  if (!known && !test_port) unlink(FIRST_RULES);
  known = 1;
}

static void fetch(struct stream *s) {
  if (s->datagrams) { fetch_datagram(s); return; }
  static uint8_t buffer[PAYLOAD];
  size_t most = s->credit < PAYLOAD ? s->credit : PAYLOAD;
  ssize_t n = read(s->fd, buffer, most);
  if (n > 0) {
    if (s->local) engine_answers();
    s->credit -= n;
    send_frame(s->id, DATA, buffer, n);
  } else if (n == 0) {
    s->no_more_in = 1;
    send_frame(s->id, FIN, NULL, 0);
    if (s->no_more_out) drop(s);
  } else if (errno != EAGAIN && errno != EINTR) {
    reset(s);
  }
}

static int dial_unix(const char *path) {
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  if (strlen(path) >= sizeof address.sun_path) return -1;
  strcpy(address.sun_path, path);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd >= 0 && connect(fd, (void *)&address, sizeof address) < 0) { close(fd); return -1; }
  return fd;
}

/* `1.2.3.4:80` or `[::1]:80`. */
static int dial_net(char *where, int type) {
  struct sockaddr_in v4 = { .sin_family = AF_INET };
  struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
  char *colon = strrchr(where, ':');
  int one = 1, is6 = *where == '[';
  if (!colon || (is6 && (colon == where || colon[-1] != ']'))) return -1;
  colon[is6 ? -1 : 0] = 0;
  v4.sin_port = v6.sin6_port = htons(atoi(colon + 1));
  if (inet_pton(is6 ? AF_INET6 : AF_INET, where + is6, is6 ? (void *)&v6.sin6_addr : (void *)&v4.sin_addr) != 1) return -1;
  int fd = socket(is6 ? AF_INET6 : AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  if (type == SOCK_STREAM) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (connect(fd, is6 ? (void *)&v6 : (void *)&v4, is6 ? sizeof v6 : sizeof v4) < 0 && errno != EINPROGRESS) { close(fd); return -1; }
  return fd;
}

/* A log's newest part; its name is letters only, so it cannot lead anywhere else. */
static int open_log(const char *name) {
  char path[96];
  if (!*name || strspn(name, "abcdefghijklmnopqrstuvwxyz") != strlen(name) || strlen(name) > 32) return -1;
  snprintf(path, sizeof path, "/run/log/%.32s.log", name);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd >= 0 && lseek(fd, 0, SEEK_END) > LOG_TAIL) lseek(fd, -LOG_TAIL, SEEK_END);
  else if (fd >= 0) lseek(fd, 0, SEEK_SET);
  return fd;
}

static void open_stream(uint32_t id, char *where) {
  struct stream *s = find(id) ? NULL : find(0);
  int fd = -1;
  if (s && !strncmp(where, "unix:", 5)) fd = dial_unix(where + 5);
  else if (s && !strncmp(where, "tcp:", 4)) fd = dial_net(where + 4, SOCK_STREAM);
  else if (s && !strncmp(where, "udp:", 4)) fd = dial_net(where + 4, SOCK_DGRAM);
  else if (s && !strncmp(where, "log:", 4)) fd = open_log(where + 4);
  if (fd < 0) { send_frame(id, RST, NULL, 0); return; }
  s->id = id;
  s->fd = fd;
  s->credit = WINDOW;
  s->datagrams = !strncmp(where, "udp:", 4);
  s->local = !strncmp(where, "unix:", 5);
}

static long long now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static void reply(unsigned number, const char *text) {
  char line[512];
  int n = snprintf(line, sizeof line, "%u %s", number, text);
  send_frame(0, DATA, line, n < (int)sizeof line ? n : (int)sizeof line - 1);
}

/* Numbers the window shows: MiB of memory, bytes of the data disk, seconds since the start. */
static void tell_stats(unsigned number) {
  char text[400], line[128];
  unsigned long total = 0, available = 0;
  double up = 0;
  struct statvfs disk;
  FILE *f = fopen("/proc/meminfo", "r");
  while (f && fgets(line, sizeof line, f)) {
    sscanf(line, "MemTotal: %lu", &total);
    sscanf(line, "MemAvailable: %lu", &available);
  }
  if (f) fclose(f);
  if ((f = fopen("/proc/uptime", "r"))) { if (fscanf(f, "%lf", &up) != 1) up = 0; fclose(f); }
  if (statvfs("/data", &disk) < 0) memset(&disk, 0, sizeof disk);
  snprintf(text, sizeof text, "memoryTotal=%lu memoryAvailable=%lu diskTotal=%llu diskFree=%llu up=%.0f", total / 1024, available / 1024,
           (unsigned long long)disk.f_blocks * disk.f_frsize, (unsigned long long)disk.f_bavail * disk.f_frsize, up);
  reply(number, text);
}

/* 0 in the helper itself. */
static int begin_helper(struct helper *h, unsigned number) {
  char text[32];
  snprintf(text, sizeof text, "%s failed", h->name);
  if (h->pid) { reply(number, "busy"); return -1; }
  if ((h->pid = fork()) == 0) return 0;
  if (h->pid < 0) { h->pid = 0; reply(number, text); return -1; }
  h->asked = number;
  h->ended = syscall(SYS_pidfd_open, h->pid, 0);
  return 1;
}

static void grow(unsigned number) {
  if (test_port) { reply(number, "busy"); return; }
  if (begin_helper(&growing, number)) return;
  int log = open("/run/log/resize.log", O_WRONLY | O_CREAT | O_TRUNC, 0600);
  dup2(log, 1);
  dup2(log, 2);
  execl("/sbin/resize2fs", "resize2fs", "/dev/vdb", (char *)NULL);
  _exit(127);
}

/* What the data disk was given so far is on it. Containers' streams must not wait for that, nor be held open by it. */
static void sync_data(unsigned number) {
  if (begin_helper(&syncing, number)) return;
  if (test_port) _exit(0);
  int data = open("/data", O_RDONLY | O_DIRECTORY);
  if (data < 0 || dup2(data, 0) < 0) _exit(1);
  close_range(3, ~0U, 0);
  _exit(syncfs(0) < 0 ? 1 : 0);
}

static void collect(struct helper *h) {
  int status;
  char text[64];
  if (!h->pid || waitpid(h->pid, &status, WNOHANG) != h->pid) return;
  if (h->ended >= 0) close(h->ended);
  h->pid = 0;
  h->ended = -1;
  snprintf(text, sizeof text, "%s rc=%d", h->name, WIFEXITED(status) ? WEXITSTATUS(status) : -1);
  if (h->asked) reply(h->asked, text);
}

static void set_time(unsigned number, long long ms) {
  char text[64];
  struct timespec t = { ms / 1000, (ms % 1000) * 1000000 };
  long long off = ms - now_ms();
  int rc = ms > 0 && !test_port ? clock_settime(CLOCK_REALTIME, &t) : -1;
  snprintf(text, sizeof text, rc < 0 ? "time refused" : "time off=%lld", off);
  reply(number, text);
}

/* A question: a number, a blank, a verb. */
static void control(char *line) {
  char *verb;
  unsigned number = strtoul(line, &verb, 10);
  if (verb == line || *verb++ != ' ') return;
  if (!strcmp(verb, "ping")) reply(number, "pong naru-agent 1");
  else if (!strncmp(verb, "time ", 5)) set_time(number, atoll(verb + 5));
  else if (!strcmp(verb, "clock")) {
    char text[32];
    snprintf(text, sizeof text, "%lld", now_ms());
    reply(number, text);
  }
  else if (!strcmp(verb, "sync")) sync_data(number);
  else if (!strcmp(verb, "stats")) tell_stats(number);
  else if (!strcmp(verb, "growfs")) grow(number);
  else if (!strcmp(verb, "poweroff")) { if (!test_port) kill(1, SIGUSR2); reply(number, "ok"); }
  else reply(number, "unknown");
}

static void accept_frame(uint32_t id, int type, uint8_t *payload, size_t size) {
  char text[4097];
  struct stream *s;
  if (id == 0 && type == RST) {
    /* A host says hello: whatever an earlier one had open is over. */
    drop_all();
    for (int i = 0; i < HELPERS; i++) helpers[i]->asked = 0;
    out_held = 0;
    in_step = 1;
    send_frame(0, RST, payload, size);
    return;
  }
  if (!in_step) return;
  if (size < sizeof text) { memcpy(text, payload, size); text[size] = 0; }
  if (id == 0) { if (type == DATA && size < sizeof text) control(text); return; }
  if (type == OPEN) { if (size < sizeof text) open_stream(id, text); return; }
  if (!(s = find(id))) return;
  if (type == DATA) keep(s, payload, size);
  else if (type == FIN) { s->fin_waits = 1; flush(s); }
  else if (type == RST) drop(s);
  else if (type == WIN && size == 4) { uint32_t more; memcpy(&more, payload, 4); s->credit += more; }
}

/* A frame that was cut short: the host that sent it is gone. */
static void out_of_step(void) {
  in_step = 0;
  drop_all();
}

static void take_frames(void) {
  size_t at = 0;
  while (in_held - at >= HEADER) {
    uint8_t *h = in + at;
    uint32_t id;
    uint16_t size;
    memcpy(&id, h, 4);
    memcpy(&size, h + 6, 2);
    if (h[4] == PAD) { if (id) out_of_step(); at++; continue; }
    if (h[4] > WIN || h[5] || size > PAYLOAD) { out_of_step(); at++; continue; }
    size_t whole = HEADER + size + (size ? 1 : 0);
    if (in_held - at < whole) break;
    if (size && h[whole - 1] != END_MARK) out_of_step();
    else accept_frame(id, h[4], h + HEADER, size);
    at += whole;
  }
  memmove(in, in + at, in_held - at);
  in_held -= at;
}

/* There is no udev: the port's name is in sysfs. */
static int find_port(void) {
  char path[96], name[64];
  for (int i = 0; i < 32; i++) for (int j = 0; j < 8; j++) {
    snprintf(path, sizeof path, "/sys/class/virtio-ports/vport%dp%d/name", i, j);
    FILE *f = fopen(path, "r");
    if (!f) continue;
    int ours = fgets(name, sizeof name, f) && !strncmp(name, "naru.api", 8);
    fclose(f);
    if (!ours) continue;
    snprintf(path, sizeof path, "/dev/vport%dp%d", i, j);
    return open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
  }
  return -1;
}

static void read_port(void) {
  ssize_t n = read(port, in + in_held, sizeof in - in_held);
  if (n > 0) in_held += n;
  else if (n == 0 && test_port) exit(0);
  take_frames();
}

int main(int argc, char **argv) {
  static struct pollfd polled[STREAMS + 1 + HELPERS];
  static struct stream *of[STREAMS + 1];
  signal(SIGPIPE, SIG_IGN);
  if (argc == 3 && !strcmp(argv[1], "--fd")) {
    port = atoi(argv[2]);
    test_port = 1;
    fcntl(port, F_SETFL, fcntl(port, F_GETFL) | O_NONBLOCK);
  } else {
    for (int tries = 0; (port = find_port()) < 0; tries++) {
      if (tries == 200) { perror("naru-agent: port"); return 1; }
      usleep(50000);
    }
  }
  for (;;) {
    int count = 1, room = out_held < OUT_DATA;
    polled[0] = (struct pollfd){ port, POLLIN | (out_held ? POLLOUT : 0), 0 };
    for (int i = 0; i < STREAMS; i++) {
      struct stream *s = streams + i;
      short wanted = 0;
      if (!s->id) continue;
      if (!s->no_more_in && s->credit && room) wanted |= POLLIN;
      if (s->held && !s->datagrams) wanted |= POLLOUT;
      /* Not asked for anything, a closed socket would still wake us for ever. */
      polled[count] = (struct pollfd){ wanted ? s->fd : -1, wanted, 0 };
      of[count++] = s;
    }
    int all = count, look = -1;
    for (int i = 0; i < HELPERS; i++) {
      polled[all++] = (struct pollfd){ helpers[i]->ended, POLLIN, 0 };
      /* A kernel without pidfds (tests). */
      if (helpers[i]->pid && helpers[i]->ended < 0) look = 100;
    }
    poll(polled, all, look);
    for (int i = 0; i < HELPERS; i++) collect(helpers[i]);
    if (polled[0].revents & POLLHUP) {
      if (test_port && !(polled[0].revents & POLLIN)) return 0;
      /* No host is there. What it sent last may still be read; nobody reads what is sent. */
      if (!test_port) { out_of_step(); out_held = 0; }
      if (!(polled[0].revents & POLLIN)) usleep(50000);
    }
    for (int i = 1; i < count; i++) {
      struct stream *s = of[i];
      uint32_t id = s->id;
      if (!id || polled[i].fd != s->fd) continue;
      if (polled[i].revents & POLLOUT) flush(s);
      if (s->id != id || s->no_more_in || !s->credit || out_held >= OUT_DATA) continue;
      if (polled[i].revents & (POLLIN | POLLHUP | POLLERR)) fetch(s);
    }
    /* Streams first: reading the port opens and closes them, and `of` would no longer be true. */
    if (polled[0].revents & POLLIN) read_port();
    if (out_held) push_out();
  }
}
