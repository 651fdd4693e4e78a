/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>
#include "lib/activity/ends.h"
#include "lib/activity/place.h"

void ends_init(struct ends *ends, const struct outline *outline)
{
    memset(ends, 0, sizeof(*ends));
    ends->outline = outline;
    for (int i = 0; i < ACTIVITY_PARTS_MAX; i++)
        closing_init(&ends->sessions[i].closing);
}

static void hear_place(struct ends_session *session, const struct activity_sample *sample)
{
    if (isnan(sample->latitude_deg) || isnan(sample->longitude_deg))
        return;
    if (!session->placed) {
        session->first_latitude_deg = sample->latitude_deg;
        session->first_longitude_deg = sample->longitude_deg;
    }
    session->placed = true;
    session->last_latitude_deg = sample->latitude_deg;
    session->last_longitude_deg = sample->longitude_deg;
}

static void hear(void *context, const struct activity_fact *fact)
{
    struct ends *ends = context;
    int i;

    if (fact->type != ACTIVITY_SAMPLE || !outline_believes(ends->outline, fact))
        return;
    i = outline_session_at(ends->outline, fact->part, fact->t_usec);
    if (i < 0)
        return;
    hear_place(&ends->sessions[i], &fact->sample);
    closing_feed(&ends->sessions[i].closing, fact->t_usec, fact->sample.altitude_m);
}

struct activity_sink ends_sink(struct ends *ends)
{
    return (struct activity_sink){ hear, ends };
}

double ends_drift_m_s(const struct ends *ends, int session, int64_t *ret_from_usec)
{
    const struct ends_session *s = &ends->sessions[session];
    double apart_m = NAN;

    if (s->placed)
        apart_m = place_distance_m(s->first_latitude_deg, s->first_longitude_deg,
                                   s->last_latitude_deg, s->last_longitude_deg);
    *ret_from_usec = s->closing.first_usec;
    return closing_drift_m_s(&s->closing, apart_m);
}
