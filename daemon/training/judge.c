/* SPDX-License-Identifier: MIT */
/* The verdicts of one runner as they are now, and what is news of them. */
#include <string.h>
#include "daemon/clock.h"
#include "daemon/training/private.h"
#include "lib/digest.h"

bool training_find_live(const struct training *training, size_t runner, struct live *ret)
{
    struct store_session session;

    return training->callbacks->open_session(training->userdata, runner, &session) &&
           outing_of_session(&session, &ret->outing) &&
           (ret->digest = digest_text(session.session.id), true);
}

/* Who travels west has yesterday once more: the day that has begun, in which they ran, goes on. */
static int32_t present_day(const struct athlete *athlete, const struct outing *live, int64_t now_s)
{
    const struct outing *newest = live ? live : logbook_newest(&athlete->book);
    int32_t today = training_today(athlete, now_s);

    return newest && newest->day == today + 1 ? newest->day : today;
}

struct verdict_time training_time(const struct training *training, const struct athlete *athlete,
                                  size_t runner, const struct outing *live)
{
    int64_t now_s = clock_wall_usec() / 1000000;

    return (struct verdict_time){ present_day(athlete, live, now_s), now_s,
                                  training->parts.conf->runners[runner].week_start };
}

static void judge_all(struct training *training, struct athlete *athlete, size_t runner,
                      const struct outing *live)
{
    const struct conf *conf = training->parts.conf;
    const struct verdict_time time = training_time(training, athlete, runner, live);
    const struct week_place place = { &athlete->book.ledger, live, time.today, time.week_start };

    athlete->today = time.today;
    athlete->settings = conf->rules;
    for (enum rule_id rule = 0; rule < RULES; rule++) {
        athlete->settings.rule[rule].enable = conf_rule_is_on(conf, &conf->runners[runner], rule);
        verdict_judge(&athlete->book.ledger, live, &conf->rules, &time, rule,
                      &athlete->verdicts[rule]);
    }
    week_walked_read(&place, conf->rules.window, &athlete->walked);
    athlete->judged = true;
}

/* ---- What is so now --------------------------------------------------------------------------- */

static void say(struct training *training, const struct athlete *athlete, size_t runner)
{
    const struct conf *conf = training->parts.conf;
    struct payload_alert alert;
    struct payload_week week;

    training_week_words(athlete, &conf->runners[runner], clock_wall_usec(), &week);
    training->callbacks->on_week(training->userdata, runner, &week);
    for (enum rule_id rule = 0; rule < RULES; rule++) {
        if (!athlete->settings.rule[rule].enable)
            continue;
        training_alert_words(athlete, conf->units, rule, &alert);
        training->callbacks->on_alert(training->userdata, runner, &alert);
    }
}

static bool words_differ(const enum verdict_word before[RULES], const struct athlete *athlete)
{
    enum rule_id rule = 0;

    while (rule < RULES && before[rule] == athlete->verdicts[rule].word)
        rule++;
    return rule < RULES;
}

/* ---- What is news ----------------------------------------------------------------------------- */

static void announce(struct training *training, struct athlete *athlete, const struct live *live,
                     enum announce_cause cause, bool change)
{
    struct announce before[RULES];
    enum announce_news news[RULES];
    struct store_verdict told[TOLD_MORE_MAX];
    size_t n = 0;

    memcpy(before, athlete->announced, sizeof(before));
    announce_feed_all(athlete->announced, &athlete->settings, athlete->verdicts, cause,
                      clock_wall_usec() / 1000000, news);
    for (enum rule_id rule = 0; rule < RULES; rule++)
        if (news[rule] == ANNOUNCE_CROSSED)
            n += training_note_told(athlete, live, &athlete->verdicts[rule], &told[n]);
    n += training_forget_told(athlete, before, news, &told[n]);
    training_tell(training, athlete, before, news, live ? live->digest : athlete->because,
                  change && memcmp(before, athlete->announced, sizeof(before)) != 0);
    for (size_t i = 0; i < n; i++)
        training_tell_row(training, &told[i]);
    if (change)
        training_retract_told(training, athlete, live);
}

bool training_may_judge(const struct training *training)
{
    return training->started && training->complete &&
           timekeeper_is_settled(training->parts.timekeeper) &&
           timekeeper_state(training->parts.timekeeper) != CLOCK_UNSET;
}

void training_judge(struct training *training, size_t runner, enum announce_cause cause,
                    enum judge_occasion occasion)
{
    struct athlete *athlete = training_athlete(training, training->parts.conf->runners[runner].id);
    enum verdict_word before[RULES];
    struct live live;
    bool running;

    if (!athlete || !training_may_judge(training))
        return;
    for (enum rule_id rule = 0; rule < RULES; rule++)
        before[rule] = athlete->verdicts[rule].word;
    running = training_find_live(training, runner, &live);
    judge_all(training, athlete, runner, running ? &live.outing : NULL);
    if (occasion != JUDGE_CHANGE && running)
        cause = announce_cause_of(live.outing.kind, live.outing.day, athlete->today);
    announce(training, athlete, running ? &live : NULL, cause, occasion == JUDGE_CHANGE);
    if (occasion != JUDGE_BEAT || words_differ(before, athlete))
        say(training, athlete, runner);
}

static void judge_late_run(struct training *training, struct athlete *athlete,
                           const struct outing *outing, enum announce_cause cause,
                           enum rule_id rule)
{
    struct store_verdict row;
    struct verdict verdict;
    int64_t before_s;

    verdict_judge_outing(&athlete->book.ledger, outing, &athlete->settings, rule, &verdict);
    if (verdict.end_s < athlete->verdicts[rule].start_s &&
        announce_late_run(&athlete->settings, &verdict, cause) == ANNOUNCE_CROSSED &&
        !announce_is_silent(&athlete->announced[rule], verdict.word, clock_wall_usec() / 1000000) &&
        !training_is_told(athlete, &verdict, &before_s) &&
        training_note_told(athlete, NULL, &verdict, &row))
        training_tell_of_run(training, athlete, &verdict, ANNOUNCE_CROSSED, verdict.word, &row,
                             before_s);
}

/* The watch is often read last, when the evening's treadmill is in the log. What stands is the latest
 * run's: of this one it is kept in mind what was said, so that it can be taken back. */
void training_judge_late_run(struct training *training, const char *runner,
                             const struct outing *outing, enum announce_cause cause)
{
    struct athlete *athlete = training_athlete(training, runner);

    if (!athlete || !athlete->judged || !training_may_judge(training))
        return;
    for (enum rule_id rule = 0; rule < RULES; rule++)
        if (rule_get(rule)->family == RULE_OF_RUN)
            judge_late_run(training, athlete, outing, cause, rule);
}
