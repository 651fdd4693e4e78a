/* SPDX-License-Identifier: MIT */
#include "daemon/doctor/tcp_try.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include "daemon/clock.h"
#include "daemon/util.h"

#define PATIENCE_USEC (3 * UINT64_C(1000000)) /* of all addresses together */

static void freeaddrinfop(struct addrinfo **info)
{
    if (*info)
        freeaddrinfo(*info);
}

/* 0 or -errno */
static int try_one(const struct addrinfo *info, uint64_t deadline_usec)
{
    _cleanup_close_ int fd =
        socket(info->ai_family, info->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    struct pollfd poll_fd = { .fd = fd, .events = POLLOUT };
    uint64_t now_usec = clock_machine_usec();
    socklen_t size = sizeof(int);
    int error = 0;

    if (fd < 0)
        return -errno;
    if (connect(fd, info->ai_addr, info->ai_addrlen) == 0)
        return 0;
    if (errno != EINPROGRESS)
        return -errno;
    if (now_usec >= deadline_usec ||
        poll(&poll_fd, 1, (int)((deadline_usec - now_usec) / 1000) + 1) <= 0)
        return -ETIMEDOUT;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
        return -errno;
    return -error;
}

enum tcp_try_outcome tcp_try(const char *host, int port, char *ret_text, size_t size)
{
    _cleanup_(freeaddrinfop) struct addrinfo *found = NULL;
    struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
    uint64_t deadline_usec;
    size_t n = 0;
    enum tcp_try_outcome outcome = TCP_TRY_AWAY;
    char service[16], address[64];
    int r;

    snprintf(service, sizeof(service), "%d", port);
    r = getaddrinfo(host, service, &hints, &found);
    if (r != 0) {
        snprintf(ret_text, size, "%s", r == EAI_SYSTEM ? strerror(errno) : gai_strerror(r));
        return TCP_TRY_NAME;
    }
    for (const struct addrinfo *info = found; info; info = info->ai_next)
        n++;
    for (const struct addrinfo *info = found; info; info = info->ai_next) {
        /* each its share, from when the name is known: one that swallows all must not hide the next */
        deadline_usec = clock_machine_usec() + PATIENCE_USEC / n;
        if (getnameinfo(info->ai_addr, info->ai_addrlen, address, sizeof(address), NULL, 0,
                        NI_NUMERICHOST) != 0)
            snprintf(address, sizeof(address), "%.60s", host);
        r = try_one(info, deadline_usec);
        if (r == 0) {
            snprintf(ret_text, size, "%s", address);
            return TCP_TRY_OPEN;
        }
        if (outcome == TCP_TRY_REFUSED) /* that one is worth more than another's silence */
            continue;
        outcome = r == -ECONNREFUSED ? TCP_TRY_REFUSED : TCP_TRY_AWAY;
        snprintf(ret_text, size, "%s%s%s", address, r == -ECONNREFUSED ? "" : ": ",
                 r == -ECONNREFUSED ? "" : strerror(-r));
    }
    return outcome;
}
