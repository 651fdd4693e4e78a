/* SPDX-License-Identifier: MIT */
/*
 * Connect, Disconnect and the link between them, with the delays, orders and error texts of BlueZ
 * 5.66 on kernel 6.1 as they were observed on the real stack.
 */
#include <errno.h>
#include "daemon/util.h"
#include "tests/sim/random.h"
#include "tests/sim/sim.h"

#define FAILED "org.bluez.Error.Failed"

static uint64_t soon(struct device *d, double low_ms, double high_ms)
{
    return clock_now_usec() + random_usec(&d->sim->random, low_ms, high_ms);
}

static void phase_enter(struct device *d, enum link_phase phase, uint64_t next_usec)
{
    d->phase = phase;
    clock_timer_set(d->phase_timer, next_usec);
}

/* ---- PENDING -------------------------------------------------------------------------------- */

static void connect_answer(struct device *d, const char *error_text)
{
    _cleanup_bus_message_ sd_bus_message *call = TAKE_PTR(d->connect_call);

    if (call && error_text)
        (void)sd_bus_reply_method_errorf(call, FAILED, "%s", error_text);
    else if (call)
        (void)sd_bus_reply_method_return(call, NULL);
}

void connect_abort(struct device *d, const char *error_text)
{
    if (d->phase == LINK_PENDING)
        phase_enter(d, LINK_DOWN, CLOCK_NEVER);
    connect_answer(d, error_text);
}

/*
 * The kernel connects on an advert that the scan reports. While discovery runs that scan has reported
 * the device already and will not again until it restarts, 10.24 s later.
 */
void connect_reconsider(struct device *d)
{
    uint64_t now = clock_now_usec(), at;

    if (d->phase != LINK_PENDING)
        return;
    at = soon(d, 240, 600);
    if (d->sim->adapter.discovering)
        at = now + LINK_DUPLICATES_USEC + random_usec(&d->sim->random, 100, 250);
    if (!d->sensor->advertising)
        d->link_at_usec = CLOCK_NEVER;
    else if (at < d->link_at_usec)
        d->link_at_usec = at;
    clock_timer_set(d->phase_timer,
                    d->link_at_usec < d->give_up_usec ? d->link_at_usec : d->give_up_usec);
}

int method_connect(sd_bus_message *m, void *owner, sd_bus_error *ret_error)
{
    struct device *d = owner;

    if (d->sensor->busy || d->connect_call || d->phase == LINK_PENDING)
        return sd_bus_error_set(ret_error, "org.bluez.Error.InProgress", "In Progress");
    if (d->connected)
        return sd_bus_reply_method_return(m, NULL);
    d->stored = d->kept = true; /* even when it fails */
    clock_timer_set(d->temporary_timer, CLOCK_NEVER);
    if (!d->sim->adapter.powered)
        return sd_bus_error_set(ret_error, FAILED, "Input/output error");
    if (d->sensor->dual_mode && !d->prefers_le)
        return sd_bus_error_set(ret_error, FAILED, "br-connection-profile-unavailable");
    d->connect_call = sd_bus_message_ref(m);
    d->give_up_usec = clock_now_usec() + LINK_GIVE_UP_USEC;
    d->link_at_usec = CLOCK_NEVER;
    d->phase = LINK_PENDING;
    connect_reconsider(d);
    return 0;
}

static unsigned links_in_use(const struct sim *sim)
{
    unsigned n = 0;

    for (size_t i = 0; i < sim->n_sensors; i++)
        n += sim->devices[i].connected;
    return n;
}

/* ---- UP, ANSWERED, RESOLVED ----------------------------------------------------------------- */

static bool shows_races(struct sim *sim)
{
    sim->connections++;
    return sim->race_every && sim->connections % sim->race_every == sim->seed % sim->race_every;
}

static void link_up(struct device *d)
{
    d->connected = true;
    d->race = shows_races(d->sim);
    d->loss_at_usec = CLOCK_NEVER;
    phase_enter(d, LINK_UP, soon(d, 5, 30));
    if (!d->race) /* race 1: bluetoothd may be "already connected" before it could say so */
        OBJECT_CHANGED(d->object, &device_interface, "Connected");
    d->dies_young = d->sensor->refuse > 0;
    if (d->dies_young) {
        d->sensor->refuse--;
        d->sensor->truth.refused++;
        device_lose_link(d, LINK_YOUNG_DEATH_USEC);
    }
    sensor_linked(d->sensor);
}

/*
 * No connection left: the kernel tells bluetoothd that connecting failed, and that calls the device
 * temporary and has forgotten it at once. The caller gets its answer before that one time in ten, by
 * luck. Seen with a controller that answers Connection Limit Exceeded.
 */
static void refuse_link(struct device *d)
{
    if (random_between(&d->sim->random, 0, 1) < 0.9)
        d->connect_call = sd_bus_message_unref(d->connect_call);
    connect_abort(d, "le-connection-abort-by-local"); /* whatever it was, this is the text */
    (void)device_remove(d);
}

static void on_pending(struct device *d, uint64_t now)
{
    if (now < d->link_at_usec && now < d->give_up_usec)
        connect_reconsider(d);
    else if (now >= d->give_up_usec)
        connect_abort(d, "le-connection-abort-by-local");
    else if (links_in_use(d->sim) >= d->sim->slots)
        refuse_link(d);
    else
        link_up(d);
}

/* A deaf sensor accepts the link and answers no request: nothing more happens until ATT gives up.
 * bluetoothd subscribes anew, for clients of an earlier link, as soon as it can: on the real stack
 * measurements were seen for seconds before it called the services resolved. */
static void on_up(struct device *d)
{
    if (!d->sensor->late)
        connect_answer(d, NULL);
    if (d->cached && !d->dies_young && !d->sensor->deaf)
        notify_rearm(d);
    if (!d->connected) /* some sensors end the link for it */
        return;
    if (d->sensor->deaf)
        device_lose_link(d, LINK_ATT_TIMEOUT_USEC);
    phase_enter(d, LINK_ANSWERED,
                d->sensor->deaf               ? CLOCK_NEVER
                : d->dies_young && !d->cached ? CLOCK_NEVER
                                              : soon(d, 30, 130) + d->sensor->slow_usec);
}

static void on_answered(struct device *d)
{
    bool first = !d->cached;

    gatt_export(d);
    if (!first)
        device_set_battery(d, true);
    if (!(d->race && first)) /* race 2: the objects exist, but are announced too late */
        gatt_announce(d);
    d->cached = d->resolved = true;
    phase_enter(d, LINK_RESOLVED, soon(d, 15, 60));
    if (first)
        OBJECT_CHANGED(d->object, &device_interface, "UUIDs", "ServicesResolved");
    else
        OBJECT_CHANGED(d->object, &device_interface, "ServicesResolved");
    if (!first)
        phase_enter(d, LINK_SETTLED, CLOCK_NEVER);
    connect_answer(d, NULL); /* if it was not before */
}

static void on_resolved(struct device *d)
{
    phase_enter(d, LINK_SETTLED, CLOCK_NEVER);
    gatt_announce(d);
    OBJECT_CHANGED(d->object, &device_interface, "Appearance");
    device_set_battery(d, true);
}

static void on_phase(void *userdata, uint64_t now_usec)
{
    struct device *d = userdata;

    switch (d->phase) {
    case LINK_PENDING:
        on_pending(d, now_usec);
        break;
    case LINK_UP:
        on_up(d);
        break;
    case LINK_ANSWERED:
        on_answered(d);
        break;
    case LINK_RESOLVED:
        on_resolved(d);
        break;
    case LINK_DOWN:
    case LINK_SETTLED:
        break;
    }
}

/* ---- the end of a link ---------------------------------------------------------------------- */

static void disconnects_answer(struct device *d, bool quiet)
{
    for (size_t i = 0; i < d->n_disconnect_calls; i++) {
        if (!quiet)
            (void)sd_bus_reply_method_return(d->disconnect_calls[i], NULL);
        d->disconnect_calls[i] = sd_bus_message_unref(d->disconnect_calls[i]);
    }
    d->n_disconnect_calls = 0;
    d->disconnecting = false;
}

/* The end of a link is to 5.66 as a pairing that failed: who is neither paired nor trusted is temporary again. */
static void become_temporary(struct device *d)
{
    if (d->trusted)
        return;
    d->kept = false;
    clock_timer_set(d->temporary_timer, clock_now_usec() + DEVICE_TEMPORARY_USEC);
}

/* One signal for both properties, then the battery; GATT objects stay. The reason is not told. */
static void link_down_signals(struct device *d, bool was_resolved)
{
    if (was_resolved)
        OBJECT_CHANGED(d->object, &device_interface, "ServicesResolved", "Connected");
    else
        OBJECT_CHANGED(d->object, &device_interface, "Connected");
    device_set_battery(d, false);
    notify_link_gone(d);
}

void device_link_down(struct device *d, bool quiet)
{
    bool was_resolved = d->resolved;

    if (!d->connected)
        return;
    clock_timer_set(d->loss_timer, CLOCK_NEVER);
    d->loss_at_usec = CLOCK_NEVER;
    att_cancel_all(d, quiet);
    connect_answer(d, "le-connection-abort-by-local");
    phase_enter(d, LINK_DOWN, CLOCK_NEVER);
    notify_link_going(d);
    d->connected = d->resolved = false;
    disconnects_answer(d, quiet); /* before the signals: clients hang up at those */
    if (!quiet) {
        link_down_signals(d, was_resolved);
        become_temporary(d);
    }
    sensor_unlinked(d->sensor);
}

void device_lose_link(struct device *d, uint64_t in_usec)
{
    uint64_t at = clock_now_usec() + in_usec;

    if (!d->connected || at >= d->loss_at_usec)
        return;
    d->loss_at_usec = at;
    clock_timer_set(d->loss_timer, at);
}

static void on_loss(void *userdata, uint64_t now_usec)
{
    device_link_down(userdata, false);
}

int method_disconnect(sd_bus_message *m, void *owner, sd_bus_error *ret_error)
{
    struct device *d = owner;

    if (d->phase == LINK_PENDING || d->connect_call)
        connect_abort(d, "br-connection-canceled"); /* yes, for LE too */
    if (!d->connected)
        return sd_bus_reply_method_return(m, NULL);
    if (d->n_disconnect_calls == DEVICE_DISCONNECTERS_MAX)
        return sd_bus_error_set(ret_error, FAILED, "Too many callers");
    d->disconnect_calls[d->n_disconnect_calls++] = sd_bus_message_ref(m);
    d->disconnecting = true;
    device_lose_link(d, LINK_DISCONNECT_USEC);
    return 0;
}

int connect_init(struct device *d)
{
    int r = clock_timer_new(&d->phase_timer, d->sim->event, CLOCK_NEVER, on_phase, d);

    d->loss_at_usec = d->link_at_usec = CLOCK_NEVER;
    return r < 0 ? r : clock_timer_new(&d->loss_timer, d->sim->event, CLOCK_NEVER, on_loss, d);
}
