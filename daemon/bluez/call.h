/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * One method call to org.bluez: sent without auto-start (a retrying daemon must not undo 'systemctl
 * stop bluetooth'), cancelable, its error put into one of the few outcomes that we can do something
 * about.
 */
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

enum bluez_outcome {
    BLUEZ_DONE,
    BLUEZ_IN_PROGRESS,   /* somebody's call is still pending: wait */
    BLUEZ_ALREADY,       /* it is as wanted already */
    BLUEZ_NOT_READY,     /* adapter off or just coming */
    BLUEZ_OBJECT_GONE,   /* object, bluetoothd or its name went */
    BLUEZ_NO_SLOT,       /* the adapter has no connection left */
    BLUEZ_NOT_PERMITTED, /* wants pairing, or somebody else has it to himself */
    BLUEZ_NOT_CONNECTED,
    BLUEZ_TIMED_OUT,
    BLUEZ_FAILED,
};

struct bluez_reply {
    enum bluez_outcome outcome;
    const char *text;        /* the error's words, "" if done */
    sd_bus_message *message; /* borrowed; the body when done */
};

typedef void (*bluez_call_handler)(void *userdata, uint64_t cookie,
                                   const struct bluez_reply *reply);

struct bluez_call;
struct bluez_calls {
    struct bluez_call *first; /* every pending one */
};

/* The handler (may be NULL) runs exactly once, unless the calls are dropped first. timeout_usec 0: sd-bus's 25 s. */
int bluez_call_send(struct bluez_calls *calls, sd_bus *bus, sd_bus_message *m,
                    uint64_t timeout_usec, bluez_call_handler handler, void *userdata,
                    uint64_t cookie);
void bluez_calls_drop(struct bluez_calls *calls);
enum bluez_outcome bluez_outcome_of(const sd_bus_error *error);
