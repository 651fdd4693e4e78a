/* SPDX-License-Identifier: MIT */
#include "lib/activity/report.h"

#include <math.h>
#include <string.h>
#include "lib/utf8.h"

#define USEC_PER_SEC 1e6

/* ---- making ---------------------------------------------------------------------------------- */

static void set_load(struct report_session *ret, const struct heart_load *load)
{
    bool whole = heart_load_is_whole(load, ret->moving_s);

    ret->trimp = whole ? outcome_limited(heart_load_trimp(load), REPORT_TRIMP_MAX) : NAN;
    ret->edwards = whole ? outcome_limited(heart_load_edwards(load), REPORT_EDWARDS_MAX) : NAN;
    for (int zone = 0; zone < (int)(sizeof(ret->zone_s) / sizeof(ret->zone_s[0])); zone++)
        ret->zone_s[zone] = outcome_limited(heart_load_zone_s(load, zone), REPORT_SECONDS_MAX);
}

/* What running up a hill costs says nothing of a ride up it. */
static void set_hills(struct report_session *ret, const struct terrain_figures *figures,
                      double stated_ascent_m)
{
    enum activity_class class = activity_class_of((enum activity_sport)ret->sport);

    hills_of_figures(&ret->hills, figures);
    if (isnan(ret->hills.ascent_m))
        ret->hills.ascent_m = stated_ascent_m;
    if (class != ACTIVITY_CLASS_RUN && class != ACTIVITY_CLASS_WALK)
        ret->hills.pace_s_per_km = NAN;
    hills_limit(&ret->hills);
}

static void set_level(struct report_session *ret, const struct level *level)
{
    level_init(&ret->level);
    if (activity_class_of((enum activity_sport)ret->sport) == ACTIVITY_CLASS_RUN)
        level_merge(&ret->level, level);
}

static void make_session(struct report_session *ret, const struct report_parts *parts, int i)
{
    const struct outline_session *planned = &parts->outline->sessions[i];
    struct outcome outcome;

    outcome_of(parts->totals, i, &outcome);
    ret->sport = (int32_t)planned->stated.sport;
    ret->indoors = planned->stated.indoors;
    ret->start_usec = planned->start_usec;
    ret->n_samples = parts->totals->sessions[i].n_samples;
    ret->elapsed_s = outcome.elapsed_s;
    ret->moving_s = outcome.moving_s;
    ret->distance_m = outcome.distance_m;
    ret->steps = outcome.steps;
    ret->cadence_mean_spm = outcome.cadence_mean_spm;
    ret->heart_rate_mean_bpm = outcome.heart_rate_mean_bpm;
    ret->heart_rate_max_bpm = outcome.heart_rate_max_bpm;
    ret->end_usec = ret->start_usec + (int64_t)(ret->elapsed_s * USEC_PER_SEC);
    set_load(ret, exertion_load(parts->exertion, i));
    set_level(ret, &parts->relief->sessions[i].level);
    set_hills(ret, &parts->relief->sessions[i].figures, planned->stated.ascent_m);
}

bool report_is_taken(const struct report *report)
{
    return report->verdict == OUTLINE_OK || report->verdict == OUTLINE_TROUBLE ||
           report->verdict == OUTLINE_DISORDER;
}

/* What a file says of its maker is a stranger's text. */
static void copy_text(char ret[ACTIVITY_TEXT_MAX], const char text[ACTIVITY_TEXT_MAX])
{
    size_t length = strnlen(text, ACTIVITY_TEXT_MAX - 1);

    if (!utf8_is_valid(text, length))
        return;
    for (size_t i = 0; i < length; i++)
        ret[i] = (unsigned char)text[i] < 0x20 || text[i] == 0x7f ? ' ' : text[i];
}

void report_make(struct report *report, const struct report_parts *parts,
                 enum outline_verdict verdict)
{
    const struct outline *outline = parts->outline;

    if (verdict == OUTLINE_OK && totals_are_gappy(parts->totals))
        verdict = OUTLINE_DISORDER;
    memset(report, 0, sizeof(*report)); /* also what lies between: all of it goes through a pipe */
    report->magic = REPORT_MAGIC;
    report->verdict = (int32_t)verdict;
    outline_reason(outline, verdict, report->reason);
    copy_text(report->maker, outline->file.maker);
    copy_text(report->product, outline->file.product);
    report->barometer = outline->barometer;
    if (!report_is_taken(report))
        return;
    for (int i = 0; i < outline->n_sessions; i++) {
        /* one without a date can't be laid on any day; the others can */
        if (outline_dated(outline, outline->sessions[i].start_usec))
            make_session(&report->sessions[report->n_sessions++], parts, i);
    }
    if (report->n_sessions == 0) {
        verdict = outline->too_new ? OUTLINE_E_FUTURE : OUTLINE_E_UNDATED;
        report->verdict = (int32_t)verdict;
        outline_reason(outline, verdict, report->reason);
    }
}

/* ---- checking -------------------------------------------------------------------------------- */

static bool text_is_sound(const char *text, size_t size)
{
    size_t length = strnlen(text, size);

    if (length == size || !utf8_is_valid(text, length))
        return false;
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            return false;
    return true;
}

static bool within(double value, double max)
{
    return isnan(value) || (value >= 0 && value <= max);
}

static bool load_is_sound(const struct report_session *s)
{
    for (size_t zone = 0; zone < sizeof(s->zone_s) / sizeof(s->zone_s[0]); zone++)
        if (!within(s->zone_s[zone], REPORT_SECONDS_MAX))
            return false;
    return within(s->trimp, REPORT_TRIMP_MAX) && within(s->edwards, REPORT_EDWARDS_MAX);
}

static bool level_is_sound(const struct level *level)
{
    const double sums[] = { level->seconds, level->cadence_s, level->sum_v,
                            level->sum_vv,  level->sum_c,     level->sum_vc };

    for (size_t i = 0; i < sizeof(sums) / sizeof(sums[0]); i++)
        if (!(sums[i] >= 0 && sums[i] <= REPORT_LEVEL_MAX))
            return false;
    for (size_t i = 0; i < LEVEL_BINS; i++)
        if (!(level->bin_s[i] >= 0 && level->bin_s[i] <= (float)REPORT_LEVEL_MAX))
            return false;
    return true;
}

static bool session_is_sound(const struct report_session *s)
{
    return s->sport >= 0 && s->sport <= ACTIVITY_SPORT_OTHER && s->indoors <= 1 &&
           s->start_usec > 0 && s->end_usec >= s->start_usec &&
           s->end_usec <= REPORT_TIME_MAX_USEC &&
           s->end_usec - s->start_usec <= (int64_t)(REPORT_SECONDS_MAX * USEC_PER_SEC) &&
           s->n_samples <= ACTIVITY_SAMPLES_MAX && s->elapsed_s >= 0 &&
           s->elapsed_s <= REPORT_SECONDS_MAX && within(s->moving_s, REPORT_SECONDS_MAX) &&
           within(s->distance_m, REPORT_DISTANCE_MAX) && within(s->steps, 1e7) &&
           within(s->cadence_mean_spm, 400) && within(s->heart_rate_mean_bpm, 254) &&
           within(s->heart_rate_max_bpm, 254) && load_is_sound(s) && level_is_sound(&s->level) &&
           hills_are_sound(&s->hills);
}

bool report_is_sound(const struct report *report)
{
    if (report->magic != REPORT_MAGIC || report->verdict < OUTLINE_OK ||
        report->verdict > OUTLINE_E_FUTURE || report->barometer > 1 ||
        report->n_sessions > ACTIVITY_PARTS_MAX ||
        !text_is_sound(report->reason, sizeof(report->reason)) ||
        !text_is_sound(report->maker, sizeof(report->maker)) ||
        !text_is_sound(report->product, sizeof(report->product)))
        return false;
    if ((report->n_sessions > 0) != report_is_taken(report))
        return false;
    for (uint32_t i = 0; i < report->n_sessions; i++)
        if (!session_is_sound(&report->sessions[i]))
            return false;
    return true;
}

int64_t report_comparable_usec(const struct report *report)
{
    for (uint32_t i = 0; i < report->n_sessions; i++) {
        const struct report_session *s = &report->sessions[i];

        if (activity_class_of((enum activity_sport)s->sport) == ACTIVITY_CLASS_RUN &&
            s->cadence_mean_spm > 0 && s->hills.altitude_m > 0)
            return s->start_usec;
    }
    return 0;
}
