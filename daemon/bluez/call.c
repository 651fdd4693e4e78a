/* SPDX-License-Identifier: MIT */
/*
 * bluetoothd says nearly everything as org.bluez.Error.Failed with a string, and for a failed LE
 * connect nearly always the same string; only what changes our next step is told apart.
 */
#include "daemon/bluez/call.h"

#include <errno.h>
#include <string.h>
#include "daemon/util.h"

struct bluez_call {
    struct bluez_calls *calls; /* borrowed, outlives us */
    struct bluez_call *next;
    sd_bus_slot *slot;
    bluez_call_handler handler;
    void *userdata;
    uint64_t cookie;
};

static const struct {
    const char *name;
    enum bluez_outcome outcome;
} by_name[] = {
    { "org.bluez.Error.InProgress", BLUEZ_IN_PROGRESS },
    { "org.bluez.Error.AlreadyConnected", BLUEZ_ALREADY },
    { "org.bluez.Error.NotReady", BLUEZ_NOT_READY },
    { "org.bluez.Error.DoesNotExist", BLUEZ_OBJECT_GONE },
    { "org.bluez.Error.NotPermitted", BLUEZ_NOT_PERMITTED },
    { "org.bluez.Error.NotAuthorized", BLUEZ_NOT_PERMITTED },
    { "org.bluez.Error.NotConnected", BLUEZ_NOT_CONNECTED },
    { SD_BUS_ERROR_UNKNOWN_OBJECT, BLUEZ_OBJECT_GONE },
    { SD_BUS_ERROR_UNKNOWN_METHOD, BLUEZ_OBJECT_GONE },
    { SD_BUS_ERROR_UNKNOWN_INTERFACE, BLUEZ_OBJECT_GONE },
    { SD_BUS_ERROR_SERVICE_UNKNOWN, BLUEZ_OBJECT_GONE },
    { SD_BUS_ERROR_NAME_HAS_NO_OWNER, BLUEZ_OBJECT_GONE },
    { SD_BUS_ERROR_DISCONNECTED, BLUEZ_OBJECT_GONE },
    { SD_BUS_ERROR_NO_REPLY, BLUEZ_TIMED_OUT },
    { SD_BUS_ERROR_TIMEOUT, BLUEZ_TIMED_OUT },
    { "org.freedesktop.DBus.Error.TimedOut", BLUEZ_TIMED_OUT },
};

/* Words inside org.bluez.Error.Failed */
static const struct {
    const char *words;
    enum bluez_outcome outcome;
} by_words[] = {
    { "concurrent-connection-limit", BLUEZ_NO_SLOT }, { "already in progress", BLUEZ_IN_PROGRESS },
    { "already-connected", BLUEZ_ALREADY },           { "adapter-not-powered", BLUEZ_NOT_READY },
    { "Input/output error", BLUEZ_NOT_READY }, /* Connect with the adapter off, as a rule */
};

enum bluez_outcome bluez_outcome_of(const sd_bus_error *error)
{
    for (size_t i = 0; i < ELEMENTSOF(by_name); i++)
        if (strcmp(error->name, by_name[i].name) == 0)
            return by_name[i].outcome;
    for (size_t i = 0; error->message && i < ELEMENTSOF(by_words); i++)
        if (strstr(error->message, by_words[i].words))
            return by_words[i].outcome;
    return BLUEZ_FAILED;
}

static void call_unlink(struct bluez_call *call)
{
    for (struct bluez_call **p = &call->calls->first; *p; p = &(*p)->next)
        if (*p == call) {
            *p = call->next;
            return;
        }
}

static void call_freep(struct bluez_call **call)
{
    if (*call)
        sd_bus_slot_unref((*call)->slot);
    free(*call);
}

static int on_reply(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
    _cleanup_(call_freep) struct bluez_call *call = userdata;
    struct bluez_reply reply = { .outcome = BLUEZ_DONE, .text = "", .message = m };
    call_unlink(call); /* first: the handler may drop all calls */
    if (sd_bus_message_is_method_error(m, NULL)) {
        const sd_bus_error *error = sd_bus_message_get_error(m);
        reply.outcome = bluez_outcome_of(error);
        reply.text = error->message && error->message[0] != '\0' ? error->message : error->name;
    }
    if (call->handler)
        call->handler(call->userdata, call->cookie, &reply);
    return 0;
}

int bluez_call_send(struct bluez_calls *calls, sd_bus *bus, sd_bus_message *m,
                    uint64_t timeout_usec, bluez_call_handler handler, void *userdata,
                    uint64_t cookie)
{
    _cleanup_(call_freep) struct bluez_call *call = calloc(1, sizeof *call);
    if (!call)
        return -ENOMEM;
    *call = (struct bluez_call){
        .calls = calls, .handler = handler, .userdata = userdata, .cookie = cookie
    };
    int r = sd_bus_message_set_auto_start(m, 0);
    if (r < 0)
        return r;
    r = sd_bus_call_async(bus, &call->slot, m, on_reply, call, timeout_usec);
    if (r < 0)
        return r;
    call->next = calls->first;
    calls->first = TAKE_PTR(call);
    return 0;
}

void bluez_calls_drop(struct bluez_calls *calls)
{
    while (calls->first) {
        _cleanup_(call_freep) struct bluez_call *call = calls->first;
        calls->first = call->next;
    }
}
