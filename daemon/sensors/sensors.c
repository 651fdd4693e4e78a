/* SPDX-License-Identifier: MIT */
/* The life of the set, and what comes in from BlueZ and from the session side: it is handed to the links;
 * the rest is in the round. */
#include "daemon/sensors/sensors.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "daemon/log.h"
#include "daemon/sensors/set.h"
#include "daemon/util.h"

/* ---- from BlueZ ---- */

static void feed_all(struct sensors *sensors, enum sensor_event_kind kind, const char *text,
                     uint64_t now_usec)
{
    struct sensor_event event = { .kind = kind, .text = text };
    for (size_t i = 0; i < sensors->n_links; i++)
        link_feed(sensors->links[i], &event, now_usec);
}

static void tell_links(struct sensors *sensors, uint64_t now_usec)
{
    char text[PAYLOAD_TEXT_MAX];
    for (size_t i = 0; bluez_status(sensors->bluez) < BLUEZ_NO_ADAPTER && i < sensors->n_links; i++)
        sensors->links[i]->armed = 0; /* what bluetoothd had of us went with it */
    sensors_unavailable_text(sensors, text, sizeof text);
    if (text[0] != '\0' || sensors->ready) /* from ready to ready: another adapter took over */
        feed_all(sensors, SENSOR_EV_UNAVAILABLE, text[0] != '\0' ? text : "another adapter",
                 now_usec);
    sensors->ready = text[0] == '\0';
    sensors_say_unavailable(sensors);
    if (!sensors->ready)
        return;
    sensors->just_came = true;
    bluez_ask(sensors->bluez);
    feed_all(sensors, SENSOR_EV_AVAILABLE, "", now_usec);
}

static void on_status(void *userdata)
{
    struct sensors *sensors = userdata;
    uint64_t now_usec = clock_now_usec();
    sensors->radio_epoch++;
    radio_reset(&sensors->radio);
    if (bluez_status(sensors->bluez) < BLUEZ_NO_ADAPTER)
        powercycle_lost(&sensors->cycle, now_usec);
    sensors->filter_set = false;
    sensors->started_usec = now_usec;
    sensors->starting_usec = bluez_status(sensors->bluez) == BLUEZ_STARTING ? now_usec : 0;
    sensors_mend_status(sensors, now_usec);
    tell_links(sensors, now_usec);
    if (bluez_status(sensors->bluez) != BLUEZ_READY)
        sensors_finish_scan(sensors, -ENODEV);
    sensors_show_health(sensors);
    sensors_wake(sensors, now_usec);
}

static void on_device(void *userdata, struct bluez_device *device, uint32_t changes,
                      uint64_t now_usec)
{
    struct sensors *sensors = userdata;
    struct link *link = link_of(sensors, device);
    if (link && bluez_status(sensors->bluez) == BLUEZ_READY)
        link_on_device(link, device, changes, now_usec);
}

static void on_answer(void *userdata, uint64_t number, uint64_t now_usec)
{
    struct sensors *sensors = userdata;
    if (bluez_status(sensors->bluez) != BLUEZ_READY)
        return;
    for (size_t i = 0; i < sensors->n_links; i++)
        link_on_answer(sensors->links[i], number, now_usec);
    sensors->just_came = false;
}

static void on_value(void *userdata, struct bluez_device *device, uint16_t uuid,
                     const uint8_t *bytes, size_t length, uint64_t now_usec)
{
    struct link *link = link_of(userdata, device);
    if (link)
        link_on_value(link, uuid, bytes, length, now_usec);
}

static bool is_usable(void *userdata, uint16_t uuid)
{
    return sensor_characteristic(uuid) != NULL;
}

static bool is_configured(void *userdata, const char *address)
{
    const struct sensors *sensors = userdata;
    for (size_t i = 0; i < sensors->n_links; i++)
        if (strcmp(sensors->links[i]->address, address) == 0)
            return true;
    return false;
}

/* ---- what the session side tells ---- */

void sensors_note_motion(struct sensors *sensors, size_t sensor, uint64_t now_usec)
{
    if (sensor >= sensors->n_links)
        return;
    struct link *link = sensors->links[sensor];
    size_t place = sensors_place_of(link->runner);
    uint64_t *moved = place < CONF_RUNNERS_MAX ? &sensors->runners[place].motion_usec
                                               : &sensors->shared_motion_usec;
    uint64_t before_usec = link->machine.moved_usec;
    bool news = before_usec == 0 || now_usec - before_usec >= MOVING_USEC / 2;
    link->machine.moved_usec = *moved = now_usec;
    if (news) /* the others need not look at every step */
        sensors_wake(sensors, now_usec);
}

void sensors_note_effort(struct sensors *sensors, size_t sensor, uint64_t now_usec)
{
    if (sensor < sensors->n_links)
        sensors->links[sensor]->machine.effort_usec = now_usec;
}

void sensors_note_session(struct sensors *sensors, size_t runner, bool open, bool asked,
                          uint64_t now_usec)
{
    if (runner >= CONF_RUNNERS_MAX || sensors->runners[runner].open == open)
        return;
    sensors->runners[runner].open = open;
    sensors->runners[runner].asked = open && asked;
    if (!open)
        sensors->runners[runner].end_usec = now_usec;
    sensors_wake(sensors, now_usec);
}

/* ---- life ---- */

static struct link *take_link(struct sensors *sensors, const struct conf_sensor *conf)
{
    for (size_t i = 0; i < sensors->n_links; i++) {
        struct link *link = sensors->links[i];
        if (!link || strcmp(link->machine.name, conf->name) != 0 ||
            strcmp(link->address, conf->address) != 0)
            continue;
        sensors->links[i] = NULL;
        return link;
    }
    return NULL;
}

/* Nobody waits for that. */
static void cut_link(struct sensors *sensors, struct link *link)
{
    link_unsubscribe(link);
    const struct bluez_device *device = bluez_find(sensors->bluez, link->address);
    bool ours = link->machine.usable || link->machine.state == SENSOR_CONNECTING;
    if (device && ours) {
        int r = bluez_disconnect(sensors->bluez, device, NULL, 0);
        if (r < 0)
            log_warning_errno(r, "Failed to let go of %s: %m", link->machine.name);
    }
}

/* A sensor that is no longer configured. */
static void drop_link(struct sensors *sensors, struct link *link)
{
    if (link)
        cut_link(sensors, link);
    free(link);
}

/* While it is still ours to call, and everybody above has the old configuration: the links that end are told
 * by its indexes. A sensor that stayed linked there would not be heard on the new one. */
static void leave_adapter(struct sensors *sensors, uint64_t now_usec)
{
    struct sensor_event event = { .kind = SENSOR_EV_UNAVAILABLE, .text = "another adapter" };
    for (size_t i = 0; i < sensors->n_links; i++) {
        cut_link(sensors, sensors->links[i]);
        link_feed(sensors->links[i], &event, now_usec);
    }
    if (sensors->radio.scan == RADIO_STARTING || sensors->radio.scan == RADIO_ON)
        (void)bluez_discover(sensors->bluez, false, NULL, 0);
}

static void free_links(struct link **links, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(links[i]);
    free(links);
}

static void greet(struct sensors *sensors, struct link *link, uint64_t now_usec)
{
    struct bluez_device *device = bluez_find(sensors->bluez, link->address);
    char text[PAYLOAD_TEXT_MAX];
    sensors_unavailable_text(sensors, text, sizeof text);
    struct sensor_event event = { .kind =
                                      text[0] == '\0' ? SENSOR_EV_AVAILABLE : SENSOR_EV_UNAVAILABLE,
                                  .text = text };
    link_feed(link, &event, now_usec);
    if (device && text[0] == '\0')
        link_on_device(link, device, BLUEZ_CHANGED_IDENTITY | BLUEZ_CHANGED_LINK, now_usec);
}

/* A runner is found again by name, whatever the order is now: a session that is open, or was, is theirs
 * and not of whoever has their place. */
static void take_runners(struct sensors *sensors, const struct conf *conf)
{
    const struct conf *from = sensors->conf;
    struct tracked runners[CONF_RUNNERS_MAX] = { 0 };
    for (size_t i = 0; from && i < from->n_runners; i++) {
        size_t there = conf_find_runner(conf, from->runners[i].id);
        if (there < conf->n_runners)
            runners[there] = sensors->runners[i];
    }
    memcpy(sensors->runners, runners, sizeof sensors->runners);
}

/* All that may fail; one made in vain is freed by the caller. */
static int make_links(struct sensors *sensors, const struct conf *conf, struct link **ret)
{
    int r = 0;
    for (size_t i = 0; r >= 0 && i < conf->n_sensors; i++)
        r = link_new(&ret[i], sensors, &conf->sensors[i], i);
    return r;
}

/* Old ones stay where they are still configured; what is left in `links` is theirs no more. */
static void keep_links(struct sensors *sensors, const struct conf *conf, struct link **links,
                       struct link **spare)
{
    for (size_t i = 0; i < conf->n_sensors; i++) {
        struct link *old = take_link(sensors, &conf->sensors[i]);
        if (!old)
            continue;
        link_set_conf(old, &conf->sensors[i], i);
        spare[i] = links[i];
        links[i] = old;
    }
}

static void swap_links(struct sensors *sensors, const struct conf *conf, struct link **links)
{
    struct link **old = sensors->links;
    size_t n_old = sensors->n_links;
    take_runners(sensors, conf);
    sensors->conf = conf;
    sensors->links = links;
    sensors->n_links = conf->n_sensors;
    bluez_disown(sensors->bluez);
    for (size_t i = 0; i < n_old; i++)
        drop_link(sensors, old[i]);
    free(old);
}

int sensors_set_conf(struct sensors *sensors, const struct conf *conf)
{
    uint64_t now_usec = clock_now_usec();
    size_t n = conf->n_sensors;
    _cleanup_free_ struct link **links = calloc(n + 1, sizeof *links);
    _cleanup_free_ struct link **spare = calloc(n + 1, sizeof *spare); /* of those that were kept */
    int r = links && spare ? make_links(sensors, conf, links) : -ENOMEM;
    if (r < 0) {
        for (size_t i = 0; links && i < n; i++)
            free(links[i]);
        return r;
    }
    sensors->begun = false; /* the owner hears of it from the loop, with the new indexes */
    if (bluez_would_leave(sensors->bluez, conf->adapter))
        leave_adapter(sensors, now_usec);
    keep_links(sensors, conf, links, spare);
    swap_links(sensors, conf, TAKE_PTR(links));
    bluez_set_adapter(sensors->bluez, conf->adapter);
    sensors->just_came = true; /* a link that a new sensor has already is adopted */
    for (size_t i = 0; i < n; i++) {
        if (spare
                [i]) /* by new rules, in the round: whoever is told of a link has the new indexes then */
            sensors->links[i]->machine.deadline_usec = now_usec;
        else
            greet(sensors, sensors->links[i], now_usec);
        free(spare[i]);
    }
    bluez_ask(sensors->bluez);
    sensors_wake(sensors, now_usec);
    return 0;
}

int sensors_set_bus(struct sensors *sensors, sd_bus *bus, int error)
{
    sensors->bus_error = error;
    return bluez_set_bus(sensors->bluez, bus);
}

struct sensors *sensors_free(struct sensors *sensors)
{
    if (!sensors)
        return NULL;
    bluez_free(sensors->bluez);
    free_links(sensors->links, sensors->n_links);
    clock_timer_unref(sensors->timer);
    sd_event_unref(sensors->event);
    free(sensors);
    return NULL;
}

static void sensors_freep(struct sensors **sensors)
{
    sensors_free(*sensors);
}

int sensors_new(struct sensors **ret, sd_event *event, const struct conf *conf,
                const struct sensors_callbacks *callbacks, void *userdata)
{
    static const struct bluez_callbacks from_bluez = {
        .on_status = on_status,
        .on_device = on_device,
        .on_answer = on_answer,
        .on_value = on_value,
        .is_usable = is_usable,
        .is_configured = is_configured,
    };
    _cleanup_(sensors_freep) struct sensors *sensors = calloc(1, sizeof *sensors);
    if (!sensors)
        return -ENOMEM;
    sensors->event = sd_event_ref(event);
    sensors->callbacks = *callbacks;
    sensors->userdata = userdata;
    sensors->armed_usec = CLOCK_NEVER;
    radio_init(&sensors->radio, 1);
    int r = clock_timer_new(&sensors->timer, event, CLOCK_NEVER, sensors_on_timer, sensors);
    if (r < 0)
        return r;
    r = bluez_new(&sensors->bluez, &from_bluez, sensors);
    if (r < 0)
        return r;
    r = sensors_set_conf(sensors, conf);
    if (r < 0)
        return r;
    *ret = TAKE_PTR(sensors);
    return 0;
}
