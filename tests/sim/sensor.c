/* SPDX-License-Identifier: MIT */
/* The life of a simulated sensor: ticks, adverts, link. See sensor.h. */
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include "tests/sim/device.h"
#include "tests/sim/random.h"
#include "tests/sim/sensor.h"
#include "tests/sim/sim.h"

const struct sensor_service_info sensor_services[SENSOR_SERVICES] = {
    { SENSOR_HEART_RATE, 0x180D, 0x2A37, "heart_rate" },
    { SENSOR_RSC, 0x1814, 0x2A53, "rsc" },
    { SENSOR_TREADMILL, 0x1826, 0x2ACD, "treadmill" },
    { SENSOR_POWER, 0x1818, 0x2A63, "power" },
    { SENSOR_PRESSURE, 0x181A, 0x2A6D, "pressure" },
    { SENSOR_TEMPERATURE, 0x181A, 0x2A6E, "temperature" },
    { SENSOR_ELEVATION, 0x181A, 0x2A6C, "elevation" },
    { SENSOR_LOCATION, 0x1819, 0x2A67, "location" },
};

const struct sensor_service_info *sensor_service_of(uint16_t measurement)
{
    for (size_t i = 0; i < SENSOR_SERVICES; i++)
        if (sensor_services[i].measurement == measurement)
            return &sensor_services[i];
    return NULL;
}

/* ---- adverts -------------------------------------------------------------------------------- */

static bool is_out_of_range(const struct sensor *s)
{
    unsigned lost = s->services & SENSOR_HEART_RATE ? SEGMENT_STRAP_LOST
                    : s->services & SENSOR_RSC      ? SEGMENT_POD_LOST
                                                    : 0;

    return s->away || s->body.flags & lost;
}

static void advertising_set(struct sensor *s, bool advertising)
{
    if (s->advertising == advertising)
        return;
    s->advertising = advertising;
    s->advertising_since_usec = clock_now_usec();
    clock_timer_set(s->watch_timer, advertising && s->watch_waits
                                        ? s->advertising_since_usec + s->watch_after_usec
                                        : CLOCK_NEVER);
    device_on_advertising(s->device);
}

/* After anything that may have changed it. */
static void sensor_update(struct sensor *s)
{
    if (s->linked && is_out_of_range(s))
        device_lose_link(s->device, LINK_SUPERVISION_USEC);
    if (s->linked && !s->awake)
        device_lose_link(s->device, 0);
    advertising_set(s, s->awake && !is_out_of_range(s) && !s->taken && !s->linked);
}

void sensor_linked(struct sensor *s)
{
    s->linked = true;
    s->ccc_read = false;
    s->truth.connections++;
    sensor_update(s);
}

void sensor_unlinked(struct sensor *s)
{
    s->linked = false;
    s->truth.link_losses++;
    sensor_update(s);
}

void sensor_set_away(struct sensor *s, bool away, uint64_t for_usec)
{
    s->away = away;
    s->return_at_usec = away && for_usec ? clock_now_usec() + for_usec : CLOCK_NEVER;
    clock_timer_set(s->return_timer, s->return_at_usec);
    sensor_update(s);
}

static void on_return(void *userdata, uint64_t now_usec)
{
    sensor_set_away(userdata, false, 0);
}

void sensor_set_taken(struct sensor *s, bool taken)
{
    s->taken = taken;
    sensor_update(s);
}

static void on_watch(void *userdata, uint64_t now_usec)
{
    struct sensor *s = userdata;

    if (!s->advertising)
        return;
    s->watch_waits = false;
    s->truth.taken_by_watch++;
    sensor_set_taken(s, true);
}

void sensor_set_watch(struct sensor *s, bool waits, uint64_t after_usec)
{
    s->watch_waits = waits;
    s->watch_after_usec = after_usec;
    clock_timer_set(s->watch_timer,
                    waits && s->advertising ? s->advertising_since_usec + after_usec : CLOCK_NEVER);
}

void sensor_set_battery(struct sensor *s, int percent)
{
    s->battery_pct = percent;
    device_on_battery(s->device);
}

/* ---- ticks ---------------------------------------------------------------------------------- */

static bool is_active(const struct sensor *s)
{
    if (s->services & SENSOR_TREADMILL)
        return true; /* it has a mains plug */
    if (s->services & SENSOR_HEART_RATE)
        return s->body.worn;
    /* a barometer knows nothing of steps: it advertises all day */
    return !(s->services & (SENSOR_RSC | SENSOR_POWER)) || body_is_moving(&s->body);
}

static void wake_or_sleep(struct sensor *s, double dt_s)
{
    bool active = is_active(s);

    s->active_s = active ? s->active_s + dt_s : 0;
    s->inactive_s = active ? 0 : s->inactive_s + dt_s;
    if (!s->awake)
        s->awake = active && s->active_s >= s->wake_s;
    else
        s->awake = s->inactive_s <= s->sleep_s;
}

static void step(struct sensor *s, double dt_s)
{
    double before_s = s->body.t_s;

    body_step(&s->body, dt_s);
    if (before_s < s->reset_s && s->body.t_s >= s->reset_s) { /* a new battery */
        s->rsc.odometer_start_m = -s->body.distance_m;
        s->treadmill.distance_start_m = -s->body.distance_m;
    }
    if (s->body.worn && s->body.heart_rate_bpm >= 20)
        s->shown_bpm = s->body.heart_rate_bpm;
    wake_or_sleep(s, dt_s);
}

static void measure_one(const struct sensor *s, unsigned what, struct packet *out)
{
    switch (what) {
    case SENSOR_HEART_RATE:
        packet_heart_rate(out, &s->body, s->shown_bpm, s->contact);
        break;
    case SENSOR_RSC:
        packet_rsc(out, &s->body, &s->rsc);
        break;
    case SENSOR_POWER:
        packet_power(out, &s->body);
        break;
    case SENSOR_PRESSURE:
        packet_pressure(out, &s->body);
        break;
    case SENSOR_TEMPERATURE:
        packet_temperature(out, &s->body);
        break;
    case SENSOR_ELEVATION:
        packet_elevation(out, &s->body);
        break;
    case SENSOR_LOCATION:
        packet_location(out, &s->body);
        break;
    }
}

static size_t measure(struct sensor *s, const struct sensor_service_info *info,
                      struct packet out[2])
{
    if (s->malformed > 0) {
        packet_garbage(&out[0], info->measurement, s->malformed);
        return 1;
    }
    if (info->bit == SENSOR_TREADMILL)
        return packet_treadmill(out, &s->body, &s->treadmill);
    measure_one(s, info->bit, &out[0]);
    return 1;
}

static void note_sent(struct sensor *s, const struct sensor_service_info *info, size_t packets)
{
    struct sensor_truth *t = &s->truth;
    double start_m =
        info->bit == SENSOR_TREADMILL ? s->treadmill.distance_start_m : s->rsc.odometer_start_m;

    if (s->malformed > 0) {
        s->malformed--;
        t->malformed++;
        return;
    }
    t->notifications[info - sensor_services] += packets;
    if (info->bit == SENSOR_HEART_RATE) {
        t->rr_sent += (uint64_t)s->body.n_rr;
        return;
    }
    if (!(info->bit & (SENSOR_RSC | SENSOR_TREADMILL)))
        return;
    t->last_distance_m = start_m + s->body.distance_m;
    if (isnan(t->first_distance_m))
        t->first_distance_m = t->last_distance_m;
}

static void log_sent(const struct sensor *s, uint16_t uuid, const struct packet *packet)
{
    FILE *f = s->sim->sent;

    if (!f)
        return;
    fprintf(f, "%" PRIu64 " %s %04x ", clock_now_usec(), s->name, uuid);
    for (size_t i = 0; i < packet->length; i++)
        fprintf(f, "%02x", packet->bytes[i]);
    fputc('\n', f);
}

static bool notify_one(struct sensor *s, uint16_t uuid, const struct packet *packet)
{
    bool sent = device_notify(s->device, uuid, packet);

    if (sent)
        log_sent(s, uuid, packet);
    return sent;
}

static void notify_all(struct sensor *s)
{
    struct packet out[2];

    if (!s->linked || s->mute || (s->picky && !s->ccc_read)) /* picky: it is about to go */
        return;
    for (size_t i = 0; i < SENSOR_SERVICES; i++) {
        size_t n = 0, sent = 0;

        if (!(s->services & ~s->muted & sensor_services[i].bit))
            continue;
        n = measure(s, &sensor_services[i], out);
        for (size_t k = 0; k < n; k++)
            sent += notify_one(s, sensor_services[i].measurement, &out[k]);
        if (sent == n)
            note_sent(s, &sensor_services[i], n);
    }
}

/*
 * Late ticks (a busy machine, a fast clock) are made up one by one with their packets, and each time the
 * other sensors have their turn: a stack that was late does not deliver all of one before the next.
 * When the clock leapt the time passed for the runner, but nothing was on the air meanwhile: one packet,
 * of now.
 */
static void on_tick(void *userdata, uint64_t now_usec)
{
    struct sensor *s = userdata;
    bool leapt = s->jumps != sim_clock_jumps(s->sim);
    uint64_t period_usec = (uint64_t)llround(1e6 / s->hz);

    s->jumps = sim_clock_jumps(s->sim);
    do {
        s->next_tick_usec += period_usec;
        step(s, 1 / s->hz);
    } while (leapt && s->next_tick_usec <= now_usec);
    sensor_update(s);
    notify_all(s);
    clock_timer_set(s->tick_timer, s->next_tick_usec);
}

/* Boottime began anew: a sensor does not care, so what it waits for stays as far away as it was. */
void sensor_shift(struct sensor *s, int64_t by_usec)
{
    s->next_tick_usec += (uint64_t)by_usec;
    s->advertising_since_usec += (uint64_t)by_usec;
    if (s->return_at_usec != CLOCK_NEVER)
        s->return_at_usec += (uint64_t)by_usec;
    clock_timer_set(s->tick_timer, s->next_tick_usec);
    clock_timer_set(s->return_timer, s->return_at_usec);
    sensor_set_watch(s, s->watch_waits, s->watch_after_usec);
}

int sensor_start(struct sensor *s, struct sim *sim, struct device *device)
{
    uint64_t now_usec = clock_now_usec();
    int r;

    s->sim = sim;
    s->device = device;
    s->jumps = sim_clock_jumps(sim);
    s->truth.first_distance_m = s->truth.last_distance_m = NAN;
    s->return_at_usec = CLOCK_NEVER;
    s->next_tick_usec = now_usec + random_usec(&sim->random, 0, 1000 / s->hz);
    r = clock_timer_new(&s->watch_timer, sim->event, CLOCK_NEVER, on_watch, s);
    if (r >= 0)
        r = clock_timer_new(&s->return_timer, sim->event, CLOCK_NEVER, on_return, s);
    if (r >= 0)
        r = clock_timer_new(&s->tick_timer, sim->event, s->next_tick_usec, on_tick, s);
    if (r >= 0)
        sensor_update(s); /* one that is awake from the start is on the air at once */
    return r;
}

void sensor_done(struct sensor *s)
{
    s->tick_timer = clock_timer_unref(s->tick_timer);
    s->watch_timer = clock_timer_unref(s->watch_timer);
    s->return_timer = clock_timer_unref(s->return_timer);
}
