/* SPDX-License-Identifier: MIT */
/*
 * What a person says to what they are told: that they have seen it, or that they want to hear nothing of a
 * rule for some hours. It is in the store before it is said to be done. Where a database is begun anew it
 * is gone with what was told, of which nobody is reminded then.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "daemon/clock.h"
#include "daemon/training/private.h"

#define USEC_PER_SEC INT64_C(1000000)
#define DAY_USEC     (86400 * USEC_PER_SEC)

static struct athlete *judged(const struct training *training, size_t runner)
{
    struct athlete *athlete = training_athlete(training, training->parts.conf->runners[runner].id);

    return athlete && athlete->judged && training_may_judge(training) ? athlete : NULL;
}

/* rule RULES: each of them. */
static bool is_meant(enum rule_id id, enum rule_id rule)
{
    return rule == RULES || rule == id;
}

/* ---- Asked ------------------------------------------------------------------------------------ */

int training_find_said(const struct training *training, size_t runner, int days, const char *before,
                       store_said_found found, void *userdata)
{
    if (!judged(training, runner))
        return -EAGAIN;
    return store_find_said(training->parts.store, training->parts.conf->runners[runner].id,
                           clock_wall_usec() - days * DAY_USEC, before, found, userdata);
}

int64_t training_snoozed_until(const struct training *training, size_t runner, enum rule_id rule)
{
    const struct athlete *athlete = judged(training, runner);

    if (!athlete)
        return 0;
    return announce_snoozed_until(&athlete->announced[rule], clock_wall_usec() / USEC_PER_SEC) *
           USEC_PER_SEC;
}

/* ---- Said ------------------------------------------------------------------------------------- */

/* The rows of the rules that are meant; what is in memory goes back to what it was when the store does
 * not take them. */
static int put(struct training *training, struct athlete *athlete, enum rule_id rule,
               const struct announce before[RULES], const struct store_seen *seen,
               store_committed done, void *userdata)
{
    struct store_verdict rows[RULES];
    size_t n = 0;
    int r;

    for (enum rule_id id = 0; id < RULES; id++)
        if (is_meant(id, rule))
            training_write_row(athlete, id, &rows[n++]);
    r = store_put_judged(
        training->parts.store,
        &(struct store_judged){
            .verdicts = rows, .n_verdicts = n, .seen = seen, .n_seen = seen != NULL },
        done, userdata);
    if (r < 0)
        memcpy(athlete->announced, before, sizeof(athlete->announced));
    return r;
}

int training_acknowledge(struct training *training, size_t runner, enum rule_id rule,
                         bool ret_standing[RULES], store_committed done, void *userdata)
{
    struct athlete *athlete = judged(training, runner);
    struct store_seen seen = { .at_usec = clock_wall_usec() };
    struct announce before[RULES];

    if (!athlete)
        return -EAGAIN;
    memcpy(before, athlete->announced, sizeof(before));
    memcpy(seen.runner, athlete->book.runner, sizeof(seen.runner));
    if (rule != RULES)
        snprintf(seen.rule, sizeof(seen.rule), "%s", rule_get(rule)->id);
    for (enum rule_id id = 0; id < RULES; id++)
        ret_standing[id] = is_meant(id, rule) &&
                           announce_see(&athlete->announced[id], seen.at_usec / USEC_PER_SEC);
    return put(training, athlete, rule, before, &seen, done, userdata);
}

int training_snooze(struct training *training, size_t runner, enum rule_id rule, int hours,
                    store_committed done, void *userdata)
{
    struct athlete *athlete = judged(training, runner);
    struct announce before[RULES];

    if (!athlete)
        return -EAGAIN;
    memcpy(before, athlete->announced, sizeof(before));
    for (enum rule_id id = 0; id < RULES; id++)
        if (is_meant(id, rule))
            announce_snooze(&athlete->announced[id], clock_wall_usec() / USEC_PER_SEC,
                            INT64_C(3600) * hours);
    return put(training, athlete, rule, before, NULL, done, userdata);
}
