/* Fails one kind of call on paths below FAIL_UNDER, from the FAIL_NTH time on, with FAIL_ERRNO. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int times;

static int fails(const char *call, const char *path) {
  const char *wanted = getenv("FAIL_CALL"), *under = getenv("FAIL_UNDER");
  if (wanted == NULL || under == NULL || path == NULL || strcmp(wanted, call) != 0) return 0;
  if (strncmp(path, under, strlen(under)) != 0) return 0;
  if (__sync_add_and_fetch(&times, 1) < atoi(getenv("FAIL_NTH"))) return 0;
  errno = atoi(getenv("FAIL_ERRNO"));
  return 1;
}

static int fails_at(const char *call, int fd) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return fails(call, path);
}

#define REAL(type, name, ...) ((type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name))

int open(const char *path, int flags, ...) {
  va_list all;
  va_start(all, flags);
  int mode = va_arg(all, int);
  va_end(all);
  if (fails("open", path)) return -1;
  return REAL(int, "open", const char *, int, ...)(path, flags, mode);
}
int open64(const char *path, int flags, ...) {
  va_list all;
  va_start(all, flags);
  int mode = va_arg(all, int);
  va_end(all);
  if (fails("open", path)) return -1;
  return REAL(int, "open64", const char *, int, ...)(path, flags, mode);
}
ssize_t read(int fd, void *to, size_t n) {
  return fails_at("read", fd) ? -1 : REAL(ssize_t, "read", int, void *, size_t)(fd, to, n);
}
ssize_t pread64(int fd, void *to, size_t n, off64_t at) {
  return fails_at("read", fd) ? -1 : REAL(ssize_t, "pread64", int, void *, size_t, off64_t)(fd, to, n, at);
}
ssize_t pread(int fd, void *to, size_t n, off_t at) {
  return fails_at("read", fd) ? -1 : REAL(ssize_t, "pread", int, void *, size_t, off_t)(fd, to, n, at);
}
ssize_t write(int fd, const void *from, size_t n) {
  return fails_at("write", fd) ? -1 : REAL(ssize_t, "write", int, const void *, size_t)(fd, from, n);
}
struct dirent64 *readdir64(DIR *dir) {
  return fails_at("getdents", dirfd(dir)) ? NULL : REAL(struct dirent64 *, "readdir64", DIR *)(dir);
}
struct dirent *readdir(DIR *dir) {
  return fails_at("getdents", dirfd(dir)) ? NULL : REAL(struct dirent *, "readdir", DIR *)(dir);
}
int rename(const char *from, const char *to) {
  return fails("rename", to) ? -1 : REAL(int, "rename", const char *, const char *)(from, to);
}
/* libuv asks for files by statx(2) in its own way. */
int statx(int at, const char *path, int flags, unsigned mask, void *into) {
  return fails("stat", path) ? -1 : REAL(int, "statx", int, const char *, int, unsigned, void *)(at, path, flags, mask, into);
}
long syscall(long number, ...) {
  va_list all;
  long a[6];
  va_start(all, number);
  for (int i = 0; i < 6; i++) a[i] = va_arg(all, long);
  va_end(all);
  if (number == SYS_statx && fails("stat", (const char *)a[1])) return -1;
  return REAL(long, "syscall", long, ...)(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
