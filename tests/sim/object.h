/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The objects of the fake org.bluez, and the three standard interfaces they share (Properties,
 * Introspectable, ObjectManager at "/"). sd-bus has vtables for this, but they cannot do what
 * bluetoothd's gdbus does and clients depend on: properties that come and go (RSSI), an object that
 * is listed before it is announced, or announced late.
 *
 * An object exists from object_add on (GetManagedObjects shows it); the signals are sent when
 * object_announce says so. While no bus is attached everything works, only silently.
 */
#include <stdbool.h>
#include <systemd/sd-bus.h>

struct property {
    const char *name; /* NULL ends the table */
    const char *signature;
    int (*get)(sd_bus_message *reply, void *owner);
    bool (*exists)(void *owner);                                             /* NULL: always */
    int (*set)(sd_bus_message *value, void *owner, sd_bus_error *ret_error); /* NULL: read-only */
};

/* Replies itself, now or later, and returns 0; or returns < 0 (and may set the error). */
struct method {
    const char *name;
    const char *in, *out;
    int (*call)(sd_bus_message *call, void *owner, sd_bus_error *ret_error);
};

struct interface {
    const char *name;
    const struct property *properties;
    const struct method *methods;
};

struct objects;
struct object;

int objects_new(struct objects **ret);
struct objects *objects_free(struct objects *objects);
/* NULL: bluetoothd is gone; the objects stay, nobody hears of them. */
int objects_attach(struct objects *objects, sd_bus *bus);
sd_bus *objects_bus(const struct objects *objects);

struct object *object_add(struct objects *objects, const char *path);
void object_add_interface(struct object *object, const struct interface *interface, void *owner);
/* InterfacesAdded with what was added since the last call. */
void object_announce(struct object *object);
/* InterfacesRemoved (only of what had been announced). */
void object_remove_interface(struct object *object, const struct interface *interface);
struct object *object_remove(struct object *object);
const char *object_path(const struct object *object);

/* PropertiesChanged of these names (NULL ends); one that does not exist now goes out as invalidated. */
void object_changed(struct object *object, const struct interface *interface,
                    const char *const *names);
#define OBJECT_CHANGED(object, interface, ...)                                                     \
    object_changed(object, interface, (const char *const[]){ __VA_ARGS__, NULL })
