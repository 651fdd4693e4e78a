/* SPDX-License-Identifier: MIT */
#include "daemon/releases.h"

#include <stdlib.h>
#include <string.h>
#include "daemon/array.h"
#include "daemon/clock.h"
#include "daemon/log.h"
#include "daemon/util.h"

uint64_t release_left_usec(const struct store_release *row, const char *boot_id, uint64_t now_usec,
                           bool clock_known, int64_t wall_usec, bool *ret_guessed)
{
    uint64_t length_usec = (uint64_t)row->length_usec;

    *ret_guessed = false;
    if (length_usec == 0)
        return 0;
    if (strcmp(row->boot_id, boot_id) == 0)
        return (uint64_t)row->until_boot_usec > now_usec ? (uint64_t)row->until_boot_usec - now_usec
                                                         : 0;
    if (!clock_known || row->until_usec == 0) {
        *ret_guessed = row->until_usec != 0;
        return length_usec;
    }
    if (row->until_usec <= wall_usec)
        return 0;
    /* a clock that was set back since makes it no longer than it was */
    uint64_t left_usec = (uint64_t)(row->until_usec - wall_usec);
    return left_usec < length_usec ? left_usec : length_usec;
}

/* ---- the rows ------------------------------------------------------------------------------ */

static bool is_clock_known(const struct releases *releases)
{
    return timekeeper_state(releases->timekeeper) != CLOCK_UNSET;
}

/* The place behind the last: it has none. */
static size_t find(const struct releases *releases, const struct conf_sensor *sensor)
{
    size_t i = 0;
    while (i < releases->n && (strcmp(releases->rows[i].row.name, sensor->name) != 0 ||
                               strcmp(releases->rows[i].row.address, sensor->address) != 0))
        i++;
    return i;
}

static struct release *row_of(struct releases *releases, const struct conf_sensor *sensor)
{
    size_t i = find(releases, sensor);
    if (i < releases->n)
        return &releases->rows[i];
    struct release *release = ARRAY_ADD(releases->rows, releases->n);
    if (!release)
        return NULL;
    memcpy(release->row.name, sensor->name, sizeof(release->row.name));
    memcpy(release->row.address, sensor->address, sizeof(release->row.address));
    return release;
}

static bool is_over(const struct release *release)
{
    return release->row.length_usec == 0;
}

/* This boot's clock tells from now on; the wall's in another one. A guess does not change what that is to say. */
static void put(struct releases *releases, struct release *release, uint64_t left_usec,
                uint64_t now_usec)
{
    struct store_release *row = &release->row;

    memcpy(row->boot_id, clock_boot_id(), sizeof(row->boot_id));
    row->until_boot_usec = (int64_t)(now_usec + left_usec);
    if (!release->guessed)
        row->until_usec = is_clock_known(releases) ? clock_wall_usec() + (int64_t)left_usec : 0;
    int r = store_put_release(releases->store, row);
    if (r < 0)
        log_warning_errno(r, "%s is let go, and a restart will forget it: %m", row->name);
}

/* The row of one that is over stays, and says so: no clock of another boot could. */
static void put_over(struct releases *releases, struct release *release)
{
    release->guessed = false;
    release->row.length_usec = 0;
    int r = store_put_release(releases->store, &release->row);
    if (r < 0)
        log_warning_errno(r, "%s was let go, and a restart may do so again: %m", release->row.name);
}

static void put_left(struct releases *releases, struct release *release, uint64_t left_usec,
                     uint64_t now_usec)
{
    if (left_usec > 0)
        put(releases, release, left_usec, now_usec);
    else
        put_over(releases, release);
}

/* A guess is never made longer: it was of all there could be. */
static uint64_t left_of(struct release *release, const struct releases *releases, uint64_t now_usec)
{
    bool was_guessed = release->guessed;
    uint64_t until_usec = (uint64_t)release->row.until_boot_usec;
    uint64_t guess_usec = until_usec > now_usec ? until_usec - now_usec : 0;
    uint64_t left_usec =
        release_left_usec(&release->row, was_guessed ? "" : clock_boot_id(), now_usec,
                          is_clock_known(releases), clock_wall_usec(), &release->guessed);
    return was_guessed && guess_usec < left_usec ? guess_usec : left_usec;
}

/* ---- life ---------------------------------------------------------------------------------- */

static void tell(struct releases *releases, const struct release *release, uint64_t left_usec,
                 uint64_t now_usec)
{
    size_t sensor = conf_find_same_sensor(releases->conf, release->row.name, release->row.address);

    if (sensor < releases->conf->n_sensors)
        (void)sensors_release(releases->sensors, sensor, left_usec, now_usec);
}

static void watch(struct releases *releases)
{
    uint64_t first_usec = CLOCK_NEVER;

    for (size_t i = 0; i < releases->n; i++) {
        const struct release *release = &releases->rows[i];
        uint64_t until_usec = (uint64_t)release->row.until_boot_usec;
        if (!is_over(release) && until_usec < first_usec)
            first_usec = until_usec;
    }
    if (releases->timer)
        clock_timer_set(releases->timer, first_usec);
}

/* The sensor comes back by itself. */
static void on_over(void *userdata, uint64_t now_usec)
{
    struct releases *releases = userdata;

    for (size_t i = 0; i < releases->n; i++) {
        struct release *release = &releases->rows[i];
        if (!is_over(release) && (uint64_t)release->row.until_boot_usec <= now_usec)
            put_over(releases, release);
    }
    watch(releases);
}

static void restore(struct releases *releases, struct release *release, uint64_t now_usec)
{
    bool same_boot = strcmp(release->row.boot_id, clock_boot_id()) == 0;
    uint64_t left_usec = left_of(release, releases, now_usec);

    /* what this boot's clock tells may be a guess of this boot's: the row does not say, and the day it ends does */
    release->guessed |= same_boot && release->row.until_usec != 0 && !is_clock_known(releases);
    if (left_usec > 0)
        tell(releases, release, left_usec, now_usec);
    if (left_usec == 0 || !same_boot)
        put_left(releases, release, left_usec, now_usec);
}

void releases_restore(struct releases *releases, uint64_t now_usec)
{
    size_t n;
    const struct store_release *rows = store_releases(releases->store, &n);
    int r = clock_timer_new(&releases->timer, releases->event, CLOCK_NEVER, on_over, releases);

    if (r < 0)
        log_warning_errno(r, "That a sensor is let go no longer is not kept: %m");
    releases->rows = calloc(n + 1, sizeof(*releases->rows));
    if (!releases->rows) {
        log_error("Out of memory: which sensors were let go is forgotten");
        return;
    }
    releases->n = n;
    for (size_t i = 0; i < n; i++)
        releases->rows[i].row = rows[i]; /* before the first put */
    for (size_t i = 0; i < n; i++)
        if (!is_over(&releases->rows[i]))
            restore(releases, &releases->rows[i], now_usec);
    watch(releases);
}

void releases_clock_changed(struct releases *releases, uint64_t now_usec)
{
    if (!is_clock_known(releases))
        return;
    for (size_t i = 0; i < releases->n; i++) {
        struct release *release = &releases->rows[i];
        bool was_guessed = release->guessed;

        if (is_over(release))
            continue;
        uint64_t left_usec = left_of(release, releases, now_usec);
        if (was_guessed)
            tell(releases, release, left_usec, now_usec);
        put_left(releases, release, left_usec, now_usec);
    }
    watch(releases);
}

void releases_done(struct releases *releases)
{
    free(releases->rows);
    clock_timer_unref(releases->timer);
    *releases = (struct releases){ 0 };
}

uint64_t releases_until_usec(const struct releases *releases, const struct conf_sensor *sensor)
{
    size_t i = find(releases, sensor);
    return i == releases->n || is_over(&releases->rows[i])
               ? 0
               : (uint64_t)releases->rows[i].row.until_boot_usec;
}

int releases_release(struct releases *releases, size_t sensor, uint64_t for_usec, uint64_t now_usec)
{
    int r = sensors_release(releases->sensors, sensor, for_usec, now_usec);
    if (r < 0)
        return r;
    struct release *release = row_of(releases, &releases->conf->sensors[sensor]);
    if (!release) {
        log_warning("%s is let go, and a restart will forget it: out of memory",
                    releases->conf->sensors[sensor].name);
        return 0;
    }
    release->guessed = false;
    release->row.length_usec = (int64_t)for_usec;
    put_left(releases, release, for_usec, now_usec);
    watch(releases);
    return 0;
}
