/* SPDX-License-Identifier: MIT */
/*
 * Preloaded into the process that reads a file: what a decoder would do that a file has taken over. It
 * begins with the first byte that is asked of the file, makes room where descriptors are all taken, tries
 * each way out, and says on standard output how it went. A child never comes back from here.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static void say(const char *what, long result)
{
    char line[128];
    int n = snprintf(line, sizeof(line), "%s: %s\n", what,
                     result >= 0 ? "done" : strerrorname_np(errno));

    syscall(SYS_write, STDOUT_FILENO, line, (size_t)n);
}

static void try_network(void)
{
    const struct sockaddr_in there = { .sin_family = AF_INET,
                                       .sin_port = htons(1883),
                                       .sin_addr = { htonl(INADDR_LOOPBACK) } };
    const struct sockaddr_un bus = { .sun_family = AF_UNIX,
                                     .sun_path = "/run/dbus/system_bus_socket" };
    int ends[2];

    say("socket of the network", socket(AF_INET, SOCK_STREAM, 0));
    say("socket of the bus", socket(AF_UNIX, SOCK_STREAM, 0));
    say("socket of Bluetooth", socket(AF_BLUETOOTH, SOCK_RAW, 1));
    say("socketpair", socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
    /* with what it has open */
    say("connect to the network", connect(STDIN_FILENO, (const void *)&there, sizeof(there)));
    say("connect to the bus", connect(STDIN_FILENO, (const void *)&bus, sizeof(bus)));
    say("sendto", sendto(STDOUT_FILENO, "x", 1, 0, (const void *)&there, sizeof(there)));
}

static void try_files(void)
{
    const struct rlimit more = { 64, 64 };

    say("open", open("/etc/passwd", O_RDONLY));
    say("open to write", open("/tmp/strided-burglar", O_WRONLY | O_CREAT, 0600));
    say("unlink", unlink("/tmp/strided-burglar"));
    say("mkdir", mkdir("/tmp/strided-burglar", 0700));
    say("chmod", chmod("/tmp", 01777));
    say("rename", rename("/tmp/strided-burglar", "/tmp/strided-burglar-2"));
    say("truncate", ftruncate(STDIN_FILENO, 0));
    say("dup", dup(STDOUT_FILENO));
    say("memfd_create", memfd_create("x", 0));
    say("setrlimit", setrlimit(RLIMIT_NOFILE, &more));
}

static void try_processes(void)
{
    char *const argv[] = { (char *)"true", NULL }, *const env[] = { NULL };

    say("kill the parent", kill(getppid(), 0));
    say("ptrace the parent", ptrace(PTRACE_SEIZE, getppid(), NULL, NULL));
    say("read the parent's memory", syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0));
    say("vfork", syscall(SYS_clone, CLONE_VM | CLONE_VFORK | SIGCHLD, NULL, NULL, NULL, NULL));
    say("exec", execve("/bin/true", argv, env));
}

ssize_t read(int fd, void *bytes, size_t size)
{
    (void)bytes, (void)size;
    if (fd != STDIN_FILENO)
        abort();
    syscall(SYS_close, STDERR_FILENO);
    try_network();
    try_files();
    try_processes();
    _exit(42);
}
