/* SPDX-License-Identifier: MIT */
#include "lib/training/spike.h"

#include <string.h>

#define DAY_S 86400

/* ---- The study's bins: doi 10.1136/bjsports-2024-109380 */

static const struct {
    const char *name;
    double up_to, hazard_ratio;
} bins[] = {
    [SPIKE_REFERENCE] = { "reference", 1.10, 1 },      [SPIKE_SMALL] = { "small", 1.30, 1.64 },
    [SPIKE_MODERATE] = { "moderate", 2.00, 1.52 },     [SPIKE_LARGE] = { "large", INFINITY, 2.28 },
    [SPIKE_NO_BASELINE] = { "no_baseline", NAN, NAN },
};

enum spike_bin spike_bin(double total, double longest)
{
    enum spike_bin bin = SPIKE_REFERENCE;

    if (!(longest > 0))
        return SPIKE_NO_BASELINE;
    while (bin < SPIKE_LARGE && total > longest * bins[bin].up_to * WEEK_ROUNDING)
        bin++;
    return bin;
}

const char *spike_bin_name(enum spike_bin bin)
{
    return (unsigned)bin <= SPIKE_NO_BASELINE ? bins[bin].name : NULL;
}

double spike_hazard_ratio(enum spike_bin bin)
{
    return (unsigned)bin <= SPIKE_NO_BASELINE ? bins[bin].hazard_ratio : NAN;
}

/* ---- Runs */

/* The outings of some days in order, and the live one behind them. Restarts are neighbours in
 * it. */
struct walk {
    const struct week_place *place;
    enum spike_measure measure;
    size_t next;
    bool live_given;
};

static bool counts(const struct outing *outing, enum spike_measure measure)
{
    return outing->kind == OUTING_RUN || (outing->kind == OUTING_WALK && measure == SPIKE_DROP_M);
}

static struct walk walk_from(const struct week_place *place, enum spike_measure measure,
                             int32_t day)
{
    return (struct walk){ place, measure, ledger_outing_from(place->ledger, day), false };
}

static const struct outing *walk_next(struct walk *walk)
{
    const struct ledger *ledger = walk->place->ledger;
    const struct outing *live = walk->place->live;

    while (walk->next < ledger->n_outings) {
        const struct outing *outing = &ledger->outings[walk->next++];

        if (counts(outing, walk->measure))
            return outing;
    }
    if (walk->live_given || !live || !counts(live, walk->measure))
        return NULL;
    walk->live_given = true;
    return live;
}

/* A run under way of being put together, and how much of its distance had altitude. */
struct merge {
    struct spike_run run;
    uint64_t altitude_mm, terrain_mm;
    bool any, unmeasured; /* nobody knows how far a part of it was */
};

static bool is_known(const struct merge *merge, enum spike_measure measure)
{
    return !merge->unmeasured && (measure == SPIKE_DISTANCE_M ||
                                  outing_altitude_covers(merge->altitude_mm, merge->terrain_mm));
}

static double coverage_of(const struct merge *merge)
{
    return merge->terrain_mm ? (double)merge->altitude_mm / (double)merge->terrain_mm : NAN;
}

static bool follows(const struct merge *merge, const struct outing *outing)
{
    return merge->any && outing->start_s >= merge->run.start_s &&
           outing->start_s - merge->run.end_s <= SPIKE_RESTART_S;
}

static void merge_add(struct merge *merge, const struct outing *outing, enum spike_measure measure)
{
    struct spike_run *run = &merge->run;

    if (!merge->any)
        *run = (struct spike_run){ .start_s = outing->start_s,
                                   .end_s = outing_end_s(outing),
                                   .day = outing->day };
    merge->any = true;
    if (outing_end_s(outing) > run->end_s)
        run->end_s = outing_end_s(outing);
    run->total += (measure == SPIKE_DROP_M ? outing->drop_mm : outing->distance_mm) / 1000.0;
    merge->altitude_mm += outing->altitude_mm;
    merge->terrain_mm += outing->distance_mm;
    merge->unmeasured = merge->unmeasured || !(outing->has & OUTING_DISTANCE);
    run->known = is_known(merge, measure);
    run->coverage = coverage_of(merge);
}

/* The next whole run; *ahead is the outing that was read too far. False at the end. */
static bool next_run(struct walk *walk, const struct outing **ahead, struct merge *ret)
{
    *ret = (struct merge){ 0 };
    if (!*ahead)
        return false;
    do {
        merge_add(ret, *ahead, walk->measure);
        *ahead = walk_next(walk);
    } while (*ahead && follows(ret, *ahead));
    return true;
}

bool spike_run_of(const struct week_place *place, enum spike_measure measure,
                  const struct outing *outing, struct spike_run *ret)
{
    struct walk walk = walk_from(place, measure, outing->day - 2);
    const struct outing *ahead = walk_next(&walk);
    struct merge merge;

    while (next_run(&walk, &ahead, &merge))
        if (outing->start_s >= merge.run.start_s && outing->start_s <= merge.run.end_s &&
            counts(outing, measure)) {
            *ret = merge.run;
            return true;
        }
    return false;
}

bool spike_run_latest(const struct week_place *place, enum spike_measure measure, int32_t since,
                      struct spike_run *ret)
{
    /* from a day earlier: what began before midnight may go on in a restart after it */
    struct walk walk = walk_from(place, measure, since - 1);
    const struct outing *ahead;
    struct merge merge;
    bool found = false;

    if (place->live && spike_run_of(place, measure, place->live, ret))
        return true;
    ahead = walk_next(&walk);
    while (next_run(&walk, &ahead, &merge))
        if (merge.run.day >= since && merge.run.day <= place->today) {
            *ret = merge.run;
            found = true;
        }
    return found;
}

/* ---- The 30 x 24 h before */

static struct walk walk_before(const struct week_place *place, enum spike_measure measure,
                               int64_t start_s)
{
    /* local days are up to 14 h off UTC's, and a runner may have crossed the date line */
    int64_t from_day = (start_s - SPIKE_WINDOW_S) / DAY_S - 3;

    return walk_from(place, measure, (int32_t)from_day);
}

/* As next_run, of those that began in time. */
static bool next_before(struct walk *walk, const struct outing **ahead, int64_t start_s,
                        struct merge *ret)
{
    while (next_run(walk, ahead, ret))
        if (ret->run.start_s >= start_s - SPIKE_WINDOW_S && ret->run.start_s < start_s)
            return true;
    return false;
}

size_t spike_runs_before(const struct week_place *place, enum spike_measure measure,
                         int64_t start_s, struct spike_run *ret, size_t max, size_t *ret_all)
{
    struct walk walk = walk_before(place, measure, start_s);
    const struct outing *ahead = walk_next(&walk);
    struct merge merge;
    size_t n = 0;

    *ret_all = 0;
    while (next_before(&walk, &ahead, start_s, &merge)) {
        (*ret_all)++;
        if (n == max)
            memmove(ret, ret + 1, --n * sizeof(*ret));
        ret[n++] = merge.run;
    }
    return n;
}

bool spike_longest_before(const struct week_place *place, enum spike_measure measure,
                          int64_t start_s, struct spike_run *ret)
{
    struct walk walk = walk_before(place, measure, start_s);
    const struct outing *ahead = walk_next(&walk);
    struct merge merge, most = { .run = { .total = -1 } }, all = { 0 };

    while (next_before(&walk, &ahead, start_s, &merge)) {
        all.altitude_mm += merge.altitude_mm;
        all.terrain_mm += merge.terrain_mm;
        all.unmeasured = all.unmeasured || merge.unmeasured;
        if (merge.run.total > most.run.total)
            most = merge;
    }
    if (!most.any)
        return false;
    most.run.known = is_known(&all, measure);
    most.run.coverage = coverage_of(&all);
    *ret = most.run;
    return true;
}

/* ---- Verdict */

static void give_up(struct spike_verdict *ret, enum verdict_word why)
{
    *ret = (struct spike_verdict){ .word = why,
                                   .bin = SPIKE_NO_BASELINE,
                                   .reference = NAN,
                                   .limit = NAN,
                                   .left = NAN,
                                   .ratio = NAN };
}

void spike_judge(double total, bool known, const struct spike_run *longest,
                 const struct spike_limits *limits, struct spike_verdict *ret)
{
    double reference = longest ? longest->total : 0;

    if (longest && !longest->known) {
        give_up(ret, VERDICT_INSUFFICIENT_DATA); /* the longest may be one that nobody measured */
        ret->at_least = !known;
        return;
    }
    if (!(reference > 0)) {
        give_up(ret, VERDICT_NO_BASELINE);
        ret->at_least = !known;
        return;
    }
    *ret = (struct spike_verdict){ .reference = reference, .bin = spike_bin(total, reference) };
    ret->limit = fmax(limits->warning * reference, reference + limits->at_least);
    ret->ratio = total / reference;
    ret->left = isnan(total) ? ret->limit : fmax(0, ret->limit - total);
    ret->word = total > ret->limit * WEEK_ROUNDING ? VERDICT_WARNING : VERDICT_OK;
    if (known)
        return;
    if (ret->word == VERDICT_OK)
        give_up(ret, VERDICT_INSUFFICIENT_DATA);
    ret->at_least = true;
}
