/* SPDX-License-Identifier: MIT */
#include "daemon/health.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include "daemon/clock.h"
#include "daemon/loop.h"
#include "daemon/memory.h"
#include "daemon/util.h"
#include "lib/digest.h"

#define MINUTE_USEC UINT64_C(60000000)
#define REST_USEC   UINT64_C(5000000) /* at least, between two that a change called for */

struct health {
    struct health_parts parts;
    void (*on_due)(void *userdata);
    void *userdata;
    struct clock_timer *timer;
    char status[sizeof("STATUS=") + PAYLOAD_TEXT_MAX]; /* as last said to systemd */
    uint64_t said; /* digest of the last that went out; 0: none did */
    uint64_t said_usec;
    bool hushed;
};

/* ---- what is wrong ----------------------------------------------------------------------------- */

static void add_problem(struct payload_health *health, const char *sentence)
{
    if (sentence)
        payload_health_add(health, "%s", sentence);
}

/* Without what must be read from the kernel: it is asked for with each change of a sensor. */
static void fill_problems(const struct health *health, struct payload_health *ret)
{
    char sentence[PAYLOAD_TEXT_MAX];

    payload_health_init(ret);
    ret->clock = timekeeper_state(health->parts.timekeeper);
    ret->t_usec = ret->clock == CLOCK_UNSET ? 0 : clock_wall_usec();
    sensors_health(health->parts.sensors, ret);
    publisher_add_health(health->parts.publisher, ret);
    if (health->parts.left_out[0])
        add_problem(ret, health->parts.left_out);
    add_problem(ret, store_problem(health->parts.store));
    add_problem(ret, recorder_problem(health->parts.recorder));
    add_problem(ret, import_problem(health->parts.import));
    add_problem(ret, backups_problem(health->parts.backups));
    for (size_t slot = 0; slot < TRACKER_SLOTS_MAX; slot++)
        if (sessions_problem(health->parts.sessions, slot, sentence))
            add_problem(ret, sentence);
    if (ret->clock == CLOCK_UNSET && timekeeper_is_settled(health->parts.timekeeper))
        add_problem(ret, "The clock is not set yet: what carries a date waits");
}

static void fill_figures(struct payload_health *ret)
{
    memory_read(&ret->rss_bytes, &ret->anon_bytes);
    ret->loop_stall_ms = (double)loop_stall_usec() / 1000;
}

void health_fill(const struct health *health, struct payload_health *ret)
{
    fill_problems(health, ret);
    fill_figures(ret);
}

/* ---- to whom it is said ------------------------------------------------------------------------ */

static size_t count_streaming(const struct health *health)
{
    size_t n = 0;

    for (size_t i = 0; i < health->parts.conf->n_sensors; i++) {
        const struct payload_sensor *sensor = sensors_get(health->parts.sensors, i);

        n += sensor && sensor->state == SENSOR_STREAMING;
    }
    return n;
}

/* STATUS= is the first thing an owner sees: the first problem, or what works. */
static void tell_systemd(struct health *health, const struct payload_health *payload)
{
    char status[sizeof(health->status)];

    if (payload->n_problems)
        snprintf(status, sizeof(status), "STATUS=%s", payload->problems[0]);
    else
        snprintf(status, sizeof(status), "STATUS=%zu of %zu sensors stream",
                 count_streaming(health), health->parts.conf->n_sensors);
    if (strcmp(status, health->status) == 0)
        return;
    memcpy(health->status, status, sizeof(status));
    (void)sd_notify(0, status);
}

static uint64_t add_text(uint64_t digest, const char *text)
{
    for (; *text; text++)
        if (*text < '0' || *text > '9') /* what a problem counts may go on counting */
            digest = digest_bytes(digest, text, 1);
    return digest_word(digest, "");
}

/* Of what somebody is waiting to hear; figures and signal strengths change all the time. Never 0. */
static uint64_t digest_of(const struct payload_health *payload)
{
    uint64_t digest = DIGEST_OF_NOTHING + (uint64_t)payload->clock;

    digest = add_text(add_text(digest, payload->adapter), payload->bluetoothd);
    for (size_t i = 0; i < payload->n_problems; i++)
        digest = add_text(digest, payload->problems[i]);
    return digest | 1;
}

static void publish(struct health *health, struct payload_health *payload, uint64_t now_usec)
{
    bool said;

    fill_figures(payload);
    said = publisher_health(health->parts.publisher, payload) >= 0;

    health->said = said ? digest_of(payload) : 0;
    health->said_usec = now_usec;
    clock_timer_set(health->timer, now_usec + MINUTE_USEC);
}

static void refresh(struct health *health, bool due)
{
    _cleanup_free_ struct payload_health *payload = calloc(1, sizeof(*payload));
    uint64_t now_usec = clock_now_usec(), rested_usec;

    if (!payload || health->hushed)
        return;
    fill_problems(health, payload);
    tell_systemd(health, payload);
    rested_usec = health->said ? health->said_usec + REST_USEC : 0;
    if (due || (digest_of(payload) != health->said && now_usec >= rested_usec))
        publish(health, payload, now_usec);
    else if (digest_of(payload) != health->said)
        clock_timer_set(health->timer, rested_usec);
}

void health_changed(struct health *health)
{
    if (health)
        refresh(health, false);
}

static void on_timer(void *userdata, uint64_t now_usec)
{
    struct health *health = userdata;

    clock_timer_set(health->timer, now_usec + MINUTE_USEC);
    health->on_due(health->userdata);
    refresh(health, true);
}

/* ---- life -------------------------------------------------------------------------------------- */

int health_new(struct health **ret, const struct health_parts *parts,
               void (*on_due)(void *userdata), void *userdata)
{
    struct health *health = calloc(1, sizeof(*health));
    int r;

    if (!health)
        return -ENOMEM;
    *health = (struct health){ .parts = *parts, .on_due = on_due, .userdata = userdata };
    r = clock_timer_new(&health->timer, parts->event, clock_now_usec() + MINUTE_USEC, on_timer,
                        health);
    if (r < 0) {
        health_free(health);
        return r;
    }
    *ret = health;
    return 0;
}

struct health *health_free(struct health *health)
{
    if (!health)
        return NULL;
    clock_timer_unref(health->timer);
    free(health);
    return NULL;
}

void health_set_conf(struct health *health, const struct conf *conf, const char *left_out)
{
    health->parts.left_out = left_out;
    health->parts.conf = conf;
}

void health_hush(struct health *health)
{
    health->hushed = true;
}
