/* Holds a process in the middle of a save: after HELD_CALL (ftruncate, or half of a pwrite) it waits for HELD_UNTIL, a file. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static void hold(const char *call) {
  const char *wanted = getenv("HELD_CALL"), *until = getenv("HELD_UNTIL");
  if (wanted == NULL || until == NULL || strcmp(wanted, call) != 0) return;
  write(1, "held\n", 5);
  while (access(until, F_OK) != 0) usleep(5000);
}

static int cut(const char *name, int fd, off_t length) {
  int result = ((int (*)(int, off_t))dlsym(RTLD_NEXT, name))(fd, length);
  hold("ftruncate");
  return result;
}

int ftruncate(int fd, off_t length) { return cut("ftruncate", fd, length); }
int ftruncate64(int fd, off_t length) { return cut("ftruncate64", fd, length); }

static ssize_t put(const char *name, int fd, const void *bytes, size_t count, off_t offset) {
  ssize_t (*real)(int, const void *, size_t, off_t) = dlsym(RTLD_NEXT, name);
  ssize_t half = real(fd, bytes, count / 2, offset);
  if (half < 0) return half;
  hold("pwrite");
  ssize_t rest = real(fd, (const char *)bytes + half, count - half, offset + half);
  return rest < 0 ? rest : half + rest;
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset) { return put("pwrite", fd, bytes, count, offset); }
ssize_t pwrite64(int fd, const void *bytes, size_t count, off_t offset) { return put("pwrite64", fd, bytes, count, offset); }
