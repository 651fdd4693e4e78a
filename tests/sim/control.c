/* SPDX-License-Identifier: MIT */
/* The control socket. Its clients are test scripts: a line too long or unread answers end theirs. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include "daemon/util.h"
#include "tests/sim/control.h"
#include "tests/sim/sim.h"

#define CLIENTS_MAX 16
#define LINE_MAX_   512

struct client {
    int fd; /* -1: a free place */
    sd_event_source *source;
    bool waits; /* for org.bluez */
    char line[LINE_MAX_];
    size_t length;
};

static struct {
    struct sim *sim;
    char path[108];
    bool ready, told;
    int fd;
    sd_event_source *source;
    struct client clients[CLIENTS_MAX];
} control = { .fd = -1 };

static void client_close(struct client *client)
{
    client->source = sd_event_source_disable_unref(client->source);
    closep(&client->fd);
    *client = (struct client){ .fd = -1 };
}

static void client_answer(struct client *client, const char *answer)
{
    char line[CONTROL_ANSWER_MAX + 1];
    int n = snprintf(line, sizeof line, "%s\n", answer);

    if (send(client->fd, line, (size_t)n, MSG_NOSIGNAL) != n)
        client_close(client);
}

static void client_command(struct client *client, char *line)
{
    char answer[CONTROL_ANSWER_MAX] = "";

    if (command_run(control.sim, line, answer, sizeof answer) == COMMAND_ANSWERED)
        client_answer(client, answer);
    else if (control.ready)
        client_answer(client, "ok ready");
    else
        client->waits = true;
}

static void client_lines(struct client *client)
{
    char line[LINE_MAX_], *end;

    while (client->fd >= 0 && (end = memchr(client->line, '\n', client->length))) {
        size_t n = (size_t)(end - client->line);

        memcpy(line, client->line, n);
        line[n] = '\0';
        client->length -= n + 1;
        memmove(client->line, end + 1, client->length);
        client_command(client, line);
    }
    if (client->fd >= 0 && client->length == sizeof client->line)
        client_close(client);
}

static int on_client(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
    struct client *client = userdata;
    ssize_t n =
        recv(fd, client->line + client->length, sizeof client->line - client->length, MSG_DONTWAIT);

    if (n < 0 && errno == EAGAIN)
        return 0;
    if (n <= 0) {
        client_close(client);
        return 0;
    }
    client->length += (size_t)n;
    client_lines(client);
    return 0;
}

static int on_accept(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
    int peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

    for (struct client *c = control.clients; peer >= 0 && c < control.clients + CLIENTS_MAX; c++) {
        if (c->fd >= 0)
            continue;
        *c = (struct client){ .fd = peer };
        (void)sd_event_add_io(control.sim->event, &c->source, peer, EPOLLIN, on_client, c);
        return 0;
    }
    closep(&peer);
    return 0;
}

static int listen_at(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    if (strlen(path) >= sizeof address.sun_path)
        return -ENAMETOOLONG;
    memcpy(address.sun_path, path, strlen(path));
    control.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (control.fd < 0 || bind(control.fd, (struct sockaddr *)&address, sizeof address) < 0 ||
        listen(control.fd, 8) < 0)
        return -errno;
    snprintf(control.path, sizeof control.path, "%s", path);
    return 0;
}

int control_new(struct sim *sim, const char *path)
{
    int r;

    control.sim = sim;
    for (size_t i = 0; i < CLIENTS_MAX; i++)
        control.clients[i].fd = -1;
    if (!path)
        return 0;
    r = listen_at(path);
    return r < 0
               ? r
               : sd_event_add_io(sim->event, &control.source, control.fd, EPOLLIN, on_accept, NULL);
}

void control_free(struct sim *sim)
{
    for (size_t i = 0; i < CLIENTS_MAX && control.sim; i++)
        client_close(&control.clients[i]);
    control.source = sd_event_source_disable_unref(control.source);
    closep(&control.fd);
    if (control.path[0])
        unlink(control.path);
}

void control_not_ready(struct sim *sim)
{
    control.ready = false;
}

void control_ready(struct sim *sim)
{
    control.ready = true;
    if (!control.told)
        printf("ready\n");
    control.told = true;
    fflush(stdout);
    for (struct client *c = control.clients; c < control.clients + CLIENTS_MAX; c++)
        if (c->fd >= 0 && c->waits) {
            c->waits = false;
            client_answer(c, "ok ready");
        }
}
