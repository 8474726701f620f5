/*
 * iptables until the engine answers for the first time after a boot. Its start asks about a hundred times for rules and
 * chains that cannot be there yet, and every answer costs the loader of a large program: a third of a start in emulation.
 * The tables of a machine that just booted are empty, and until its first answer nobody but the engine changes them, so
 * what it has put there is known here: written down, one entry per line, in STATE. Without that file, and for everything
 * not understood, the real program runs. The agent and init remove the file (docs/adr/0022).
 *
 * Entries: `C table chain` for a chain of the engine's own, `R table chain target rule…` for a rule.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef STATE
#define STATE "/run/naru-first-rules"
#endif
#ifndef REAL
#define REAL "/usr/sbin/xtables-nft-multi"
#endif

#define ENTRY 2048
#define KNOWN (256 * 1024)

struct asked {
  const char *table, *chain, *target;
  char op; /* C D F X N A I L, or 0 for anything else */
  char rule[ENTRY];
};

static char known[KNOWN];

static int is_builtin(const char *chain) {
  static const char *const names[] = { "PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING" };
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) if (!strcmp(chain, names[i])) return 1;
  return 0;
}

static int append(char *text, const char *word) {
  size_t held = strlen(text), more = strlen(word);
  if (held + more + 2 > ENTRY || strpbrk(word, " \n")) return 0;
  sprintf(text + held, "%s%s", held ? " " : "", word);
  return 1;
}

/* 0 when something in it is not understood: what the engine does not write at its start is not handled here. */
static int understand(int argc, char **argv, struct asked *a) {
  a->table = "filter";
  a->chain = a->target = "";
  for (int i = 1; i < argc; i++) {
    const char *word = argv[i], *next = i + 1 < argc ? argv[i + 1] : NULL;
    if (!strcmp(word, "--wait") || !strcmp(word, "-n")) continue;
    if (!strcmp(word, "-t") && next && !a->op) { a->table = next; i++; continue; }
    if (!a->op) {
      if (strlen(word) != 2 || *word != '-' || !strchr("CDFXNAIL", word[1]) || !next || *next == '-') return 0;
      a->op = word[1];
      a->chain = next;
      i++;
      continue;
    }
    if (!strcmp(word, "-j") && next) a->target = next;
    if (!append(a->rule, word)) return 0;
  }
  /* A number in front is a place, not a rule. */
  return a->op && !(a->rule[0] >= '0' && a->rule[0] <= '9') && strlen(a->table) + strlen(a->chain) + strlen(a->target) + strlen(a->rule) + 8 < ENTRY;
}

/* The line that begins with `start`, and when `whole`, has nothing after it. */
static char *line_of(const char *start, int whole) {
  size_t size = strlen(start);
  for (char *at = known; *at; at = strchr(at, '\n') + 1)
    if (!strncmp(at, start, size) && (!whole || at[size] == '\n')) return at;
  return NULL;
}

static void forget(char *line) {
  char *after = strchr(line, '\n') + 1;
  memmove(line, after, strlen(after) + 1);
}

static void remember(const char *line) {
  size_t held = strlen(known);
  if (held + strlen(line) + 2 <= KNOWN) sprintf(known + held, "%s\n", line);
}

static int say(const char *text) {
  fprintf(stderr, "iptables: %s\n", text);
  return 1;
}

/* -1: the real program must be asked. */
static int answer(const struct asked *a, const char *chain, const char *rule) {
  char rules[ENTRY + 16];
  if (a->op == 'F' || a->op == 'X' || a->op == 'L') return is_builtin(a->chain) || line_of(chain, 1) ? -1 : say("No chain/target/match by that name.");
  if (a->op != 'C' && a->op != 'D') return -1;
  if (line_of(rule, 1)) return a->op == 'C' ? 0 : -1;
  /* The same rule can be written in another order, but not with another target. */
  snprintf(rules, sizeof rules, "R %s %s %s%s", a->table, a->chain, a->target, *a->target ? " " : "");
  return line_of(rules, 0) ? -1 : say("Bad rule (does a matching rule exist in that chain?).");
}

static int run(char **argv) {
  int status;
  pid_t child = vfork();
  if (child == 0) {
    execv(REAL, argv);
    _exit(127);
  }
  if (child < 0 || waitpid(child, &status, 0) < 0) return 127;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/* What the real program did; 0 when that can no longer be told. */
static int note(const struct asked *a, const char *chain, const char *rule) {
  char rules[ENTRY + 16], *line;
  snprintf(rules, sizeof rules, "R %s %s ", a->table, a->chain);
  switch (a->op) {
    case 'N': remember(chain); return 1;
    case 'A': case 'I': remember(rule); return 1;
    case 'D':
      if (!(line = line_of(rule, 1))) return 0;
      forget(line);
      return 1;
    case 'F': while ((line = line_of(rules, 0))) forget(line); return 1;
    case 'X': if ((line = line_of(chain, 1))) forget(line); return 1;
    default: return 1;
  }
}

/* A state that does not fit is none. */
static int load(int fd) {
  ssize_t n = read(fd, known, sizeof known - 1), at = 0;
  for (; n > 0 && at + n < KNOWN - 1; n = read(fd, known + at, sizeof known - 1 - at)) at += n;
  known[at] = 0;
  return n == 0 && (at == 0 || known[at - 1] == '\n');
}

static int store(int fd) {
  size_t size = strlen(known);
  return size + ENTRY < KNOWN && lseek(fd, 0, SEEK_SET) == 0 && ftruncate(fd, 0) == 0 && write(fd, known, size) == (ssize_t)size;
}

int main(int argc, char **argv) {
  static struct asked a;
  static char chain[ENTRY + 16], rule[2 * ENTRY];
  argv[0] = "iptables";
  int fd = open(STATE, O_RDWR | O_CLOEXEC);
  if (fd < 0) { execv(REAL, argv); return 127; }
  if (flock(fd, LOCK_EX) < 0 || !load(fd) || !understand(argc, argv, &a)) {
    unlink(STATE);
    execv(REAL, argv);
    return 127;
  }
  snprintf(chain, sizeof chain, "C %s %s", a.table, a.chain);
  snprintf(rule, sizeof rule, "R %s %s %s %s", a.table, a.chain, a.target, a.rule);
  int code = answer(&a, chain, rule);
  if (code >= 0) return code;
  code = run(argv);
  if (code == 0 && strchr("NAIDFX", a.op) && (!note(&a, chain, rule) || !store(fd))) unlink(STATE);
  return code;
}
