/* SPDX-License-Identifier: MIT */
#include "daemon/retained.h"

bool retained_fill_sensor(const struct retained *retained, size_t sensor,
                          struct payload_sensor *ret)
{
    const struct payload_sensor *known = sensors_get(retained->sensors, sensor);

    if (!known)
        return false;
    *ret = *known;
    sessions_describe_sensor(retained->sessions, sensor, ret);
    return true;
}

void retained_say_sensor(struct retained *retained, size_t sensor)
{
    struct payload_sensor payload;

    if (!retained_fill_sensor(retained, sensor, &payload))
        return;
    retained->bad_packets_said[sensor] = payload.malformed + payload.truncated;
    publisher_sensor(retained->publisher, &payload);
}

static void say_sensors(struct retained *retained)
{
    for (size_t i = 0; i < retained->conf->n_sensors; i++)
        retained_say_sensor(retained, i);
}

void retained_say_bad_packets(struct retained *retained)
{
    const struct tracker *tracker = sessions_tracker(retained->sessions);

    for (size_t i = 0; i < retained->conf->n_sensors; i++) {
        struct tracker_counts counts = tracker_counts(tracker, i);

        if ((double)counts.malformed + (double)counts.truncated != retained->bad_packets_said[i])
            retained_say_sensor(retained, i);
    }
}

/* The runner's open session as it is now, or the last as it ended. */
static bool session_of(const struct retained *retained, size_t runner, uint64_t now_usec,
                       struct payload_session *ret)
{
    size_t slot = sessions_slot_of_runner(retained->sessions, runner);

    return sessions_summary(retained->sessions, slot, now_usec, ret) ||
           sessions_last(retained->sessions, retained->conf->runners[runner].id, ret);
}

void retained_say_all(struct retained *retained, uint64_t now_usec)
{
    struct payload_session session;

    for (size_t i = 0; i < retained->conf->n_runners; i++)
        if (session_of(retained, i, now_usec, &session))
            publisher_session(retained->publisher, &session);
    say_sensors(retained);
}

void retained_say_figures(struct retained *retained, uint64_t now_usec)
{
    struct payload_session summary;

    say_sensors(retained);
    for (size_t slot = 0; slot < TRACKER_SLOTS_MAX; slot++)
        if (sessions_summary(retained->sessions, slot, now_usec, &summary))
            publisher_session(retained->publisher, &summary);
}
