/* SPDX-License-Identifier: MIT */
#include "lib/training/announce.h"

#define OVER_S (INT64_C(86400) * ANNOUNCE_OVER_DAYS)

const char *announce_news_name(enum announce_news news)
{
    static const char *const names[] = {
        [ANNOUNCE_NOTHING] = "nothing",     [ANNOUNCE_CROSSED] = "crossed",
        [ANNOUNCE_REMINDED] = "reminded",   [ANNOUNCE_CLEARED] = "cleared",
        [ANNOUNCE_RETRACTED] = "retracted",
    };

    return (unsigned)news < sizeof(names) / sizeof(names[0]) ? names[news] : NULL;
}

enum announce_cause announce_cause_of(enum outing_kind kind, int32_t day, int32_t today)
{
    if (day < today - ANNOUNCE_LATE_DAYS || kind == OUTING_OTHER)
        return ANNOUNCE_HISTORY;
    return kind == OUTING_WALK ? ANNOUNCE_WALK : ANNOUNCE_RUN;
}

static bool may_raise(const struct verdict *verdict, enum announce_cause cause)
{
    return cause == ANNOUNCE_RUN || (cause == ANNOUNCE_WALK && rule_get(verdict->rule)->walking);
}

static enum verdict_word level_of(const struct rule_settings *settings,
                                  const struct verdict *verdict)
{
    bool worth_it = verdict->word == VERDICT_WARNING ||
                    (verdict->word == VERDICT_CAUTION && settings->notify_at == VERDICT_CAUTION);

    return worth_it ? verdict->word : VERDICT_OK;
}

/* ---- What a person says to it */

bool announce_see(struct announce *state, int64_t now_s)
{
    if (state->standing == VERDICT_OK || state->said_s == 0)
        return false;
    state->seen_s = now_s;
    return true;
}

/* It goes on for as long as it was asked for, when the clock is set back. */
static void keep_snooze(struct announce *state, int64_t now_s)
{
    if (state->snoozed_s > now_s) {
        state->snoozed_until_s -= state->snoozed_s - now_s;
        state->snoozed_s = now_s;
    }
    if (state->snoozed_until_s <= now_s) {
        state->snoozed_s = state->snoozed_until_s = 0;
        state->snoozed = VERDICT_OK;
    }
}

void announce_snooze(struct announce *state, int64_t now_s, int64_t for_s)
{
    state->snoozed_s = now_s;
    state->snoozed_until_s = now_s + for_s;
    state->snoozed =
        (uint8_t)(state->standing == VERDICT_CAUTION ? VERDICT_CAUTION : VERDICT_WARNING);
    keep_snooze(state, now_s);
}

int64_t announce_snoozed_until(const struct announce *state, int64_t now_s)
{
    return state->snoozed_until_s > now_s ? state->snoozed_until_s : 0;
}

bool announce_is_silent(const struct announce *state, enum verdict_word word, int64_t now_s)
{
    return announce_snoozed_until(state, now_s) != 0 && word <= state->snoozed;
}

/* Another run: what a person said of the rule holds for it, too. */
static void begin_again(struct announce *state)
{
    *state = (struct announce){ .snoozed_s = state->snoozed_s,
                                .snoozed_until_s = state->snoozed_until_s,
                                .snoozed = state->snoozed };
}

/* ---- Runs: each is told of once */

enum same { SAME_RUN, SAME_LATER, SAME_EARLIER };

/* The same run may come again with other edges: restarted, or from the file of a watch. */
static enum same compare_run(const struct announce *state, const struct verdict *verdict)
{
    if (verdict->start_s > state->end_s + SPIKE_RESTART_S)
        return SAME_LATER;
    return verdict->end_s + SPIKE_RESTART_S < state->start_s ? SAME_EARLIER : SAME_RUN;
}

/* False: an earlier run than the one that was last spoken of. It had its turn. */
static bool take_run(struct announce *state, const struct verdict *verdict)
{
    if (verdict->start_s == 0)
        return true;
    switch (compare_run(state, verdict)) {
    case SAME_EARLIER:
        return false;
    case SAME_LATER:
        begin_again(state);
        break;
    case SAME_RUN:
        break;
    }
    state->start_s = verdict->start_s;
    state->end_s = verdict->end_s;
    return true;
}

static bool is_longer_by_now(const struct verdict *verdict, int64_t elapsed_s)
{
    return verdict->start_s != 0 && verdict->end_s - verdict->start_s >= elapsed_s;
}

/* The run that was last judged is still to come: the clock was set back. Every one from now on is later,
 * and what stands is of none of them, unless that run goes on and has other edges now. */
static void pull_back_run(struct announce *state, const struct verdict *verdict, int64_t now_s)
{
    int64_t elapsed_s = state->end_s - state->start_s;

    if (state->start_s <= now_s || verdict->start_s > now_s)
        return;
    state->start_s = state->end_s = now_s;
    if (!is_longer_by_now(verdict, elapsed_s) || compare_run(state, verdict) != SAME_RUN) {
        begin_again(state);
        state->start_s = state->end_s = now_s;
    }
}

static void pull_back(int64_t *at_s, int64_t now_s)
{
    if (*at_s > now_s)
        *at_s = now_s;
}

/* ---- The machine */

static void stand(struct announce *state, enum verdict_word level, int64_t now_s)
{
    if (level > state->standing || level == VERDICT_OK)
        state->seen_s = 0; /* that was something else */
    if (level == VERDICT_OK)
        state->since_s = 0;
    else if (state->standing == VERDICT_OK)
        state->since_s = now_s;
    state->standing = (uint8_t)level;
}

static bool reminder_due(const struct announce *state, const struct rule_settings *settings,
                         const struct verdict *verdict, int64_t now_s)
{
    int64_t said_s = state->said_s ? state->said_s : state->since_s;

    return rule_get(verdict->rule)->family != RULE_OF_RUN && state->seen_s == 0 &&
           announce_snoozed_until(state, now_s) == 0 &&
           now_s - said_s >= (int64_t)(settings->remind_every_usec / 1000000);
}

/* A run is over when it is, and the first descents after a break are seven days later. */
static bool passes_by_itself(enum rule_id id)
{
    enum rule_family family = rule_get(id)->family;

    return family == RULE_OF_RUN || family == RULE_OF_BREAK;
}

/* Nobody waits for the end of what they were told so long ago: we were down, or nothing was known. */
static bool is_forgotten(const struct announce *state, const struct rule_settings *settings,
                         int64_t now_s)
{
    int64_t remind_s = (int64_t)(settings->remind_every_usec / 1000000);

    return now_s - state->said_s > (remind_s > OVER_S ? remind_s : OVER_S);
}

static enum announce_news clear(struct announce *state, const struct rule_settings *settings,
                                const struct verdict *verdict, int64_t now_s)
{
    bool told = state->said_s != 0 && !passes_by_itself(verdict->rule) &&
                !is_forgotten(state, settings, now_s);
    bool at_once =
        state->standing == VERDICT_WARNING && !announce_is_silent(state, VERDICT_WARNING, now_s);

    stand(state, VERDICT_OK, 0);
    state->over_s = told && !at_once ? now_s : 0;
    return told && at_once ? ANNOUNCE_CLEARED : ANNOUNCE_NOTHING;
}

static enum announce_news go_down(struct announce *state, const struct rule_settings *settings,
                                  const struct verdict *verdict, enum verdict_word level, bool fell,
                                  enum announce_cause cause, int64_t now_s)
{
    if (cause == ANNOUNCE_DISCARDED && fell) {
        stand(state, level, 0);
        return state->said_s ? ANNOUNCE_RETRACTED : ANNOUNCE_NOTHING;
    }
    return level == VERDICT_OK && verdict->clears ? clear(state, settings, verdict, now_s)
                                                  : ANNOUNCE_NOTHING;
}

static enum announce_news step(struct announce *state, const struct rule_settings *settings,
                               const struct verdict *verdict, enum announce_cause cause, bool raise,
                               int64_t now_s)
{
    enum verdict_word level = level_of(settings, verdict), before = state->level;
    enum announce_news news;

    state->level = (uint8_t)level;
    if (level > state->standing) {
        if (!raise)
            return ANNOUNCE_NOTHING;
        stand(state, level, now_s);
        state->said_s = now_s;
        state->over_s = 0;
        return ANNOUNCE_CROSSED;
    }
    if (state->standing == VERDICT_OK)
        return ANNOUNCE_NOTHING;
    news = go_down(state, settings, verdict, level, level < before, cause, now_s);
    if (news != ANNOUNCE_NOTHING || level == VERDICT_OK || !raise)
        return news;
    if (!reminder_due(state, settings, verdict, now_s))
        return ANNOUNCE_NOTHING;
    news = state->said_s ? ANNOUNCE_REMINDED : ANNOUNCE_CROSSED; /* it was left to another rule */
    state->said_s = now_s;
    return news;
}

/* No verdict any more: what stands waits for the next one, but not for a session that is gone. */
static enum announce_news without_verdict(struct announce *state, enum announce_cause cause)
{
    if (cause != ANNOUNCE_DISCARDED || state->standing == VERDICT_OK)
        return ANNOUNCE_NOTHING;
    stand(state, VERDICT_OK, 0);
    state->level = VERDICT_OK;
    return state->said_s ? ANNOUNCE_RETRACTED : ANNOUNCE_NOTHING;
}

static enum announce_news feed(struct announce *state, const struct rule_settings *settings,
                               const struct verdict *verdict, enum announce_cause cause, bool raise,
                               int64_t now_s)
{
    pull_back(&state->since_s, now_s);
    pull_back(&state->said_s, now_s);
    pull_back(&state->over_s, now_s);
    pull_back(&state->seen_s, now_s);
    keep_snooze(state, now_s);
    pull_back_run(state, verdict, now_s);
    if (!take_run(state, verdict) || !verdict_word_judges(verdict->word))
        return without_verdict(state, cause);
    return step(state, settings, verdict, cause,
                raise && !announce_is_silent(state, verdict->word, now_s), now_s);
}

/* Nobody is told, but what was told and has ended is known to be over when it is switched on again. */
static void feed_in_silence(struct announce *state, const struct rule_settings *settings,
                            const struct verdict *verdict, enum announce_cause cause, int64_t now_s)
{
    (void)feed(state, settings, verdict, cause, false, now_s);
    state->over_s = 0;
}

enum announce_news announce_feed(struct announce *state, const struct rule_settings *settings,
                                 const struct verdict *verdict, enum announce_cause cause,
                                 int64_t now_s)
{
    const struct rule_setting *setting = &settings->rule[verdict->rule];

    if (setting->enable && setting->notify)
        return feed(state, settings, verdict, cause, may_raise(verdict, cause), now_s);
    feed_in_silence(state, settings, verdict, cause, now_s);
    return ANNOUNCE_NOTHING;
}

enum announce_news announce_late_run(const struct rule_settings *settings,
                                     const struct verdict *verdict, enum announce_cause cause)
{
    const struct rule_setting *setting = &settings->rule[verdict->rule];

    return setting->enable && setting->notify && may_raise(verdict, cause) &&
                   level_of(settings, verdict) != VERDICT_OK
               ? ANNOUNCE_CROSSED
               : ANNOUNCE_NOTHING;
}

/* ---- All rules */

static bool left_to_first_descent(const struct rule_settings *settings,
                                  const struct verdict verdicts[RULES], enum rule_id id)
{
    const struct rule_setting *first = &settings->rule[RULE_FIRST_DESCENT];

    return rule_get(id)->family == RULE_OF_WEEK && rule_get(id)->walking &&
           verdicts[id].reference == 0 && first->enable && first->notify &&
           level_of(settings, &verdicts[RULE_FIRST_DESCENT]) != VERDICT_OK;
}

/* The end of a caution, with other news. */
static enum announce_news join(struct announce *state, const struct verdict *verdict, int64_t now_s)
{
    bool late = now_s - state->over_s > OVER_S;

    if (state->over_s == 0 || verdict->word != VERDICT_OK ||
        announce_snoozed_until(state, now_s) != 0)
        return ANNOUNCE_NOTHING;
    state->over_s = 0;
    return late ? ANNOUNCE_NOTHING : ANNOUNCE_CLEARED;
}

void announce_feed_all(struct announce states[RULES], const struct rule_settings *settings,
                       const struct verdict verdicts[RULES], enum announce_cause cause,
                       int64_t now_s, enum announce_news ret[RULES])
{
    bool any = false;

    for (enum rule_id id = 0; id < RULES; id++) {
        ret[id] = announce_feed(&states[id], settings, &verdicts[id], cause, now_s);
        if (ret[id] == ANNOUNCE_CROSSED && left_to_first_descent(settings, verdicts, id)) {
            ret[id] = ANNOUNCE_NOTHING;
            states[id].said_s = 0;
        }
        any |= ret[id] != ANNOUNCE_NOTHING && announce_snoozed_until(&states[id], now_s) == 0;
    }
    for (enum rule_id id = 0; any && id < RULES; id++)
        if (ret[id] == ANNOUNCE_NOTHING)
            ret[id] = join(&states[id], &verdicts[id], now_s);
}
