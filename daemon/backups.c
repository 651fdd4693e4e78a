/* SPDX-License-Identifier: MIT */
#include "daemon/backups.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/clock.h"
#include "daemon/log.h"
#include "daemon/util.h"
#include "daemon/zone.h"
#include "lib/payload.h"

#define LOOK_USEC    UINT64_C(1800000000)
#define NIGHT_HOUR   3 /* from then to MORNING, where the machine is: nobody runs, mostly */
#define MORNING_HOUR 6
#define NIGHT_USEC   (INT64_C(20) * 3600 * 1000000) /* one a night */

struct making {
    struct backups *backups;
    const char *state_dir; /* the backups', which outlives the worker */
    int64_t now_usec, none_since_usec;
    struct backup made;
    backups_done done;
    void *userdata;
};

struct backups {
    struct backups_parts parts;
    char *state_dir;
    struct zone *zone; /* the machine's */
    struct clock_timer *timer;
    struct making *making;
    char problem[PAYLOAD_TEXT_MAX]; /* of the nights; "": none */
};

/* Who asked for a copy is told; the nights ask nobody, so it stands until there is one again. */
static void set_problem(struct backups *backups, int result, bool nightly)
{
    if (result == 0 || result == -EALREADY)
        backups->problem[0] = '\0';
    else if (nightly)
        snprintf(backups->problem, sizeof(backups->problem),
                 "The nightly copy of the database failed (%s): the latest copy is older",
                 strerrordesc_np(-result));
}

static int run(void *data)
{
    struct making *making = data;

    return backup_make(making->state_dir, making->now_usec, making->none_since_usec, &making->made);
}

static void on_made(void *data, int result)
{
    struct making *making = data;

    making->backups->making = NULL;
    if (result == 0)
        log_info("The database is copied to %s, %" PRId64 " bytes", making->made.name,
                 making->made.size);
    else if (result != -EALREADY)
        log_warning_errno(result, "The database could not be copied: %m");
    set_problem(making->backups, result, !making->done);
    if (making->done)
        making->done(making->userdata, result, &making->made);
    free(making);
}

static int make(struct backups *backups, int64_t none_since_usec, backups_done done, void *userdata)
{
    struct making *making;
    int r;

    if (timekeeper_state(backups->parts.timekeeper) == CLOCK_UNSET)
        return -EAGAIN;
    if (backups->making)
        return -EBUSY;
    making = calloc(1, sizeof(*making));
    if (!making)
        return -ENOMEM;
    *making = (struct making){ .backups = backups,
                               .state_dir = backups->state_dir,
                               .now_usec = clock_wall_usec(),
                               .none_since_usec = none_since_usec,
                               .done = done,
                               .userdata = userdata };
    r = worker_post(backups->parts.worker, &(struct worker_job){ run, on_made, making });
    if (r < 0)
        free(making);
    else
        backups->making = making;
    return r;
}

int backups_make(struct backups *backups, backups_done done, void *userdata)
{
    return make(backups, 0, done, userdata);
}

/* ---- each night -------------------------------------------------------------------------------- */

static bool is_night(const struct backups *backups, int64_t wall_usec)
{
    struct tz_date local;

    tz_local(zone_tz(backups->zone), wall_usec / 1000000, &local);
    return local.hour >= NIGHT_HOUR && local.hour < MORNING_HOUR;
}

static void on_timer(void *userdata, uint64_t now_usec)
{
    struct backups *backups = userdata;
    int64_t wall_usec = clock_wall_usec();

    clock_timer_set(backups->timer, now_usec + LOOK_USEC);
    if (backups->parts.conf->backup == CONF_BACKUP_NIGHTLY && is_night(backups, wall_usec))
        (void)make(backups, wall_usec - NIGHT_USEC, NULL, NULL);
}

static void arm(struct backups *backups)
{
    clock_timer_set(backups->timer, backups->parts.conf->backup == CONF_BACKUP_NIGHTLY
                                        ? clock_now_usec() + LOOK_USEC
                                        : CLOCK_NEVER);
}

/* ---- life -------------------------------------------------------------------------------------- */

void backups_set_conf(struct backups *backups, const struct conf *conf)
{
    backups->parts.conf = conf;
    if (conf->backup != CONF_BACKUP_NIGHTLY)
        backups->problem[0] = '\0';
    arm(backups);
}

const char *backups_problem(const struct backups *backups)
{
    return backups->problem[0] ? backups->problem : NULL;
}

static int load_zone(struct backups *backups)
{
    return zone_load(&backups->zone, "") == ZONE_OK ? 0 : zone_new_utc(&backups->zone);
}

int backups_new(struct backups **ret, const struct backups_parts *parts)
{
    struct backups *backups = calloc(1, sizeof(*backups));
    int r;

    if (!backups)
        return -ENOMEM;
    backups->parts = *parts;
    backups->state_dir = strdup(parts->state_dir);
    r = backups->state_dir ? load_zone(backups) : -ENOMEM;
    if (r >= 0)
        r = clock_timer_new(&backups->timer, parts->event, CLOCK_NEVER, on_timer, backups);
    if (r < 0) {
        backups_free(backups);
        return r;
    }
    arm(backups);
    *ret = backups;
    return 0;
}

struct backups *backups_free(struct backups *backups)
{
    if (!backups)
        return NULL;
    free(backups->making);
    clock_timer_unref(backups->timer);
    zone_free(backups->zone);
    free(backups->state_dir);
    free(backups);
    return NULL;
}
