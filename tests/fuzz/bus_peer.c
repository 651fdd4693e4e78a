/* SPDX-License-Identifier: MIT */
#include "bus_peer.h"
#include <string.h>
#include <sys/socket.h>
#include <systemd/sd-id128.h>
#include "daemon/util.h"
#include "require.h"

#define CALLS_MAX 64 /* more are not answered */
#define BUS       "org.freedesktop.DBus"

static sd_bus *client, *server;
static sd_bus_message *calls[CALLS_MAX];
static size_t n_calls;

static void reply_text(sd_bus_message *call, const char *text)
{
    _cleanup_bus_message_ sd_bus_message *m = NULL;

    require(sd_bus_message_new_method_return(call, &m) >= 0);
    require(sd_bus_message_set_sender(m, BUS) >= 0);
    if (text)
        require(sd_bus_message_append(m, "s", text) >= 0);
    require(sd_bus_send(server, m, NULL) >= 0);
}

/* false: it is not the bus's to answer */
static bool answer_as_the_bus(sd_bus_message *call)
{
    if (sd_bus_message_is_method_call(call, BUS, "Hello"))
        reply_text(call, ":1.1");
    else if (sd_bus_message_is_method_call(call, BUS, "GetNameOwner"))
        reply_text(call, BUS_PEER_OWNER);
    else if (sd_bus_message_is_method_call(call, BUS, "AddMatch") ||
             sd_bus_message_is_method_call(call, BUS, "RemoveMatch"))
        reply_text(call, NULL);
    else
        return false;
    return true;
}

static void take(sd_bus_message *m)
{
    uint8_t type;

    require(sd_bus_message_get_type(m, &type) >= 0);
    if (type == SD_BUS_MESSAGE_METHOD_CALL && !answer_as_the_bus(m) && n_calls < CALLS_MAX)
        calls[n_calls++] = sd_bus_message_ref(m);
}

static bool run_server(void)
{
    _cleanup_bus_message_ sd_bus_message *m = NULL;
    int r = sd_bus_process(server, &m);

    require(r >= 0);
    if (m)
        take(m);
    return r > 0;
}

static bool run_client(void)
{
    int r = sd_bus_process(client, NULL);

    require(r >= 0);
    return r > 0;
}

void bus_peer_run(void)
{
    bool any;

    do {
        any = run_server();
        any = run_client() || any;
    } while (any);
}

static void begin(void)
{
    int ends[2];

    require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == 0);
    require(sd_bus_new(&server) >= 0 && sd_bus_new(&client) >= 0);
    require(sd_bus_set_fd(server, ends[0], ends[0]) >= 0);
    require(sd_bus_set_server(server, 1,
                              SD_ID128_MAKE(1, 2, 3, 4, 5, 6, 7, 8, 9, a, b, c, d, e, f, 10)) >= 0);
    require(sd_bus_set_anonymous(server, 1) >= 0);
    require(sd_bus_set_fd(client, ends[1], ends[1]) >= 0);
    require(sd_bus_set_bus_client(client, 1) >= 0);
    require(sd_bus_start(server) >= 0 && sd_bus_start(client) >= 0);
    while (sd_bus_is_ready(client) <= 0)
        bus_peer_run();
}

sd_bus *bus_peer_client(void)
{
    if (!client)
        begin();
    return client;
}

sd_bus_message *bus_peer_call(size_t skip)
{
    sd_bus_message *call;

    if (n_calls == 0)
        return NULL;
    skip %= n_calls;
    call = calls[skip];
    n_calls--;
    memmove(&calls[skip], &calls[skip + 1], (n_calls - skip) * sizeof(sd_bus_message *));
    return call;
}

void bus_peer_forget_calls(void)
{
    while (n_calls > 0)
        sd_bus_message_unref(calls[--n_calls]);
}

sd_bus_message *bus_peer_signal(const char *path, const char *interface, const char *member)
{
    sd_bus_message *m;

    require(sd_bus_message_new_signal(server, &m, path, interface, member) >= 0);
    return m;
}

void bus_peer_send(sd_bus_message *m, const char *sender)
{
    require(sd_bus_message_set_sender(m, sender ? sender : BUS_PEER_OWNER) >= 0);
    require(sd_bus_send(server, m, NULL) >= 0);
    sd_bus_message_unref(m);
    bus_peer_run();
}
