/* SPDX-License-Identifier: MIT */
/*
 * Calls from the bus to the tree of objects: the standard interfaces are answered here, the rest goes
 * to the method tables. Errors have the names gdbus gives them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/util.h"
#include "tests/sim/object_tree.h"

#define INTROSPECT_HEAD                                                                            \
    "<!DOCTYPE node PUBLIC \"-//freedesktop//DTD D-BUS Object Introspection 1.0//EN\"\n"           \
    "\"http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd\">\n<node>\n"

struct implementation *object_find_interface(struct object *object, const char *name)
{
    for (size_t i = 0; i < object->n_implementations; i++)
        if (strcmp(object->implementations[i].interface->name, name) == 0)
            return &object->implementations[i];
    return NULL;
}

const struct property *interface_find_property(const struct interface *interface, const char *name)
{
    for (const struct property *p = interface->properties; p && p->name; p++)
        if (strcmp(p->name, name) == 0)
            return p;
    return NULL;
}

static struct object *object_find(struct objects *objects, const char *path)
{
    struct object *object = objects->first;

    while (object && strcmp(object->path, path) != 0)
        object = object->next;
    return object;
}

static int unknown_object(sd_bus_message *m, sd_bus_error *ret_error)
{
    return sd_bus_error_setf(
        ret_error, SD_BUS_ERROR_UNKNOWN_OBJECT,
        "Method \"%s\" with signature \"%s\" on interface \"%s\" doesn't exist",
        sd_bus_message_get_member(m), sd_bus_message_get_signature(m, true),
        sd_bus_message_get_interface(m));
}

/* ---- ObjectManager -------------------------------------------------------------------------- */

static int append_object(sd_bus_message *reply, struct object *object)
{
    int r = sd_bus_message_open_container(reply, 'e', "oa{sa{sv}}");

    if (r >= 0)
        r = sd_bus_message_append(reply, "o", object->path);
    if (r >= 0)
        r = sd_bus_message_open_container(reply, 'a', "{sa{sv}}");
    if (r >= 0)
        r = sd_bus_message_append(reply, "{sa{sv}}", "org.freedesktop.DBus.Introspectable", 0);
    for (size_t i = 0; r >= 0 && i < object->n_implementations; i++)
        r = append_interface(reply, &object->implementations[i]);
    if (r >= 0)
        r = sd_bus_message_append(reply, "{sa{sv}}", "org.freedesktop.DBus.Properties", 0);
    if (r >= 0)
        r = sd_bus_message_close_container(reply);
    return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int method_get_managed_objects(sd_bus_message *m, struct objects *objects)
{
    _cleanup_bus_message_ sd_bus_message *reply = NULL;
    int r = sd_bus_message_new_method_return(m, &reply);

    if (r >= 0)
        r = sd_bus_message_open_container(reply, 'a', "{oa{sa{sv}}}");
    for (struct object *o = objects->first; r >= 0 && o; o = o->next)
        r = append_object(reply, o);
    if (r >= 0)
        r = sd_bus_message_close_container(reply);
    return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

/* ---- Properties ----------------------------------------------------------------------------- */

static int method_get(sd_bus_message *m, const struct implementation *i, const char *name,
                      sd_bus_error *ret_error)
{
    _cleanup_bus_message_ sd_bus_message *reply = NULL;
    const struct property *p = interface_find_property(i->interface, name);
    int r;

    if (!p || (p->exists && !p->exists(i->owner)))
        return sd_bus_error_setf(ret_error, SD_BUS_ERROR_INVALID_ARGS, "No such property '%s'",
                                 name);
    r = sd_bus_message_new_method_return(m, &reply);
    if (r >= 0)
        r = append_value(reply, p, i->owner);
    return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

static int method_get_all(sd_bus_message *m, const struct implementation *i)
{
    _cleanup_bus_message_ sd_bus_message *reply = NULL;
    int r = sd_bus_message_new_method_return(m, &reply);

    if (r >= 0)
        r = append_properties(reply, i);
    return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

static int method_set(sd_bus_message *m, const struct implementation *i, const char *name,
                      sd_bus_error *ret_error)
{
    const struct property *p = interface_find_property(i->interface, name);
    int r;

    if (!p)
        return sd_bus_error_setf(ret_error, SD_BUS_ERROR_INVALID_ARGS, "No such property '%s'",
                                 name);
    if (!p->set)
        return sd_bus_error_setf(ret_error, SD_BUS_ERROR_PROPERTY_READ_ONLY,
                                 "Property '%s' is not writable", name);
    r = sd_bus_message_enter_container(m, 'v', p->signature);
    if (r <= 0)
        return sd_bus_error_set(ret_error, SD_BUS_ERROR_INVALID_SIGNATURE, "Wrong type");
    r = p->set(m, i->owner, ret_error);
    return r < 0 ? r : sd_bus_reply_method_return(m, NULL);
}

static int dispatch_properties(sd_bus_message *m, struct object *object, sd_bus_error *ret_error)
{
    const char *interface, *name = NULL;
    bool all = sd_bus_message_is_method_call(m, NULL, "GetAll") > 0;
    const struct implementation *i;
    int r = sd_bus_message_read(m, all ? "s" : "ss", &interface, &name);

    if (r < 0)
        return sd_bus_error_set(ret_error, SD_BUS_ERROR_INVALID_ARGS, "Wrong arguments");
    i = object_find_interface(object, interface);
    if (!i)
        return sd_bus_error_setf(ret_error, SD_BUS_ERROR_INVALID_ARGS, "No such interface '%s'",
                                 interface);
    if (all)
        return method_get_all(m, i);
    if (sd_bus_message_is_method_call(m, NULL, "Get") > 0)
        return method_get(m, i, name, ret_error);
    return method_set(m, i, name, ret_error);
}

/* ---- Introspectable ------------------------------------------------------------------------- */

/* The length of the complete type a signature begins with: "aya{sv}" -> 2. */
static int type_length(const char *signature)
{
    int n = 0, depth = 0;

    do {
        n += (int)strspn(signature + n, "a");
        depth += signature[n] == '(' || signature[n] == '{';
        depth -= signature[n] == ')' || signature[n] == '}';
        n++;
    } while (depth > 0 && signature[n]);
    return n;
}

static void introspect_arguments(FILE *f, const char *signature, const char *direction)
{
    for (int n; *signature; signature += n) {
        n = type_length(signature);
        fprintf(f, "<arg type=\"%.*s\" direction=\"%s\"/>", n, signature, direction);
    }
}

static void introspect_interface(FILE *f, const struct interface *interface)
{
    fprintf(f, " <interface name=\"%s\">\n", interface->name);
    for (const struct method *m = interface->methods; m && m->name; m++) {
        fprintf(f, "  <method name=\"%s\">", m->name);
        introspect_arguments(f, m->in, "in");
        introspect_arguments(f, m->out, "out");
        fprintf(f, "</method>\n");
    }
    for (const struct property *p = interface->properties; p && p->name; p++)
        fprintf(f, "  <property name=\"%s\" type=\"%s\" access=\"%s\"/>\n", p->name, p->signature,
                p->set ? "readwrite" : "read");
    fprintf(f, " </interface>\n");
}

/* The next path element of every object below `path`, once each (their order keeps equals together). */
static void introspect_children(FILE *f, const struct objects *objects, const char *path)
{
    size_t n = strcmp(path, "/") == 0 ? 0 : strlen(path);
    char last[64] = "";

    for (const struct object *o = objects->first; o; o = o->next) {
        const char *rest = o->path + n + 1;
        int length;

        if (strncmp(o->path, path, n) != 0 || o->path[n] != '/' || !*rest)
            continue;
        length = (int)strcspn(rest, "/");
        if (strlen(last) == (size_t)length && strncmp(last, rest, (size_t)length) == 0)
            continue;
        snprintf(last, sizeof last, "%.*s", length, rest);
        fprintf(f, " <node name=\"%s\"/>\n", last);
    }
}

static int method_introspect(sd_bus_message *m, struct objects *objects, struct object *object)
{
    _cleanup_free_ char *text = NULL;
    size_t length;
    FILE *f = open_memstream(&text, &length);

    if (!f)
        return -ENOMEM;
    fputs(INTROSPECT_HEAD, f);
    for (size_t i = 0; object && i < object->n_implementations; i++)
        introspect_interface(f, object->implementations[i].interface);
    introspect_children(f, objects, sd_bus_message_get_path(m));
    fputs("</node>\n", f);
    if (fclose(f) != 0)
        return -ENOMEM;
    return sd_bus_reply_method_return(m, "s", text);
}

/* ---- all calls ------------------------------------------------------------------------------ */

static int dispatch_method(sd_bus_message *m, struct object *object, sd_bus_error *ret_error)
{
    const struct implementation *i = object_find_interface(object, sd_bus_message_get_interface(m));
    const struct method *method = i ? i->interface->methods : NULL;

    while (method && method->name && strcmp(method->name, sd_bus_message_get_member(m)) != 0)
        method++;
    if (!method || !method->name)
        return sd_bus_error_setf(
            ret_error, SD_BUS_ERROR_UNKNOWN_METHOD,
            "Method \"%s\" with signature \"%s\" on interface \"%s\" doesn't exist",
            sd_bus_message_get_member(m), sd_bus_message_get_signature(m, true),
            sd_bus_message_get_interface(m));
    if (!sd_bus_message_has_signature(m, method->in))
        return sd_bus_error_set(ret_error, "org.bluez.Error.InvalidArguments",
                                "Invalid arguments in method call");
    return method->call(m, i->owner, ret_error);
}

int object_dispatch(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
    struct objects *objects = userdata;
    struct object *object = object_find(objects, sd_bus_message_get_path(m));
    int r;

    if (!sd_bus_message_get_interface(m))
        return 0;
    if (sd_bus_message_is_method_call(m, "org.freedesktop.DBus.Introspectable", "Introspect") > 0)
        r = method_introspect(m, objects, object);
    else if (strcmp(sd_bus_message_get_path(m), "/") == 0 &&
             sd_bus_message_is_method_call(m, "org.freedesktop.DBus.ObjectManager",
                                           "GetManagedObjects") > 0)
        r = method_get_managed_objects(m, objects);
    else if (!object)
        r = unknown_object(m, ret_error);
    else if (sd_bus_message_is_method_call(m, "org.freedesktop.DBus.Properties", NULL) > 0)
        r = dispatch_properties(m, object, ret_error);
    else
        r = dispatch_method(m, object, ret_error);
    return r < 0 ? r : 1;
}
