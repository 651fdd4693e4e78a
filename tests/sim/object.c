/* SPDX-License-Identifier: MIT */
/* The tree of objects and its signals: see object.h. Calls from the bus are in dispatch.c. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/util.h"
#include "tests/sim/object_tree.h"

#define OBJECT_MANAGER "org.freedesktop.DBus.ObjectManager"

int objects_new(struct objects **ret)
{
    *ret = calloc(1, sizeof **ret);
    return *ret ? 0 : -ENOMEM;
}

struct objects *objects_free(struct objects *objects)
{
    if (!objects)
        return NULL;
    sd_bus_slot_unref(objects->slot);
    objects->bus = NULL; /* nobody is told */
    while (objects->first)
        object_remove(objects->first);
    free(objects);
    return NULL;
}

int objects_attach(struct objects *objects, sd_bus *bus)
{
    objects->slot = sd_bus_slot_unref(objects->slot);
    objects->bus = bus;
    for (struct object *o = objects->first; o; o = o->next) {
        o->announced = false; /* the next bluetoothd has told nobody anything */
        for (size_t i = 0; i < o->n_implementations; i++)
            o->implementations[i].announced = false;
    }
    return bus ? sd_bus_add_fallback(bus, &objects->slot, "/", object_dispatch, objects) : 0;
}

sd_bus *objects_bus(const struct objects *objects)
{
    return objects->bus;
}

struct object *object_add(struct objects *objects, const char *path)
{
    struct object *object = calloc(1, sizeof *object), **end = &objects->first;

    if (!object || !(object->path = strdup(path)))
        abort(); /* a test without memory has nothing to tell */
    object->objects = objects;
    while (*end)
        end = &(*end)->next;
    *end = object;
    return object;
}

void object_add_interface(struct object *object, const struct interface *interface, void *owner)
{
    if (object->n_implementations == OBJECT_INTERFACES_MAX)
        abort();
    object->implementations[object->n_implementations++] =
        (struct implementation){ .interface = interface, .owner = owner };
}

const char *object_path(const struct object *object)
{
    return object->path;
}

int append_properties(sd_bus_message *m, const struct implementation *i)
{
    int r = sd_bus_message_open_container(m, 'a', "{sv}");

    for (const struct property *p = i->interface->properties; r >= 0 && p && p->name; p++) {
        if (p->exists && !p->exists(i->owner))
            continue;
        r = append_property(m, p, i->owner);
    }
    return r < 0 ? r : sd_bus_message_close_container(m);
}

int append_property(sd_bus_message *m, const struct property *p, void *owner)
{
    int r = sd_bus_message_open_container(m, 'e', "sv");

    if (r >= 0)
        r = sd_bus_message_append(m, "s", p->name);
    if (r >= 0)
        r = append_value(m, p, owner);
    return r < 0 ? r : sd_bus_message_close_container(m);
}

int append_value(sd_bus_message *m, const struct property *p, void *owner)
{
    int r = sd_bus_message_open_container(m, 'v', p->signature);

    if (r >= 0)
        r = p->get(m, owner);
    return r < 0 ? r : sd_bus_message_close_container(m);
}

int append_interface(sd_bus_message *m, const struct implementation *i)
{
    int r = sd_bus_message_open_container(m, 'e', "sa{sv}");

    if (r >= 0)
        r = sd_bus_message_append(m, "s", i->interface->name);
    if (r >= 0)
        r = append_properties(m, i);
    return r < 0 ? r : sd_bus_message_close_container(m);
}

/* A signal that cannot be built is a mistake of ours; one that cannot be sent is a bus that went. */
static void signal_send(struct objects *objects, sd_bus_message *m, int r)
{
    if (r < 0)
        abort();
    (void)sd_bus_send(objects->bus, m, NULL);
}

static int signal_added(struct object *object, sd_bus_message *m)
{
    bool first = !object->announced;
    int r = sd_bus_message_append(m, "o", object->path);

    if (r >= 0)
        r = sd_bus_message_open_container(m, 'a', "{sa{sv}}");
    if (r >= 0 && first)
        r = sd_bus_message_append(m, "{sa{sv}}", "org.freedesktop.DBus.Introspectable", 0);
    for (size_t i = 0; r >= 0 && i < object->n_implementations; i++)
        if (!object->implementations[i].announced)
            r = append_interface(m, &object->implementations[i]);
    if (r >= 0 && first)
        r = sd_bus_message_append(m, "{sa{sv}}", "org.freedesktop.DBus.Properties", 0);
    return r < 0 ? r : sd_bus_message_close_container(m);
}

static bool has_news(const struct object *object)
{
    for (size_t i = 0; i < object->n_implementations; i++)
        if (!object->implementations[i].announced)
            return true;
    return !object->announced;
}

void object_announce(struct object *object)
{
    _cleanup_bus_message_ sd_bus_message *m = NULL;
    struct objects *objects = object->objects;

    if (!objects->bus || !has_news(object))
        return;
    if (sd_bus_message_new_signal(objects->bus, &m, "/", OBJECT_MANAGER, "InterfacesAdded") < 0)
        return;
    signal_send(objects, m, signal_added(object, m));
    object->announced = true;
    for (size_t i = 0; i < object->n_implementations; i++)
        object->implementations[i].announced = true;
}

static void signal_removed(struct object *object, const struct interface *only)
{
    _cleanup_bus_message_ sd_bus_message *m = NULL;
    struct objects *objects = object->objects;
    int r;

    if (!objects->bus || !object->announced)
        return;
    if (sd_bus_message_new_signal(objects->bus, &m, "/", OBJECT_MANAGER, "InterfacesRemoved") < 0)
        return;
    r = sd_bus_message_append(m, "o", object->path);
    if (r >= 0)
        r = sd_bus_message_open_container(m, 'a', "s");
    if (r >= 0 && !only)
        r = sd_bus_message_append(m, "s", "org.freedesktop.DBus.Properties");
    if (r >= 0 && !only)
        r = sd_bus_message_append(m, "s", "org.freedesktop.DBus.Introspectable");
    for (size_t i = 0; r >= 0 && i < object->n_implementations; i++)
        if (!only || object->implementations[i].interface == only)
            r = sd_bus_message_append(m, "s", object->implementations[i].interface->name);
    signal_send(objects, m, r < 0 ? r : sd_bus_message_close_container(m));
}

void object_remove_interface(struct object *object, const struct interface *interface)
{
    struct implementation *i = object_find_interface(object, interface->name);

    if (!i)
        return;
    if (i->announced)
        signal_removed(object, interface);
    *i = object->implementations[--object->n_implementations];
}

struct object *object_remove(struct object *object)
{
    struct object **link;

    if (!object)
        return NULL;
    signal_removed(object, NULL);
    for (link = &object->objects->first; *link != object; link = &(*link)->next)
        ;
    *link = object->next;
    free(object->path);
    free(object);
    return NULL;
}

static int append_changes(sd_bus_message *m, const struct implementation *i,
                          const char *const *names, bool existing)
{
    int r = sd_bus_message_open_container(m, 'a', existing ? "{sv}" : "s");

    for (; r >= 0 && *names; names++) {
        const struct property *p = interface_find_property(i->interface, *names);
        bool exists = !p->exists || p->exists(i->owner);

        if (exists && existing)
            r = append_property(m, p, i->owner);
        else if (!exists && !existing)
            r = sd_bus_message_append(m, "s", p->name);
    }
    return r < 0 ? r : sd_bus_message_close_container(m);
}

void object_changed(struct object *object, const struct interface *interface,
                    const char *const *names)
{
    _cleanup_bus_message_ sd_bus_message *m = NULL;
    struct objects *objects = object->objects;
    const struct implementation *i = object_find_interface(object, interface->name);
    int r;

    if (!objects->bus || !i)
        return;
    if (sd_bus_message_new_signal(objects->bus, &m, object->path, "org.freedesktop.DBus.Properties",
                                  "PropertiesChanged") < 0)
        return;
    r = sd_bus_message_append(m, "s", interface->name);
    if (r >= 0)
        r = append_changes(m, i, names, true);
    if (r >= 0)
        r = append_changes(m, i, names, false);
    signal_send(objects, m, r);
}
