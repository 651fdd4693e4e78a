/* SPDX-License-Identifier: MIT */
#include "lib/activity/outline_verdict.h"

#include <stdio.h>

static bool was_done(enum activity_kind kind)
{
    return kind == ACTIVITY_KIND_ACTIVITY || kind == ACTIVITY_KIND_UNKNOWN;
}

static const struct activity_trouble *refusing(const struct outline *outline)
{
    for (int i = 0; i < outline->n_troubles; i++)
        if (activity_trouble_refuses(outline->troubles[i].kind))
            return &outline->troubles[i];
    return NULL;
}

/* Most points of what was done must say when; an activity without points (typed in by hand) its start. */
static bool is_dated(const struct outline *outline)
{
    if (outline->n_samples > 0)
        return outline->n_dated > 0 &&
               2 * outline->n_dated >= outline->n_samples - outline->n_beside;
    return outline_dated(outline, outline->sessions[0].start_usec);
}

enum outline_verdict outline_judge(const struct outline *outline)
{
    if (refusing(outline))
        return OUTLINE_E_TROUBLE;
    if (!was_done(outline->file.kind))
        return OUTLINE_E_KIND;
    if (outline->n_sessions == 0 && outline->n_samples == 0)
        return outline->n_troubles ? OUTLINE_E_TROUBLE : OUTLINE_E_NOTHING;
    if (outline->n_sessions == 0 || !is_dated(outline))
        return outline->too_new ? OUTLINE_E_FUTURE : OUTLINE_E_UNDATED;
    return outline->n_troubles ? OUTLINE_TROUBLE : OUTLINE_OK;
}

static const char *kind_text(enum activity_kind kind)
{
    switch (kind) {
    case ACTIVITY_KIND_COURSE:
        return "it is a course, not something that was done";
    case ACTIVITY_KIND_WORKOUT:
        return "it is a workout plan, not something that was done";
    case ACTIVITY_KIND_SEGMENT:
        return "it is a segment to race on, not something that was done";
    case ACTIVITY_KIND_MONITORING:
        return "it is a day's step count, not a session";
    case ACTIVITY_KIND_SETTINGS:
        return "it holds the settings of a device";
    case ACTIVITY_KIND_UNKNOWN:
    case ACTIVITY_KIND_ACTIVITY:
    case ACTIVITY_KIND_OTHER:
        break;
    }
    return "it is not of an activity";
}

static const char *undated_text(const struct outline *outline)
{
    return outline->too_old ? "it is dated before the year 2000" : "it does not say when it was";
}

void outline_reason(const struct outline *outline, enum outline_verdict verdict,
                    char ret[OUTLINE_REASON_MAX])
{
    const struct activity_trouble *trouble = refusing(outline);
    const char *why = "";
    bool taken = verdict < OUTLINE_E_TROUBLE;

    if (!trouble && outline->n_troubles > 0)
        trouble = &outline->troubles[outline->n_troubles - 1];
    ret[0] = '\0';
    if (verdict == OUTLINE_OK)
        return;
    if (verdict == OUTLINE_E_KIND)
        why = kind_text(outline->file.kind);
    else if (verdict == OUTLINE_E_NOTHING)
        why = "there is no track and no session in it";
    else if (verdict == OUTLINE_E_UNDATED)
        why = undated_text(outline);
    else if (verdict == OUTLINE_E_FUTURE)
        why = "it is dated in the future, by the clock here";
    else if (verdict == OUTLINE_DISORDER)
        why = "its times go back";
    else if (trouble)
        why = activity_trouble_text(trouble->kind);
    if (trouble && trouble->at_byte > 0 && verdict <= OUTLINE_E_TROUBLE)
        snprintf(ret, OUTLINE_REASON_MAX, "%s: %s (byte %llu)",
                 taken ? "Taken as far as it goes" : "Refused", why,
                 (unsigned long long)trouble->at_byte);
    else
        snprintf(ret, OUTLINE_REASON_MAX, "%s: %s", taken ? "Taken as far as it goes" : "Refused",
                 why);
}
