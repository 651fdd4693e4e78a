/* SPDX-License-Identifier: MIT */
#pragma once
/* What object.c (tree, signals) and dispatch.c (calls) share; nobody else includes it. */
#include <stdbool.h>
#include <stddef.h>
#include "tests/sim/object.h"

#define OBJECT_INTERFACES_MAX 4

struct implementation {
    const struct interface *interface;
    void *owner; /* borrowed */
    bool announced;
};

struct object {
    struct object *next;
    struct objects *objects;
    char *path;
    bool announced;
    struct implementation implementations[OBJECT_INTERFACES_MAX];
    size_t n_implementations;
};

struct objects {
    sd_bus *bus; /* borrowed; NULL: detached */
    sd_bus_slot *slot;
    struct object *first; /* in the order they were added */
};

int object_dispatch(sd_bus_message *m, void *userdata, sd_bus_error *ret_error);
struct implementation *object_find_interface(struct object *object, const char *name);
const struct property *interface_find_property(const struct interface *interface, const char *name);

int append_value(sd_bus_message *m, const struct property *p, void *owner);
int append_property(sd_bus_message *m, const struct property *p, void *owner);
int append_properties(sd_bus_message *m, const struct implementation *i);
int append_interface(sd_bus_message *m, const struct implementation *i);
