/* SPDX-License-Identifier: MIT */
/*
 * Paho keeps its descriptor to itself, so it is looked for: nothing else of this process has a link to
 * that port. Paho's threads may close it at any time and another thread may get its number, so it is a
 * duplicate that is looked at and cut.
 *
 * Only of a socket: the close of any descriptor of a file gives up all locks of the process on it, and
 * SQLite's are of that kind. Whoever opens the database then takes it for nobody's.
 */
#include "daemon/broker/paho/wire.h"
#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

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
