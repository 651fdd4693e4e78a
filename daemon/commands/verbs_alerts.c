/* SPDX-License-Identifier: MIT */
/* What a runner was told of the rules, and what they say to it: seen, or not now. */
#include "daemon/commands/verbs_private.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/clock.h"
#include "daemon/util.h"
#include "lib/digest.h"

struct ask {
    const struct verbs *verbs;
    struct command_answer *answer;
    char runner[CONF_ID_MAX];
    enum rule_id rule; /* RULES: all */
    bool standing[RULES];
};

static void fail(struct command_answer *answer, int r)
{
    if (r == -EAGAIN)
        verbs_fail_unjudged(answer);
    else if (r == -ENOMEM)
        verbs_fail(answer, "no_memory", NULL, "Out of memory", NULL);
    else if (r == -EBUSY)
        verbs_fail(answer, "busy", NULL, "Others are asking this: try again", NULL);
    else
        verbs_fail(answer, "unavailable", NULL,
                   "The database takes nothing now: see problems in status", NULL);
}

/* A request that is answered later; NULL, and answered, when it can't be. */
static struct ask *begin(const struct verbs *verbs, const json_t *arguments,
                         struct command_answer *answer, size_t *ret_runner)
{
    const char *rule = verbs_text(arguments, "rule");
    struct ask *ask;

    if (!verbs_which_runner(verbs, arguments, answer, ret_runner))
        return NULL;
    ask = calloc(1, sizeof(*ask));
    if (!ask) {
        fail(answer, -ENOMEM);
        return NULL;
    }
    ask->verbs = verbs;
    ask->answer = answer;
    ask->rule = rule[0] ? rule_by_name(rule) : RULES; /* the table knows them all */
    snprintf(ask->runner, sizeof(ask->runner), "%s", verbs->conf->runners[*ret_runner].id);
    return ask;
}

/* Under way, or answered by now. */
static void end(struct ask *ask, int r)
{
    if (r >= 0)
        return;
    fail(ask->answer, r);
    free(ask);
}

/* Who they are by now; false, and answered: the configuration knows them no more. */
static bool find_runner(const struct ask *ask, size_t *ret)
{
    *ret = conf_find_runner(ask->verbs->conf, ask->runner);
    if (*ret < ask->verbs->conf->n_runners)
        return true;
    verbs_fail(ask->answer, "not_found", "runner", "There is no such runner any more", NULL);
    return false;
}

/* ---- alerts ------------------------------------------------------------------------------------- */

static json_t *number(double value)
{
    return isfinite(value) ? json_real(round(value * 100) / 100) : json_null();
}

static json_t *text(const char *value)
{
    return value[0] ? json_string(value) : json_null();
}

/* The one that goes on has no row yet. */
static const char *open_session(const struct verbs *verbs, const char *digest,
                                struct payload_session *ret)
{
    char of_open[STORE_DIGEST_MAX];

    for (size_t slot = 0; digest[0] && slot < TRACKER_SLOTS_MAX; slot++) {
        if (!sessions_summary(verbs->sessions, slot, clock_now_usec(), ret))
            continue;
        snprintf(of_open, sizeof(of_open), "%016" PRIx64, digest_text(ret->id));
        if (strcmp(of_open, digest) == 0)
            return ret->id;
    }
    return "";
}

static const char *unit_of(enum rule_id rule)
{
    if (rule == RULES || rule_get(rule)->unit == RULE_UNIT_NONE)
        return "";
    return rule_get(rule)->unit == RULE_UNIT_SECONDS ? "s" : "m";
}

static json_t *said_json(const struct verbs *verbs, size_t runner, const struct store_said *said)
{
    enum rule_id rule = rule_by_name(said->rule);
    struct payload_session open;
    const char *session =
        said->session_id[0] ? said->session_id : open_session(verbs, said->session, &open);

    return json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:s, s:o, s:s, s:o, s:b, s:o}", "id",
        said->id, "rule", said->rule, "news", said->news, "verdict", said->verdict, "day",
        said->day, "at", verbs_moment(said->at_usec), "value", number(said->value), "reference",
        number(said->reference), "limit", number(said->limit), "unit", unit_of(rule), "evidence",
        text(said->evidence), "sentence", said->sentence, "session", text(session), "acknowledged",
        said->acknowledged_usec != 0, "snoozed_until",
        rule == RULES ? json_null()
                      : verbs_moment(training_snoozed_until(verbs->training, runner, rule)));
}

/* An answer may leave over MQTT: what is made of heart rate is hidden as it is in the topics. */
static bool is_private(const struct ask *ask, size_t runner, const char *rule)
{
    return command_answer_door(ask->answer) == COMMAND_DOOR_MQTT &&
           !ask->verbs->conf->runners[runner].publish_heart_rate &&
           rule_by_name(rule) == RULE_MONOTONY;
}

static json_t *alerts_now(const struct verbs *verbs, size_t runner)
{
    json_t *list = json_array();
    struct payload_alert alert;

    for (enum rule_id rule = 0; rule < RULES; rule++)
        if (training_alert(verbs->training, runner, rule, &alert))
            json_array_append_new(list, verbs_payload_json(CONTRACT_ALERT, &alert));
    return list;
}

static json_t *snoozed_now(const struct verbs *verbs, size_t runner)
{
    json_t *list = json_array();

    for (enum rule_id rule = 0; rule < RULES; rule++) {
        int64_t until_usec = training_snoozed_until(verbs->training, runner, rule);

        if (until_usec && conf_rule_is_on(verbs->conf, &verbs->conf->runners[runner], rule))
            json_array_append_new(list, json_pack("{s:s, s:o}", "rule", rule_get(rule)->id, "until",
                                                  verbs_moment(until_usec)));
    }
    return list;
}

static void tell(const struct ask *ask, size_t runner, const struct store_said *rows, size_t n,
                 bool more)
{
    json_t *told = verbs_of_runner(ask->verbs, runner), *said = json_array();

    for (size_t i = 0; i < n; i++)
        if (!is_private(ask, runner, rows[i].rule))
            json_array_append_new(said, said_json(ask->verbs, runner, &rows[i]));
    json_object_set_new(told, "alerts", alerts_now(ask->verbs, runner));
    json_object_set_new(told, "said", said);
    json_object_set_new(told, "more", json_boolean(more));
    /* of all rows, for one that is not told here may be the last */
    json_object_set_new(told, "next", more && n ? json_string(rows[n - 1].id) : json_null());
    json_object_set_new(told, "snoozed", snoozed_now(ask->verbs, runner));
    command_answer_data(ask->answer, told);
}

static void on_said(void *userdata, int result, const struct store_said *rows, size_t n, bool more)
{
    struct ask *ask = userdata;
    size_t runner;

    if (result == -ENOENT)
        verbs_fail(ask->answer, "not_found", "before", "There is no such message of this runner",
                   "what the last answer told as next");
    else if (result < 0)
        verbs_fail(ask->answer, "unavailable", NULL,
                   "What was said can't be read now: see problems in status", NULL);
    else if (find_runner(ask, &runner))
        tell(ask, runner, rows, n, more);
    free(ask);
}

void verbs_run_alerts(void *context, const json_t *arguments, struct command_answer *answer)
{
    const struct verbs *verbs = context;
    size_t runner;
    struct ask *ask = begin(verbs, arguments, answer, &runner);

    if (ask)
        end(ask,
            training_find_said(verbs->training, runner, (int)verbs_number(arguments, "days", 28),
                               verbs_text(arguments, "before"), on_said, ask));
}

/* ---- acknowledge, snooze ------------------------------------------------------------------------ */

/* What is said holds until strided ends, also when it is not in the store. */
static bool is_stored(const struct ask *ask, int result)
{
    if (result >= 0)
        return true;
    verbs_fail(ask->answer, "unavailable", NULL,
               "It holds until strided is started again, but is not stored: see problems in status",
               NULL);
    return false;
}

static const char *rule_name(const struct ask *ask)
{
    return ask->rule == RULES ? NULL : rule_get(ask->rule)->id;
}

static void on_seen(void *userdata, int result)
{
    struct ask *ask = userdata;
    json_t *standing = json_array();

    for (enum rule_id rule = 0; rule < RULES; rule++)
        if (ask->standing[rule])
            json_array_append_new(standing, json_string(rule_get(rule)->id));
    if (is_stored(ask, result))
        command_answer_data(ask->answer, json_pack("{s:s, s:s?, s:O}", "runner", ask->runner,
                                                   "rule", rule_name(ask), "standing", standing));
    json_decref(standing);
    free(ask);
}

void verbs_run_acknowledge(void *context, const json_t *arguments, struct command_answer *answer)
{
    const struct verbs *verbs = context;
    size_t runner;
    struct ask *ask = begin(verbs, arguments, answer, &runner);

    if (ask)
        end(ask,
            training_acknowledge(verbs->training, runner, ask->rule, ask->standing, on_seen, ask));
}

static void on_snoozed(void *userdata, int result)
{
    struct ask *ask = userdata;
    size_t runner;

    if (is_stored(ask, result) && find_runner(ask, &runner))
        command_answer_data(ask->answer,
                            json_pack("{s:s, s:s?, s:o}", "runner", ask->runner, "rule",
                                      rule_name(ask), "snoozed", snoozed_now(ask->verbs, runner)));
    free(ask);
}

void verbs_run_snooze(void *context, const json_t *arguments, struct command_answer *answer)
{
    const struct verbs *verbs = context;
    size_t runner;
    struct ask *ask = begin(verbs, arguments, answer, &runner);

    if (ask && ask->rule != RULES &&
        !conf_rule_is_on(verbs->conf, &verbs->conf->runners[runner], ask->rule)) {
        verbs_fail_off(answer);
        free(ask);
    } else if (ask) {
        end(ask, training_snooze(verbs->training, runner, ask->rule,
                                 (int)verbs_number(arguments, "for_h", 1), on_snoozed, ask));
    }
}
