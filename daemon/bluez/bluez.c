/* SPDX-License-Identifier: MIT */
/*
 * Watching org.bluez. The order at a start, and again whenever the name changes hands:
 *
 *     matches (NameOwnerChanged, ObjectManager, PropertiesChanged) confirmed by the bus
 *       -> GetNameOwner -> GetManagedObjects -> signals keep the mirror true
 *
 * A bluetoothd that is killed sends nothing: NameOwnerChanged alone empties the mirror.
 */
#include "daemon/bluez/bluez.h"

#include <errno.h>
#include <string.h>
#include "daemon/bluez/private.h"
#include "daemon/log.h"
#include "daemon/util.h"

/* ---- who owns the name ---- */

static void set_owner(struct bluez *bluez, const char *owner)
{
    if (strcmp(bluez->owner, owner) == 0 || strlen(owner) >= sizeof bluez->owner)
        return;
    bluez_calls_drop(&bluez->calls);
    bluez_tree_done(&bluez->tree);
    bluez->in_flight = 0;
    bluez->answered = false;
    memcpy(bluez->owner, owner, strlen(owner) + 1);
    log_info("bluetoothd is %s", owner[0] == '\0' ? "not running" : "running");
    if (bluez->status == BLUEZ_READY &&
        owner[0] != '\0') { /* one took over from the other at once */
        bluez->status = BLUEZ_NO_DAEMON;
        bluez->callbacks.on_status(bluez->userdata);
    }
    bluez_refresh(bluez);
    if (owner[0] != '\0')
        bluez_ask(bluez);
}

static int on_owner_changed(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
    const char *name, *before, *after;
    const char *sender = sd_bus_message_get_sender(m);
    if (!sender || strcmp(sender, "org.freedesktop.DBus") != 0)
        return 0;
    int r = sd_bus_message_read(m, "sss", &name, &before, &after);
    if (r > 0 && strcmp(name, "org.bluez") == 0) {
        ((struct bluez *)userdata)->owner_known = true;
        set_owner(userdata, after);
    }
    return 0;
}

/* It may be at a limit, or out of memory, and a moment later no more. */
static void be_refused(struct bluez *bluez, const char *why)
{
    if (!bluez->refused)
        log_error("The bus refuses to tell us what bluetoothd does, and is asked again: %s", why);
    bluez->refused = true;
}

static void on_owner(void *userdata, uint64_t cookie, const struct bluez_reply *reply)
{
    struct bluez *bluez = userdata;
    const char *owner;
    bluez->owner_asked = false;
    bool done =
        reply->outcome == BLUEZ_DONE && sd_bus_message_read(reply->message, "s", &owner) > 0;
    bluez->owner_known |= done || reply->outcome == BLUEZ_OBJECT_GONE;
    if (!bluez->owner_known)
        be_refused(bluez, reply->text);
    if (done)
        set_owner(bluez, owner);
    bluez_refresh(bluez);
}

static void ask_owner(struct bluez *bluez)
{
    _cleanup_bus_message_ sd_bus_message *m = NULL;
    int r = sd_bus_message_new_method_call(bluez->bus, &m, "org.freedesktop.DBus",
                                           "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                           "GetNameOwner");
    if (r >= 0)
        r = sd_bus_message_append(m, "s", "org.bluez");
    if (r >= 0)
        r = bluez_call_send(&bluez->calls, bluez->bus, m, 0, on_owner, bluez, 0);
    bluez->owner_asked = r >= 0;
    if (r < 0)
        be_refused(bluez, strerror(-r));
}

/* ---- life ---- */

static int on_installed(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
    struct bluez *bluez = userdata;
    if (sd_bus_message_is_method_error(m, NULL)) {
        be_refused(bluez, sd_bus_message_get_error(m)->message);
        return 0;
    }
    if (++bluez->installed == BLUEZ_MATCHES)
        ask_owner(bluez);
    return 0;
}

static int watch(struct bluez *bluez)
{
    static const struct {
        const char *rule;
        sd_bus_message_handler_t handler;
    } rows[BLUEZ_MATCHES] = {
        { "type='signal',sender='org.freedesktop.DBus',interface='org.freedesktop.DBus',"
          "member='NameOwnerChanged',arg0='org.bluez'",
          on_owner_changed },
        { "type='signal',sender='org.bluez',interface='org.freedesktop.DBus.ObjectManager',path='/"
          "'",
          bluez_on_objects },
        { "type='signal',sender='org.bluez',interface='org.freedesktop.DBus.Properties',"
          "member='PropertiesChanged',path_namespace='/org/bluez'",
          bluez_on_properties },
    };
    for (size_t i = 0; i < BLUEZ_MATCHES; i++) {
        int r = sd_bus_add_match_async(bluez->bus, &bluez->matches[i], rows[i].rule,
                                       rows[i].handler, on_installed, bluez);
        if (r < 0)
            return r;
    }
    return 0;
}

static void remove_matches(struct bluez *bluez)
{
    for (size_t i = 0; i < BLUEZ_MATCHES; i++)
        bluez->matches[i] = sd_bus_slot_unref(bluez->matches[i]);
    bluez->installed = 0;
}

void bluez_retry(struct bluez *bluez)
{
    if (!bluez->bus || !bluez->refused || bluez->owner_known || bluez->owner_asked)
        return;
    if (bluez->installed == BLUEZ_MATCHES) {
        ask_owner(bluez);
        return;
    }
    remove_matches(bluez);
    (void)watch(bluez); /* or the next time */
}

static void unwatch(struct bluez *bluez)
{
    bluez_calls_drop(&bluez->calls);
    bluez_tree_done(&bluez->tree);
    remove_matches(bluez);
    bluez->bus = sd_bus_unref(bluez->bus);
    bluez->refused = bluez->owner_asked = bluez->owner_known = false;
    bluez->owner[0] = '\0';
    bluez->answered = false;
    bluez->in_flight = 0;
}

int bluez_set_bus(struct bluez *bluez, sd_bus *bus)
{
    unwatch(bluez);
    bluez_refresh(bluez);
    if (!bus)
        return 0;
    bluez->bus = sd_bus_ref(bus);
    int r = watch(bluez);
    if (r < 0)
        unwatch(bluez);
    bluez_refresh(bluez);
    return r;
}

int bluez_new(struct bluez **ret, const struct bluez_callbacks *callbacks, void *userdata)
{
    struct bluez *bluez = calloc(1, sizeof *bluez);
    if (!bluez)
        return -ENOMEM;
    bluez->callbacks = *callbacks;
    bluez->userdata = userdata;
    bluez->tree.is_usable = callbacks->is_usable;
    bluez->tree.is_configured = callbacks->is_configured;
    bluez->tree.userdata = userdata;
    *ret = bluez;
    return 0;
}

struct bluez *bluez_free(struct bluez *bluez)
{
    if (bluez)
        unwatch(bluez);
    free(bluez);
    return NULL;
}
