/* SPDX-License-Identifier: MIT */
#pragma once
/* What bluez.c (watching), adapter.c (status) and ops.c (calling) share. */
#include "daemon/bluez/bluez.h"

#define BLUEZ_MATCHES 3

struct bluez {
    struct bluez_callbacks callbacks;
    void *userdata; /* borrowed, outlives us */
    sd_bus *bus;
    sd_bus_slot *matches[BLUEZ_MATCHES];
    unsigned installed; /* matches the bus has confirmed */
    char owner[64];     /* unique name of bluetoothd, "" = not running */
    bool answered;      /* the first complete answer of this owner is in */
    bool warned;        /* that it does not answer was said */
    char wanted_adapter[18];
    char adapter_path[32]; /* "" = none */
    struct bluez_tree tree;
    struct bluez_calls calls;
    uint64_t asked, in_flight; /* numbers of answers: wanted, and being waited for (0: none) */
    enum bluez_status status;
};

/* Looks at adapter and status anew; tells if either is another one than before. */
void bluez_refresh(struct bluez *bluez);
