/* SPDX-License-Identifier: MIT */
#pragma once
/* What must hold of every fact, and of what any facts add up to. */
#include <math.h>
#include <stdint.h>
#include <string.h>
#include "lib/activity/outline_verdict.h"
#include "lib/activity/totals.h"
#include "require.h"

struct activity_check {
    struct outline outline;
    struct totals totals;
    struct activity_sink first, second;
    int troubles;
    bool stopped;
};

static inline bool check_within(double value, double min, double max)
{
    return isnan(value) || (value >= min && value <= max);
}

static inline void check_sample(const struct activity_sample *s)
{
    require(check_within(s->latitude_deg, -90, 90) && check_within(s->longitude_deg, -180, 180));
    require(isnan(s->latitude_deg) == isnan(s->longitude_deg));
    require(check_within(s->altitude_m, -1000, 10000) && check_within(s->distance_m, 0, 1e7));
    require(check_within(s->speed_m_s, 0, 100) && check_within(s->cycles_per_min, 0, 300));
    require(check_within(s->heart_rate_bpm, 1, 254) && check_within(s->power_w, 0, 1e4));
    require(check_within(s->grade_pct, -100, 100));
}

static inline void check_session(const struct activity_session *s)
{
    require(s->sport <= ACTIVITY_SPORT_OTHER && s->sub_sport >= -1 && s->sub_sport <= 65535);
    require(check_within(s->timer_s, 0, 4e7) && check_within(s->elapsed_s, 0, 4e7));
    require(check_within(s->distance_m, 0, 1e7) && check_within(s->heart_rate_mean_bpm, 1, 254));
}

static inline void check_fact(void *context, const struct activity_fact *fact)
{
    struct activity_check *check = context;

    require(fact->type <= ACTIVITY_TROUBLE && fact->part >= 0);
    if (fact->type == ACTIVITY_SAMPLE) {
        require(!check->stopped);
        check_sample(&fact->sample);
    } else if (fact->type == ACTIVITY_SESSION) {
        check_session(&fact->session);
    } else if (fact->type == ACTIVITY_FILE) {
        require(memchr(fact->file.product, '\0', ACTIVITY_TEXT_MAX));
        require(activity_kind_name(fact->file.kind));
    } else if (fact->type == ACTIVITY_BEATS) {
        require(fact->beats.n > 0 && fact->beats.n <= ACTIVITY_BEATS_MAX);
    } else if (fact->type == ACTIVITY_TROUBLE) {
        require(!check->stopped && activity_trouble_text(fact->trouble.kind)[0]);
        check->stopped = activity_trouble_stops(fact->trouble.kind);
    }
    activity_emit(check->totals.outline ? &check->second : &check->first, fact);
}

static inline struct activity_sink check_begin(struct activity_check *check)
{
    /* 2000 to 2100 */
    static const struct outline_limits limits = { OUTLINE_OLDEST_USEC, 4102444800000000 };

    memset(check, 0, sizeof(*check));
    outline_init(&check->outline, &limits);
    check->first = outline_sink(&check->outline);
    return (struct activity_sink){ check_fact, check };
}

/* The first reading is over; the second one goes to the same sink. */
static inline void check_second(struct activity_check *check)
{
    char reason[OUTLINE_REASON_MAX];
    enum outline_verdict verdict;

    outline_finish(&check->outline);
    verdict = outline_judge(&check->outline);
    outline_reason(&check->outline, verdict, reason);
    require((verdict == OUTLINE_OK) == !reason[0]);
    totals_init(&check->totals, &check->outline);
    check->second = totals_sink(&check->totals);
    check->stopped = false;
}

static inline void check_end(struct activity_check *check)
{
    totals_finish(&check->totals);
    for (int i = 0; i < check->outline.n_sessions; i++) {
        const struct totals_session *session = &check->totals.sessions[i];
        require(session->timer_s >= 0 && check_within(session->distance_m, 0, INFINITY));
        require(check_within(totals_heart_rate_bpm(session), 1, 254.001));
        require(check_within(totals_cadence_spm(&check->totals, i), 0, 600.001));
    }
}

/* One of the readers, given a file a few bytes at a time. */
typedef void (*check_reader)(const struct activity_sink *sink, const uint8_t *bytes, size_t length,
                             size_t piece);

/* An expat without Debian's mend of CVE-2023-52425 scans a long token anew with each piece of it: those of a
 * large file are not so small that all the time goes there. */
static inline size_t piece_of(uint8_t byte, size_t length)
{
    const size_t most = 1024;
    size_t piece = (size_t)byte + 1;

    return length / piece > most ? length / most : piece;
}

/* A file behind a byte that says in what pieces it comes; twice, and whole the second time. */
static inline void check_file(check_reader read_pieces, const uint8_t *bytes, size_t length)
{
    static struct activity_check check;
    struct activity_sink sink;
    uint64_t n_samples;

    if (length == 0)
        return;
    sink = check_begin(&check);
    read_pieces(&sink, bytes + 1, length - 1, piece_of(bytes[0], length));
    n_samples = check.outline.n_samples;
    check_second(&check);
    read_pieces(&sink, bytes + 1, length - 1, length);
    check_end(&check);
    require(check.outline.n_samples == n_samples);
}
