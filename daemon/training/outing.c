/* SPDX-License-Identifier: MIT */
/* A session's result, or the open one's so far, as an outing of the log. */
#include <string.h>
#include "daemon/training/private.h"
#include "lib/civil.h"

#define USEC_PER_SEC 1000000

static enum outing_kind kind_of(enum session_kind kind)
{
    if (kind == SESSION_RUN)
        return OUTING_RUN;
    return kind == SESSION_WALK ? OUTING_WALK : OUTING_OTHER;
}

static enum outing_source source_of(const char *name)
{
    static const char *const names[] = { [OUTING_FROM_BELT] = "belt",
                                         [OUTING_FROM_POD] = "pod",
                                         [OUTING_FROM_STRAP] = "strap",
                                         [OUTING_FROM_FILE] = "file" };

    for (enum outing_source source = 0; source <= OUTING_FROM_FILE; source++)
        if (strcmp(names[source], name) == 0)
            return source;
    return OUTING_FROM_OTHER;
}

bool outing_of_session(const struct store_session *row, struct outing *ret)
{
    const struct payload_session *session = &row->session;
    struct outing outing = { .start_s = session->start_usec / USEC_PER_SEC,
                             .elapsed_s =
                                 (uint32_t)outing_elapsed_s(session->elapsed_s, session->moving_s),
                             .kind = (uint8_t)kind_of(session->kind),
                             .source = (uint8_t)source_of(session->source.distance) };
    int64_t day;

    if (!session->start_usec || !civil_read_day(session->day, &day))
        return false;
    outing.day = (int32_t)day; /* it was counted on when it was made, whatever the zone is now */
    outing_set_figures(&outing, &(struct outing_figures){
                                    .distance_m = session->distance_m,
                                    .moving_s = session->moving_s,
                                    .steps = session->steps,
                                    .heart_load = session->trimp,
                                    .altitude_m = session->hills.altitude_m,
                                    .ascent_m = session->hills.ascent_m,
                                    .drop_m = session->hills.drop_m,
                                    .downhill_m = session->hills.downhill_m,
                                    .knee_steps = session->hills.knee_load_steps,
                                });
    *ret = outing;
    return true;
}
