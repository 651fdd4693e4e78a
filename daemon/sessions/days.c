/* SPDX-License-Identifier: MIT */
/*
 * The local day a session belongs to: that of its start, by the zone that its runner had when it was dated first,
 * or when it was given to them. Its recording says so from then on: a zone that changes moves no old day.
 */
#include "daemon/sessions/private.h"

#include <stdio.h>
#include "daemon/log.h"
#include "daemon/zone.h"

void sessions_load_zones(struct sessions *sessions)
{
    const struct conf *conf = sessions->parts.conf;

    for (size_t i = 0; i < CONF_RUNNERS_MAX; i++) {
        int r;

        sessions->zones[i] = zone_free(sessions->zones[i]);
        if (i >= conf->n_runners)
            continue;
        r = zone_load(&sessions->zones[i], conf->runners[i].time_zone);
        if (r != ZONE_OK)
            log_warning("%s: the time zone '%s' can't be used%s; days are counted in UTC",
                        conf->runners[i].id, conf->runners[i].time_zone,
                        r == ZONE_E_UNKNOWN ? " (this machine has none of that name)" : "");
    }
}

void sessions_free_zones(struct sessions *sessions)
{
    for (size_t i = 0; i < CONF_RUNNERS_MAX; i++)
        sessions->zones[i] = zone_free(sessions->zones[i]);
}

int32_t sessions_offset_s(const struct sessions *sessions, const char *runner_id, int64_t utc_s)
{
    const struct conf *conf = sessions->parts.conf;
    size_t runner = conf_find_runner(conf, runner_id);

    if (runner >= conf->n_runners || !sessions->zones[runner])
        return 0;
    return tz_offset_s(zone_tz(sessions->zones[runner]), utc_s);
}

void sessions_date(const struct sessions *sessions, const struct session_local *local,
                   struct payload_session *session, int *ret_utc_offset_s)
{
    int64_t utc_s = session->start_usec / 1000000;
    int32_t offset_s;
    struct tz utc;

    *ret_utc_offset_s = 0;
    if (!session->start_usec)
        return;
    if (!session_local_offset(local, session->runner, session->start_usec, &offset_s))
        offset_s = sessions_offset_s(sessions, session->runner, utc_s);
    tz_init_utc(&utc);
    tz_day_text(&utc, utc_s + offset_s, session->day);
    *ret_utc_offset_s = offset_s;
}

bool sessions_make_local(const struct sessions *sessions, const struct session_local *local,
                         const char *runner, int64_t start_usec, struct record *ret)
{
    int64_t start_s = start_usec / 1000000;
    int32_t offset_s;

    if (!runner[0] || start_s <= 0 || start_usec > RECORDING_WALL_MAX ||
        session_local_offset(local, runner, start_usec, &offset_s))
        return false;
    *ret = (struct record){ .type = RECORD_LOCAL };
    snprintf(ret->local.runner, sizeof(ret->local.runner), "%s", runner);
    ret->local.start_s = start_s;
    ret->local.offset_s = sessions_offset_s(sessions, runner, start_s);
    return true;
}

/* Nobody's is dated in UTC, always; one that was over when it was read back has no zone but today's, which is
 * no news to keep. */
void sessions_keep_day(struct sessions *sessions, size_t slot)
{
    const struct session *session = tracker_session(sessions->tracker, slot);
    struct record record;

    if (session->begun && !sessions->kept[slot].old &&
        sessions_make_local(sessions, &session->local, session->runner.id,
                            recording_axis_wall(&session->axis, session->begin_usec), &record))
        tracker_local(sessions->tracker, slot, &record);
}
