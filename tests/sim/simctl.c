/* SPDX-License-Identifier: MIT */
/* simctl SOCKET WORD...: one command to strided-bluez-sim, its answer to stdout, 0 when it is "ok". */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int connect_to(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || strlen(path) >= sizeof address.sun_path)
        return -1;
    memcpy(address.sun_path, path, strlen(path));
    return connect(fd, (struct sockaddr *)&address, sizeof address) < 0 ? -1 : fd;
}

int main(int argc, char **argv)
{
    int fd = argc > 2 ? connect_to(argv[1]) : -1;
    char answer[8192];
    FILE *f;

    if (argc < 3) {
        fprintf(stderr, "simctl SOCKET WORD...\n");
        return 2;
    }
    f = fd < 0 ? NULL : fdopen(fd, "r+");
    if (!f) {
        perror(argv[1]);
        return 2;
    }
    for (int i = 2; i < argc; i++)
        fprintf(f, "%s%c", argv[i], i + 1 < argc ? ' ' : '\n');
    fflush(f);
    if (!fgets(answer, sizeof answer, f))
        return 2;
    fputs(answer, stdout);
    fclose(f);
    return strncmp(answer, "ok", 2) == 0 ? 0 : 1;
}
