/* SPDX-License-Identifier: MIT */
#include "daemon/bluez/msg.h"

#include <errno.h>
#include <string.h>

/* ---- what we read ---- */

struct object {
    const char *path;
    enum bluez_interface interface;
    struct bluez_properties properties;
    bluez_msg_visit visit;
    void *userdata;
};

static int read_property(sd_bus_message *m, void *userdata)
{
    struct object *object = userdata;
    const char *name;
    int r = sd_bus_message_read_basic(m, 's', &name);
    return r < 0 ? r : bluez_property_read(m, object->interface, name, &object->properties);
}

static int read_interface(sd_bus_message *m, void *userdata)
{
    struct object *object = userdata;
    const char *name;
    int r = sd_bus_message_read_basic(m, 's', &name);
    if (r < 0)
        return r;
    object->interface = bluez_interface_of(name);
    object->properties = (struct bluez_properties){ 0 };
    if (object->interface == BLUEZ_OTHER)
        return sd_bus_message_skip(m, "a{sv}");
    r = bluez_each_entry(m, "{sv}", read_property, object);
    if (r >= 0 && strlen(object->path) < BLUEZ_PATH_MAX)
        object->visit(object->userdata, object->path, object->interface, &object->properties);
    return r;
}

static int read_object(sd_bus_message *m, void *userdata)
{
    struct object *object = userdata;
    int r = sd_bus_message_read_basic(m, 'o', &object->path);
    return r < 0 ? r : r == 0 ? -EBADMSG : bluez_each_entry(m, "{sa{sv}}", read_interface, object);
}

int bluez_msg_read_added(sd_bus_message *m, bluez_msg_visit visit, void *userdata)
{
    struct object object = { .visit = visit, .userdata = userdata };
    return read_object(m, &object);
}

int bluez_msg_read_objects(sd_bus_message *m, bluez_msg_visit visit, void *userdata)
{
    struct object object = { .visit = visit, .userdata = userdata };
    return bluez_each_entry(m, "{oa{sa{sv}}}", read_object, &object);
}

static void visit_removed(void *userdata, const char *name)
{
    const struct object *object = userdata;
    enum bluez_interface interface = bluez_interface_of(name);
    if (interface != BLUEZ_OTHER && strlen(object->path) < BLUEZ_PATH_MAX)
        object->visit(object->userdata, object->path, interface, NULL);
}

int bluez_msg_read_removed(sd_bus_message *m, bluez_msg_visit visit, void *userdata)
{
    struct object object = { .visit = visit, .userdata = userdata };
    int r = sd_bus_message_read_basic(m, 'o', &object.path);
    return r < 0 ? r : r == 0 ? -EBADMSG : bluez_each_text(m, visit_removed, &object);
}

static void add_gone(void *userdata, const char *name)
{
    struct object *object = userdata;
    object->properties.gone |= bluez_property_of(object->interface, name);
}

int bluez_msg_read_changed(sd_bus_message *m, enum bluez_interface *ret_interface,
                           struct bluez_properties *ret)
{
    const char *name;
    struct object object = { 0 };
    int r = sd_bus_message_read_basic(m, 's', &name);
    if (r <= 0)
        return r < 0 ? r : -EBADMSG;
    object.interface = bluez_interface_of(name);
    if (object.interface != BLUEZ_OTHER) {
        r = bluez_each_entry(m, "{sv}", read_property, &object);
        if (r >= 0)
            r = bluez_each_text(m, add_gone, &object);
        if (r < 0)
            return r;
    }
    *ret_interface = object.interface;
    *ret = object.properties;
    return 0;
}

/* ---- what we send ---- */

static int append_services(sd_bus_message *m)
{
    const char *uuid;
    int r = sd_bus_message_open_container(m, 'v', "as");
    if (r < 0)
        return r;
    r = sd_bus_message_open_container(m, 'a', "s");
    for (size_t i = 0; r >= 0 && (uuid = bluez_service_uuid(i)); i++)
        r = sd_bus_message_append(m, "s", uuid);
    if (r >= 0)
        r = sd_bus_message_close_container(m);
    return r < 0 ? r : sd_bus_message_close_container(m);
}

int bluez_msg_append_filter(sd_bus_message *m)
{
    int r = sd_bus_message_open_container(m, 'a', "{sv}");
    if (r < 0)
        return r;
    r = sd_bus_message_append(m, "{sv}", "Transport", "s", "le");
    if (r < 0)
        return r;
    r = sd_bus_message_open_container(m, 'e', "sv");
    if (r >= 0)
        r = sd_bus_message_append(m, "s", "UUIDs");
    if (r >= 0)
        r = append_services(m);
    if (r >= 0)
        r = sd_bus_message_close_container(m);
    return r < 0 ? r : sd_bus_message_close_container(m);
}

int bluez_msg_append_empty(sd_bus_message *m)
{
    return sd_bus_message_append(m, "a{sv}", 0);
}
