/* SPDX-License-Identifier: MIT */
#include "daemon/commands/control.h"

#include <stdio.h>
#include <string.h>
#include "daemon/log.h"
#include "daemon/util.h"

#define METHODS_MAX      48
#define NAME_IS_ANOTHERS 3 /* DBUS_REQUEST_NAME_REPLY_EXISTS: a reply, not an error */

struct control {
    struct commands *commands; /* borrowed */
    sd_bus *bus;
    sd_bus_slot *object, *name;
    struct call *calls; /* requests whose answer is still to come */
    char names[METHODS_MAX][32];
    const char *verbs[METHODS_MAX];
    size_t n_methods;
    sd_bus_vtable vtable[METHODS_MAX + 2];
};

struct call {
    struct control *control;
    struct call *next;
    sd_bus_message *request;
};

static void free_call(struct call *call)
{
    struct call **at = &call->control->calls;

    while (*at && *at != call)
        at = &(*at)->next;
    if (*at)
        *at = call->next;
    sd_bus_message_unref(call->request);
    free(call);
}

static void on_reply(void *userdata, const char *json)
{
    struct call *call = userdata;
    int r = call->request ? sd_bus_reply_method_return(call->request, "s", json) : -ENOTCONN;

    if (r < 0) /* whoever asked is gone, or the bus is */
        log_debug("Failed to answer a D-Bus request: %s", strerror(-r));
    free_call(call);
}

static const char *verb_of(const struct control *control, const char *member)
{
    for (size_t i = 0; i < control->n_methods; i++)
        if (strcmp(control->names[i], member) == 0)
            return control->verbs[i];
    return "";
}

static int method_request(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
    struct control *control = userdata;
    struct call *call = calloc(1, sizeof(*call));
    const char *json;
    int r;

    if (!call)
        return -ENOMEM;
    *call = (struct call){ .control = control, .next = control->calls };
    control->calls = call;
    r = sd_bus_message_read(m, "s", &json);
    if (r >= 0) {
        call->request = sd_bus_message_ref(m);
        r = commands_request(control->commands, COMMAND_DOOR_BUS,
                             verb_of(control, sd_bus_message_get_member(m)), json, strlen(json),
                             on_reply, call);
    }
    if (r < 0) {
        free_call(call);
        return r;
    }
    return 1; /* answered, now or later */
}

/* The interface is the command table, said in D-Bus's terms. */
static void make_vtable(struct control *control)
{
    size_t n = 0;

    control->vtable[n++] = (sd_bus_vtable)SD_BUS_VTABLE_START(0);
    for (const struct command *c = command_table; c->verb && control->n_methods < METHODS_MAX;
         c++) {
        size_t i = control->n_methods++;

        control->verbs[i] = c->verb;
        command_method_name(c->verb, control->names[i], sizeof(control->names[i]));
        control->vtable[n++] = (sd_bus_vtable)SD_BUS_METHOD_WITH_NAMES(
            control->names[i], "s", SD_BUS_PARAM(arguments), "s", SD_BUS_PARAM(answer),
            method_request, SD_BUS_VTABLE_UNPRIVILEGED);
    }
    control->vtable[n] = (sd_bus_vtable)SD_BUS_VTABLE_END;
}

int control_new(struct control **ret, struct commands *commands)
{
    struct control *control = calloc(1, sizeof(*control));

    if (!control)
        return -ENOMEM;
    control->commands = commands;
    make_vtable(control);
    *ret = control;
    return 0;
}

static void drop_bus(struct control *control)
{
    /* the answers have nowhere to go, but they will still come */
    for (struct call *call = control->calls; call; call = call->next)
        call->request = sd_bus_message_unref(call->request);
    control->object = sd_bus_slot_unref(control->object);
    control->name = sd_bus_slot_unref(control->name);
    control->bus = sd_bus_unref(control->bus);
}

struct control *control_free(struct control *control)
{
    if (!control)
        return NULL;
    while (control->calls)
        free_call(control->calls);
    drop_bus(control);
    free(control);
    return NULL;
}

static int on_name(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
    struct control *control = userdata;
    uint32_t result = 0;

    control->name = sd_bus_slot_unref(control->name);
    if (sd_bus_message_is_method_error(m, NULL))
        log_notice("No right to own %s on the system bus (%s): stridectl can't reach this service",
                   CONTROL_NAME, sd_bus_message_get_error(m)->message);
    else if (sd_bus_message_read(m, "u", &result) < 0 || result == NAME_IS_ANOTHERS)
        log_notice("Another strided owns %s on the system bus: stridectl reaches that one",
                   CONTROL_NAME);
    return 0;
}

int control_set_bus(struct control *control, sd_bus *bus)
{
    int r;

    drop_bus(control);
    if (!bus)
        return 0;
    control->bus = sd_bus_ref(bus);
    r = sd_bus_add_object_vtable(bus, &control->object, CONTROL_PATH, CONTROL_INTERFACE,
                                 control->vtable, control);
    if (r >= 0)
        r = sd_bus_request_name_async(bus, &control->name, CONTROL_NAME, 0, on_name, control);
    if (r < 0)
        return log_warning_errno(r, "Failed to open the D-Bus door %s: %m", CONTROL_NAME);
    return 0;
}
