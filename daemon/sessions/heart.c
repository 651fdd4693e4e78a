/* SPDX-License-Identifier: MIT */
/*
 * What the loads of a session leave out, or rest on a guess for. The contract has no key for it, so
 * it is said in words beside them: in the journal at the end, and among the problems while only a
 * person can mend it.
 */
#include "daemon/sessions/private.h"

#include <math.h>
#include <stdio.h>
#include "daemon/log.h"

#define MISSING_LEAST_S 60.0

static const struct conf_runner *runner_of(const struct sessions *sessions, size_t slot)
{
    return conf_runner_of(sessions->parts.conf,
                          tracker_session(sessions->tracker, slot)->runner.id);
}

/* Whose heart rate is nobody's business, theirs is not hinted at either; nor is that of somebody who is
 * not configured any more. */
static bool may_be_told(const struct conf_runner *runner)
{
    return runner && runner->publish_heart_rate;
}

bool sessions_problem(const struct sessions *sessions, size_t slot, char ret[PAYLOAD_TEXT_MAX])
{
    const struct session *session = tracker_session(sessions->tracker, slot);
    const struct conf_runner *runner = session ? runner_of(sessions, slot) : NULL;

    if (!may_be_told(runner) || !session->heart.max_too_low)
        return false;
    snprintf(ret, PAYLOAD_TEXT_MAX,
             "The heart of %s beats faster than %d, its maximum in force: raise MaxHeartRate= in "
             "[Runner %s]",
             runner->id, (int)session->heart.max_bpm, runner->id);
    return true;
}

void sessions_log_heart(const struct sessions *sessions, size_t slot)
{
    const struct session *session = tracker_session(sessions->tracker, slot);
    const struct heart_load *heart = &session->heart;
    const char *id = sessions->kept[slot].id;

    if (heart->known_s <= 0 || !may_be_told(runner_of(sessions, slot)))
        return;
    if (heart->missing_s >= MISSING_LEAST_S)
        log_info("session %s: no heart rate for %.0f of %.0f min: its loads are of the rest", id,
                 heart->missing_s / 60, (heart->known_s + heart->missing_s) / 60);
    if (heart->estimated && !isnan(heart->max_bpm))
        log_info("session %s: zones and loads rest on a maximum heart rate of %.0f, estimated from "
                 "the year of birth and often off by 10; MaxHeartRate= sets it",
                 id, heart->max_bpm);
    if (heart->max_too_low)
        log_warning(
            "session %s: the heart beat faster than the maximum of %.0f in force, up to %.0f: "
            "raise MaxHeartRate=",
            id, heart->max_bpm, heart->highest_bpm);
}
