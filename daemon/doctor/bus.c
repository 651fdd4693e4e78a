/* SPDX-License-Identifier: MIT */
/*
 * Questions to the system bus that wait for their answers, each for a bounded time: also for a bus that
 * takes a connection and then says nothing, for which sd-bus itself would wait much longer.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include "daemon/clock.h"
#include "daemon/doctor/private.h"
#include "daemon/util.h"

#define PATIENCE_USEC (2 * UINT64_C(1000000))

/* ---- asking ---- */

static int wait_ready(sd_bus *bus)
{
    uint64_t deadline_usec = clock_machine_usec() + PATIENCE_USEC;
    int r;

    while ((r = sd_bus_is_ready(bus)) == 0) {
        uint64_t now_usec = clock_machine_usec();

        if (now_usec >= deadline_usec)
            return -ETIMEDOUT;
        r = sd_bus_process(bus, NULL);
        if (r == 0)
            r = sd_bus_wait(bus, deadline_usec - now_usec);
        if (r < 0 && r != -EINTR)
            return r;
    }
    return r < 0 ? r : 0;
}

int doctor_bus_open(sd_bus **ret)
{
    _cleanup_(sd_bus_close_unrefp) sd_bus *bus = NULL;
    int r = sd_bus_open_system(&bus);

    if (r >= 0)
        r = wait_ready(bus);
    if (r < 0)
        return r;
    *ret = TAKE_PTR(bus);
    return 0;
}

int doctor_bus_call(struct doctor *doctor, const char *destination, const char *path,
                    const char *interface, const char *member, bool start, sd_bus_error *ret_error,
                    sd_bus_message **ret, const char *types, ...)
{
    _cleanup_bus_message_ sd_bus_message *m = NULL;
    va_list arguments;
    int r;

    if (!doctor->bus)
        return -ENOTCONN;
    r = sd_bus_message_new_method_call(doctor->bus, &m, destination, path, interface, member);
    if (r >= 0)
        r = sd_bus_message_set_auto_start(m, start);
    if (r >= 0 && types) {
        va_start(arguments, types);
        r = sd_bus_message_appendv(m, types, arguments);
        va_end(arguments);
    }
    return r < 0 ? r : sd_bus_call(doctor->bus, m, PATIENCE_USEC, ret_error, ret);
}

bool doctor_bus_has(struct doctor *doctor, const char *name)
{
    _cleanup_bus_message_ sd_bus_message *reply = NULL;
    int has = 0;
    int r = doctor_bus_call(doctor, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                            "org.freedesktop.DBus", "NameHasOwner", false, NULL, &reply, "s", name);

    return r >= 0 && sd_bus_message_read(reply, "b", &has) >= 0 && has;
}

/* ---- answers ---- */

static int read_value(sd_bus_message *m, json_t **ret);

static int read_basic(sd_bus_message *m, char type, json_t **ret)
{
    union {
        const char *text;
        uint8_t byte;
        int16_t i16;
        uint16_t u16;
        int32_t i32; /* also b and h */
        uint32_t u32;
        int64_t i64;
        uint64_t u64;
        double real;
    } value = { .u64 = 0 };
    int r = sd_bus_message_read_basic(m, type, &value);

    if (r <= 0)
        return r < 0 ? r : -ENODATA;
    switch (type) {
    case 's':
    case 'o':
    case 'g':
        *ret = json_string(value.text);
        break;
    case 'b':
        *ret = json_boolean(value.i32);
        break;
    case 'd':
        *ret = json_real(value.real);
        break;
    case 'y':
        *ret = json_integer(value.byte);
        break;
    case 'n':
        *ret = json_integer(value.i16);
        break;
    case 'q':
        *ret = json_integer(value.u16);
        break;
    case 'i':
        *ret = json_integer(value.i32);
        break;
    case 'u':
        *ret = json_integer(value.u32);
        break;
    default: /* x and t; an endless one has no likeness and does not matter */
        *ret = json_integer((json_int_t)value.i64);
        break;
    }
    return 0;
}

static int read_members(sd_bus_message *m, char type, const char *contents, json_t **ret)
{
    json_t *list = json_array();
    int r = sd_bus_message_enter_container(m, type, contents);

    while (r >= 0 && (r = sd_bus_message_at_end(m, false)) == 0) {
        json_t *item = NULL;

        r = read_value(m, &item);
        json_array_append_new(list, item ? item : json_null());
    }
    if (r >= 0)
        r = sd_bus_message_exit_container(m);
    *ret = list;
    return r < 0 ? r : 0;
}

static int read_variant(sd_bus_message *m, const char *contents, json_t **ret)
{
    int r = sd_bus_message_enter_container(m, 'v', contents);

    if (r >= 0)
        r = read_value(m, ret);
    return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int read_value(sd_bus_message *m, json_t **ret)
{
    const char *contents;
    char type;
    int r = sd_bus_message_peek_type(m, &type, &contents);

    if (r <= 0)
        return r < 0 ? r : -ENODATA;
    if (type == 'v')
        return read_variant(m, contents, ret);
    if (type == 'a' || type == 'r' || type == 'e')
        return read_members(m, type, contents, ret);
    if (type == 'h')
        return sd_bus_message_skip(m, "h");
    return read_basic(m, type, ret);
}

/* a{sv} */
static int read_properties(sd_bus_message *m, json_t *object)
{
    int r = sd_bus_message_enter_container(m, 'a', "{sv}");

    while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
        const char *name;
        json_t *value = NULL;

        r = sd_bus_message_read(m, "s", &name);
        if (r >= 0)
            r = read_value(m, &value);
        if (r >= 0 && value)
            json_object_set_new(object, name, value);
        else
            json_decref(value);
        if (r >= 0)
            r = sd_bus_message_exit_container(m);
    }
    return r;
}

int doctor_bus_properties(struct doctor *doctor, const char *destination, const char *path,
                          const char *interface, json_t **ret)
{
    _cleanup_bus_message_ sd_bus_message *reply = NULL;
    json_t *object;
    int r = doctor_bus_call(doctor, destination, path, "org.freedesktop.DBus.Properties", "GetAll",
                            false, NULL, &reply, "s", interface);

    if (r < 0)
        return r;
    object = json_object();
    r = read_properties(reply, object);
    if (r < 0) {
        json_decref(object);
        return r;
    }
    *ret = object;
    return 0;
}
