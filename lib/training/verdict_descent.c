/* SPDX-License-Identifier: MIT */
#include "lib/training/verdict_descent.h"
#include "lib/metrics/monotony.h"

#define DAYS VERDICT_LOAD_DAYS

static void give_up(struct verdict *verdict, enum verdict_word why)
{
    verdict->word = why;
    verdict->reference = verdict->limit = verdict->left = verdict->ratio = NAN;
    verdict->warning_limit = verdict->most = verdict->mean = NAN;
    verdict->clears = false;
}

static struct week_block descent_of(const struct week_place *place, int32_t from, int32_t to)
{
    struct day_total total;
    struct week_block block = { .coverage = NAN, .from = from, .to = to };

    week_total(place, from, to, &total);
    block.total = week_measure_of(&total, WEEK_DROP_M);
    block.known = day_total_descent_known(&total);
    if (total.terrain_mm)
        block.coverage = (double)total.altitude_mm / (double)total.terrain_mm;
    return block;
}

/* ---- First descents: all of the week, where 35 days before the first of them had none */

static int32_t first_day_of_descent(const struct week_place *place)
{
    int32_t day = place->today - (DAYS - 1);

    while (day < place->today && !(descent_of(place, day, day).total > 0))
        day++;
    return day;
}

/* Ok so far, and up to here. */
static void tell_ok(struct verdict *verdict, double reference, double limit)
{
    verdict->reference = reference;
    verdict->limit = limit;
    verdict->left = fmax(0, limit - verdict->value);
    verdict->word = VERDICT_OK;
    verdict->clears = true;
}

void verdict_of_break(const struct week_place *place, const struct rule_setting *setting,
                      struct verdict *verdict)
{
    struct week_block week = descent_of(place, place->today - (DAYS - 1), place->today), before;
    int32_t first = first_day_of_descent(place);

    verdict->value = week.total;
    verdict->coverage = week.coverage;
    verdict->at_least = !week.known;
    before = descent_of(place, first - VERDICT_BREAK_DAYS, first - 1);
    verdict->week.now = week;
    verdict->week.history_days = week_history_days(place);
    verdict->before = before;
    if (before.total > 0) { /* no break, whatever else is not known */
        verdict->word = VERDICT_OK;
        verdict->clears = true;
        return;
    }
    if (verdict->week.history_days < place->today - first + 1 + VERDICT_BREAK_DAYS) {
        give_up(verdict, VERDICT_INSUFFICIENT_HISTORY);
        return;
    }
    if (!before.known || (!week.known && !(week.total > 0))) {
        give_up(verdict, VERDICT_INSUFFICIENT_DATA);
        return;
    }
    tell_ok(verdict, 0, setting->floor);
    verdict->warning_limit = setting->floor;
    if (week.total > 0) {
        verdict->word = week.total <= setting->floor ? VERDICT_CAUTION : VERDICT_WARNING;
        verdict->clears = false;
    }
}

/* ---- Uphill base */

bool verdict_is_uphill(const struct outing *outing, int32_t today)
{
    return outing->kind == OUTING_RUN && outing->day > today - VERDICT_BASE_DAYS &&
           outing->day <= today && outing->ascent_mm >= VERDICT_BASE_MM;
}

static int uphill_runs(const struct week_place *place)
{
    const struct ledger *ledger = place->ledger;
    int n = place->live && verdict_is_uphill(place->live, place->today) ? 1 : 0;

    for (size_t i = ledger_outing_from(ledger, place->today - (VERDICT_BASE_DAYS - 1));
         i < ledger->n_outings && ledger->outings[i].day <= place->today; i++)
        n += verdict_is_uphill(&ledger->outings[i], place->today) ? 1 : 0;
    return n;
}

/* The limit is max(floor, R): what was usual before is no new descent. */
void verdict_of_base(const struct week_place *place, const struct rule_settings *settings,
                     struct verdict *verdict)
{
    const struct week_limits limits = { 1, 1, 0 }; /* R itself */
    double floor = settings->rule[RULE_UPHILL_BASE].floor;
    const struct week_blocks *blocks = &verdict->week;
    struct week_verdict week;
    bool enough;

    week_blocks_read(place, WEEK_DROP_M, settings->window, &verdict->week);
    week_judge(blocks, &limits, &week);
    verdict->most = week.most;
    verdict->mean = week.mean;
    verdict->value = blocks->now.total;
    verdict->coverage = blocks->now.coverage;
    verdict->uphill_runs = uphill_runs(place);
    verdict->at_least = !blocks->now.known;
    enough = verdict->uphill_runs >= VERDICT_BASE_RUNS;
    if (!enough && !verdict_word_judges(week.word)) {
        give_up(verdict, week.word);
        return;
    }
    /* fmax takes the floor where R is not known */
    tell_ok(verdict, week.reference, fmax(floor, week.reference));
    verdict->ratio = week.ratio;
    if (enough) { /* for as much as one likes */
        verdict->limit = verdict->left = NAN;
    } else if (blocks->now.total > verdict->limit * WEEK_ROUNDING) {
        verdict->word = VERDICT_CAUTION;
        verdict->clears = false;
    } else if (verdict->at_least) { /* below the floor, as far as it is known */
        give_up(verdict, VERDICT_INSUFFICIENT_DATA);
    }
}

/* ---- Monotony: mean over population standard deviation of seven days (Foster 1998) */

/* false: a day had a session without a heart load. */
static bool loads_of_week(const struct week_place *place, double load[DAYS])
{
    bool all = true;

    for (int i = 0; i < DAYS; i++) {
        int32_t day = place->today - (DAYS - 1) + i;
        struct day_total total;

        week_total(place, day, day, &total);
        load[i] = total.with_load < total.outings ? (double)NAN : (double)total.load_centi / 100;
        all = all && !isnan(load[i]);
    }
    return all;
}

void verdict_of_monotony(const struct week_place *place, const struct rule_setting *setting,
                         struct verdict *verdict)
{
    bool all = loads_of_week(place, verdict->load);

    verdict->week.history_days = week_history_days(place);
    if (verdict->week.history_days < DAYS) {
        give_up(verdict, VERDICT_INSUFFICIENT_HISTORY);
        return;
    }
    if (!all) {
        give_up(verdict, VERDICT_INSUFFICIENT_DATA);
        return;
    }
    verdict->value = monotony_of(verdict->load);
    verdict->deviation = monotony_deviation(verdict->load);
    verdict->reference = verdict->limit = setting->caution;
    verdict->left = isnan(verdict->value) ? NAN : fmax(0, verdict->limit - verdict->value);
    verdict->ratio = verdict->value / setting->caution;
    verdict->word =
        verdict->value > setting->caution * WEEK_ROUNDING ? VERDICT_CAUTION : VERDICT_OK;
    verdict->clears = verdict->word == VERDICT_OK;
}
