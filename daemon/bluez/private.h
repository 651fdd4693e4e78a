/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What the files behind bluez.h share; each uses those below it only:
 *   ops.c        calling
 *   bluez.c      life, and who owns the name
 *   mirror.c     answers and signals, and telling what they changed
 *   adapter.c    status
 */
#include "daemon/bluez/bluez.h"

#define BLUEZ_MATCHES 3

struct bluez {
    struct bluez_callbacks callbacks;
    void *userdata; /* borrowed, outlives us */
    sd_bus *bus;
    sd_bus_slot *matches[BLUEZ_MATCHES];
    unsigned installed; /* matches the bus has confirmed */
    bool refused;       /* one of them, or asking who owns the name; said once */
    bool owner_asked;   /* and not answered yet */
    bool owner_known;   /* or that there is none */
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

/* mirror.c: of the matches that are ObjectManager's and PropertiesChanged; userdata is the struct bluez */
int bluez_on_objects(sd_bus_message *m, void *userdata, sd_bus_error *ret_error);
int bluez_on_properties(sd_bus_message *m, void *userdata, sd_bus_error *ret_error);

/* adapter.c: looks at adapter and status anew; tells if either is another one than before. */
void bluez_refresh(struct bluez *bluez);
