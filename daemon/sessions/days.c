/* SPDX-License-Identifier: MIT */
/*
 * The local day a session belongs to: that of its start, by its runner's zone.
 */
#include "daemon/sessions/private.h"

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

/* The local day a session belongs to is the one it started on, by its runner's zone, for ever. */
void sessions_date(const struct sessions *sessions, struct payload_session *session,
                   int *ret_utc_offset_s)
{
    const struct conf *conf = sessions->parts.conf;
    size_t runner = conf_find_runner(conf, session->runner);
    int64_t utc_s = session->start_usec / 1000000;
    struct tz utc;
    const struct tz *tz = &utc;

    *ret_utc_offset_s = 0;
    if (!session->start_usec)
        return;
    tz_init_utc(&utc);
    if (runner < conf->n_runners && sessions->zones[runner])
        tz = zone_tz(sessions->zones[runner]);
    tz_day_text(tz, utc_s, session->day);
    *ret_utc_offset_s = tz_offset_s(tz, utc_s);
}
