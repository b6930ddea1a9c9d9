/*
 * The floor under any reader of a session directory: open, fstat, read, close for every entry, one thread, nothing
 * else. Same open flags as sess2redis. Prints the number of files and bytes read.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int argc, char **argv) {
  static char buffer[1 << 16];
  long files = 0, bytes = 0;
  if (argc != 2 || chdir(argv[1]) != 0) return 2;
  DIR *directory = opendir(".");
  if (directory == NULL) return 2;
  for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
    if (entry->d_type == DT_DIR) continue;
    int fd = open(entry->d_name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0) return 1;
    struct stat status;
    if (fstat(fd, &status) != 0) return 1;
    ssize_t length = read(fd, buffer, sizeof buffer);
    if (length != status.st_size) return 1;
    close(fd);
    files++;
    bytes += length;
  }
  printf("%ld %ld\n", files, bytes);
  return 0;
}
