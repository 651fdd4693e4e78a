/* SPDX-License-Identifier: MIT */
#include "training_fixture.h"

#include <stdio.h>
#include <string.h>

#include "lib/tz.h"

void training_fixture_conf(struct conf *ret)
{
    conf_init(ret);
    ret->n_runners = 2;
    strcpy(ret->runners[0].id, "anna");
    strcpy(ret->runners[1].id, "ben");
    for (size_t i = 0; i < 2; i++) {
        strcpy(ret->runners[i].time_zone, "UTC");
        ret->runners[i].week_start = 1;
    }
}

struct store_session training_fixture_run(const char *runner, double distance_m, int64_t end_usec)
{
    struct store_session row;
    static int n;
    struct tz utc;

    store_session_init(&row);
    snprintf(row.session.id, sizeof(row.session.id), "run-%d", n++);
    snprintf(row.session.runner, sizeof(row.session.runner), "%s", runner);
    row.session.kind = SESSION_RUN;
    row.session.state = SESSION_ENDED;
    row.session.distance_m = distance_m;
    row.session.moving_s = row.session.elapsed_s = distance_m * 0.36;
    row.session.end_usec = end_usec;
    row.session.start_usec = row.session.end_usec - (int64_t)(row.session.elapsed_s * 1e6);
    tz_init_utc(&utc);
    tz_day_text(&utc, row.session.start_usec / 1000000, row.session.day);
    return row;
}
