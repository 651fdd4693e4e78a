/* SPDX-License-Identifier: MIT */
#include "lib/training/week.h"

#define DAYS 7

const char *verdict_word_name(enum verdict_word word)
{
    static const char *const names[VERDICTS] = {
        [VERDICT_OK] = "ok",
        [VERDICT_CAUTION] = "caution",
        [VERDICT_WARNING] = "warning",
        [VERDICT_NO_BASELINE] = "no_baseline",
        [VERDICT_INSUFFICIENT_HISTORY] = "insufficient_history",
        [VERDICT_INSUFFICIENT_DATA] = "insufficient_data",
    };

    return (unsigned)word < VERDICTS ? names[word] : NULL;
}

bool verdict_word_judges(enum verdict_word word)
{
    return word == VERDICT_OK || word == VERDICT_CAUTION || word == VERDICT_WARNING;
}

/* ---- What there is */

double week_measure_of(const struct day_total *total, enum week_measure measure)
{
    switch (measure) {
    case WEEK_DISTANCE_M:
        return (double)total->distance_mm / 1000;
    case WEEK_MOVING_S:
        return (double)total->moving_ms / 1000;
    case WEEK_DROP_M:
        return (double)total->drop_mm / 1000;
    case WEEK_DOWNHILL_M:
        return (double)total->downhill_mm / 1000;
    case WEEK_MEASURES:
        break;
    }
    return NAN;
}

bool week_measure_needs_altitude(enum week_measure measure)
{
    return measure == WEEK_DROP_M || measure == WEEK_DOWNHILL_M;
}

void week_total(const struct week_place *place, int32_t from, int32_t to, struct day_total *ret)
{
    struct day live;

    ledger_total(place->ledger, from, to, ret);
    if (!place->live || place->live->day < from || place->live->day > to)
        return;
    day_init(&live, place->live->day);
    day_add(&live, place->live);
    day_total_add(ret, &live);
}

int week_history_days(const struct week_place *place)
{
    const struct ledger *ledger = place->ledger;
    int32_t first = place->today + 1;

    if (ledger->n_outings)
        first = ledger->outings[0].day;
    if (place->live && place->live->day < first)
        first = place->live->day;
    return first > place->today ? 0 : (int)((int64_t)place->today - first + 1);
}

static bool is_known(const struct day_total *total, enum week_measure measure)
{
    if (measure == WEEK_DOWNHILL_M)
        return day_total_downhill_known(total);
    if (measure == WEEK_DROP_M)
        return day_total_descent_known(total);
    return measure == WEEK_MOVING_S ? day_total_moving_known(total)
                                    : day_total_distance_known(total);
}

struct week_block week_block_read(const struct week_place *place, enum week_measure measure,
                                  int32_t from, int32_t to)
{
    struct day_total total;
    struct week_block block = { .coverage = NAN, .known = true, .from = from, .to = to };

    week_total(place, from, to, &total);
    block.total = week_measure_of(&total, measure);
    block.known = is_known(&total, measure);
    if (!week_measure_needs_altitude(measure))
        return block;
    if (total.terrain_mm)
        block.coverage =
            (double)(measure == WEEK_DOWNHILL_M ? total.slopes_mm : total.altitude_mm) /
            (double)total.terrain_mm;
    return block;
}

/* First day of the calendar week a day lies in. 1970-01-01 was a Thursday, which is 4. */
static int32_t calendar_start(int32_t day, int week_start)
{
    int into = (int)(((int64_t)day + 4 - week_start) % DAYS);

    return day - (into < 0 ? into + DAYS : into);
}

static double frees_tomorrow(const struct week_place *place, enum week_measure measure,
                             enum week_window window, const struct week_blocks *blocks)
{
    if (window == WEEK_ROLLING)
        return week_block_read(place, measure, place->today - (DAYS - 1), place->today - (DAYS - 1))
            .total;
    return place->today - blocks->calendar_start == DAYS - 1 ? blocks->now.total : 0;
}

static int32_t first_day_of_week(const struct week_place *place, enum week_window window)
{
    return window == WEEK_CALENDAR ? calendar_start(place->today, place->week_start)
                                   : place->today - (DAYS - 1);
}

void week_walked_read(const struct week_place *place, enum week_window window,
                      struct day_walked *ret)
{
    struct day_total total;

    week_total(place, first_day_of_week(place, window), place->today, &total);
    day_total_walked(&total, ret);
}

void week_blocks_read(const struct week_place *place, enum week_measure measure,
                      enum week_window window, struct week_blocks *ret)
{
    int32_t monday = calendar_start(place->today, place->week_start), from;

    *ret =
        (struct week_blocks){ .history_days = week_history_days(place), .calendar_start = monday };
    ret->calendar_total = week_block_read(place, measure, monday, place->today).total;
    from = first_day_of_week(place, window);
    ret->now = week_block_read(place, measure, from, place->today);
    ret->frees_tomorrow = frees_tomorrow(place, measure, window, ret);
    while (ret->n_before < WEEK_BEFORE) {
        from -= DAYS;
        if (place->today - from + 1 > ret->history_days)
            break;
        ret->before[ret->n_before++] = week_block_read(place, measure, from, from + DAYS - 1);
    }
}

/* ---- What is made of it */

/* R, and what it is made of; false where the blocks tell too little. */
static bool reference(const struct week_blocks *blocks, struct week_verdict *ret)
{
    double most = 0, sum = 0;
    size_t known = 0;

    for (size_t i = 0; i < blocks->n_before; i++) {
        if (!blocks->before[i].known)
            continue;
        known++;
        sum += blocks->before[i].total;
        most = fmax(most, blocks->before[i].total);
    }
    /* One week is a thin base, taken only where it is all there has been so far; not where others
     * had to be left out, which may have held anything. */
    if (known == 0 || (known < 2 && known < blocks->n_before))
        return false;
    *ret = (struct week_verdict){ .most = most, .mean = sum / (double)known };
    ret->reference = fmin(ret->most, WEEK_MEAN_FACTOR * ret->mean);
    return true;
}

static enum verdict_word grade(double total, const struct week_verdict *verdict)
{
    if (verdict->reference == 0) {
        if (total == 0)
            return VERDICT_OK;
        return total <= verdict->warning_limit * WEEK_ROUNDING ? VERDICT_CAUTION : VERDICT_WARNING;
    }
    if (total <= verdict->limit * WEEK_ROUNDING)
        return VERDICT_OK;
    return total <= verdict->warning_limit * WEEK_ROUNDING ? VERDICT_CAUTION : VERDICT_WARNING;
}

static void give_up(struct week_verdict *ret, enum verdict_word why)
{
    *ret = (struct week_verdict){
        .word = why,
        .reference = NAN,
        .most = NAN,
        .mean = NAN,
        .limit = NAN,
        .warning_limit = NAN,
        .left = NAN,
        .ratio = NAN,
    };
}

void week_judge(const struct week_blocks *blocks, const struct week_limits *limits,
                struct week_verdict *ret)
{
    bool young = blocks->history_days < WEEK_HISTORY_DAYS;
    double total = blocks->now.total, r;

    if (young || !reference(blocks, ret)) {
        give_up(ret, young || blocks->now.known ? VERDICT_INSUFFICIENT_HISTORY
                                                : VERDICT_INSUFFICIENT_DATA);
        ret->at_least = !blocks->now.known;
        return;
    }
    r = ret->reference;
    ret->ratio = r > 0 ? total / r : NAN;
    ret->limit = fmax(limits->caution * r, r + limits->floor);
    ret->warning_limit = fmax(limits->warning * r, r + limits->floor);
    ret->left = fmax(0, ret->limit - total);
    ret->clears = total <= r * WEEK_ROUNDING;
    ret->word = grade(total, ret);
    if (blocks->now.known)
        return;
    if (total <= ret->limit * WEEK_ROUNDING)
        give_up(ret, VERDICT_INSUFFICIENT_DATA); /* what is not known may be more */
    ret->at_least = true;
    ret->clears = false;
}
