/* SPDX-License-Identifier: MIT */
/* Why a rule says what it says, for who asks: of the log as it is now, by the engine that judges it. */
#include "daemon/training/private.h"

bool training_explain(const struct training *training, size_t runner, enum rule_id rule,
                      struct explanation *ret, struct payload_alert *ret_alert)
{
    const struct conf *conf = training->parts.conf;
    const struct athlete *athlete = training_athlete(training, conf->runners[runner].id);
    struct verdict_time time;
    struct athlete now;
    struct live live;
    bool running;

    if (!athlete || !athlete->judged || !athlete->settings.rule[rule].enable ||
        !training_may_judge(training))
        return false;
    running = training_find_live(training, runner, &live);
    time = training_time(training, athlete, runner, running ? &live.outing : NULL);
    explain_verdict(&athlete->book.ledger, running ? &live.outing : NULL, &conf->rules, &time, rule,
                    conf->units, ret);
    now = *athlete; /* what is borrowed of it is only read */
    now.verdicts[rule] = ret->verdict;
    training_alert_words(&now, conf->units, rule, ret_alert);
    return true;
}
