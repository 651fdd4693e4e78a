/* SPDX-License-Identifier: MIT */
/*
 * 1. The end of a link.
 *
 * Paho keeps its descriptor to itself, so it is looked for: nothing else of this process has a link to
 * that port. Paho's threads may close it at any time and another thread may get its number, so it is a
 * duplicate that is looked at and cut.
 *
 * Only of a socket: the close of any descriptor of a file gives up all locks of the process on it, and
 * SQLite's are of that kind. Whoever opens the database then takes it for nobody's.
 *
 * 2. No write of Paho's fails.
 *
 * Where the write of a publish with QoS 1 fails, Paho frees its topic and its payload twice (1.3.12, and
 * 1.3.15 does so yet): with the command that failed, and again with the list of what is under way, when
 * the link is closed. Its own bookkeeping passes over the second one, unless somebody has been given that
 * memory in between; then it is taken away below them, and the process dies of it. So writev() and
 * SSL_write() are ours, for Paho too, as those of the program come before those of the libraries: a link
 * that turns out to be broken is shut down, and Paho hears of it where nothing is under way, when it
 * reads. What it takes for written is lost like all that a kernel has when a link breaks: of QoS 1 the
 * answer never comes.
 */
#include "daemon/broker/paho/wire.h"
#include <arpa/inet.h>
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* ---- the end of a link --------------------------------------------------------------------------- */

static bool leads_to(int fd, int port)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
        struct sockaddr_storage room;
    } peer = { .any.sa_family = AF_UNSPEC };
    socklen_t length = sizeof(peer);
    int type = 0;
    socklen_t type_length = sizeof(type);

    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_length) < 0 || type != SOCK_STREAM ||
        getpeername(fd, &peer.any, &length) < 0)
        return false;
    return (peer.any.sa_family == AF_INET && ntohs(peer.v4.sin_port) == port) ||
           (peer.any.sa_family == AF_INET6 && ntohs(peer.v6.sin6_port) == port);
}

static bool is_socket(int fd)
{
    struct stat stat;

    return fstat(fd, &stat) == 0 && S_ISSOCK(stat.st_mode);
}

static bool cut_if_it_leads_to(int number, int port)
{
    if (!is_socket(number))
        return false;
    int fd = fcntl(number, F_DUPFD_CLOEXEC, 0);
    if (fd < 0 || !is_socket(fd))
        return false; /* closed meanwhile, and perhaps a file now: that duplicate stays open */
    bool leads = leads_to(fd, port);
    if (leads)
        (void)shutdown(fd, SHUT_RDWR); /* fails if the other side was first */
    close(fd);
    return leads;
}

bool paho_wire_cut(int port)
{
    DIR *folder = opendir("/proc/self/fd");
    struct dirent *entry;
    bool cut = false;

    while (folder && (entry = readdir(folder)))
        if (entry->d_name[0] != '.')
            cut |= cut_if_it_leads_to(atoi(entry->d_name), port);
    if (folder)
        closedir(folder);
    return cut;
}

/* ---- writes -------------------------------------------------------------------------------------- */

/* Over the network: D-Bus and the journal are no such thing, and hear of their own errors. */
static bool is_link(int fd)
{
    int domain = AF_UNSPEC, type = 0;
    socklen_t domain_length = sizeof(domain), type_length = sizeof(type);

    return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &domain_length) == 0 &&
           getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_length) == 0 &&
           (domain == AF_INET || domain == AF_INET6) && type == SOCK_STREAM;
}

static ssize_t length_of(const struct iovec *parts, int n)
{
    ssize_t length = 0;

    for (int i = 0; i < n; i++)
        length += (ssize_t)parts[i].iov_len;
    return length;
}

ssize_t writev(int fd, const struct iovec *parts, int n)
{
    ssize_t written = syscall(SYS_writev, fd, parts, n);
    int error = errno;

    if (written >= 0 || error == EAGAIN || error == EINTR || !is_link(fd)) {
        errno = error;
        return written;
    }
    /* an error that passes, such as one of a route, is the end of the link too */
    (void)shutdown(fd, SHUT_RDWR);
    return length_of(parts, n);
}

int SSL_write(SSL *tls, const void *bytes, int length)
{
    static int (*real)(SSL *, const void *, int);
    int written;

    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "SSL_write");
    written = real(tls, bytes, length);
    if (written > 0 || SSL_get_error(tls, written) == SSL_ERROR_WANT_WRITE)
        return written;
    ERR_clear_error();
    (void)shutdown(SSL_get_fd(tls), SHUT_RDWR);
    return length;
}
