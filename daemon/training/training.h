/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The training log of every runner, and what the rules say of it: judged while a run goes on, at its
 * end, at the runner's midnight, and when history changes late. A session that ends, is discarded or
 * goes to another runner comes in here, whoever says so; a verdict that is worth a message goes out
 * as an event, which is in the store before it is told.
 *
 *   results ---> log of days ---> verdicts ---> week, alert (what is so now)
 *   live run -------------------/      \-----> event (what is said, once; lib/training/announce.h)
 *
 * Logs are kept by runner id, also of runners that are not configured now: they may come back with a
 * reload. Nothing is judged while the clock is unset.
 */
#include "daemon/store/store.h"
#include "daemon/timekeeper.h"
#include "lib/conf.h"
#include "lib/training/announce.h"
#include "lib/training/history.h"
#include "lib/training/explain.h"
#include "lib/training/load.h"

struct training;

struct training_callbacks {
    void (*on_week)(void *userdata, size_t runner, const struct payload_week *week);
    void (*on_alert)(void *userdata, size_t runner, const struct payload_alert *alert);
    /* An event that is in the store now, to be sent; borrowed. */
    void (*on_event)(void *userdata, const struct store_event *event);
    /* The session that a runner has open, as its result would be now; false: none. */
    bool (*open_session)(void *userdata, size_t runner, struct store_session *ret);
};

struct training_parts { /* borrowed, outlive us */
    sd_event *event;
    const struct conf *conf;
    struct store *store;
    struct timekeeper *timekeeper;
};

/* Before the loop runs. */
int training_new(struct training **ret, const struct training_parts *parts,
                 const struct training_callbacks *callbacks, void *userdata);
struct training *training_free(struct training *training);
/* A session that ended before this start, as the store has it; then, whether these were all. */
void training_take_past(struct training *training, const struct store_session *row);
void training_end_past(struct training *training, bool whole);
/* Those of them that the last process put and did not judge: their runner's, in the order they came.
 * Which of two that are the same run counts may not have been put either. */
void training_each_unjudged(const struct training *training,
                            void (*visit)(void *userdata, const struct store_session *row),
                            void *userdata);
/* What ended before this start has been put: from now on it is judged. */
void training_start(struct training *training);
/* A reloaded config; training_say_all is to follow. */
void training_set_conf(struct training *training, const struct conf *conf);
/* The wall clock was set, or is known from now on. */
void training_clock_changed(struct training *training);

/* A session got its result, or another than it had: it ended, was discarded, has another runner. */
void training_session(struct training *training, const struct store_session *result);
/* Which of sessions that are the same run count; `counts` of one that is not known is nothing. It is
 * judged with what brought it about, which is to be told next. */
void training_choose(struct training *training, const char *runner,
                     const struct store_choice *choices, size_t n);
/* Sessions of a file, all of one runner: in the log, and judged together. */
void training_sessions(struct training *training, const struct store_session *rows, size_t n);

/* The same, read again: nothing of it is news. It is judged by training_corrected. */
void training_correct(struct training *training, const struct store_session *rows, size_t n);
void training_corrected(struct training *training);

/* While a session is open: at each beat of `now`; minute: what is kept at the broker is said, too. */
void training_beat(struct training *training, size_t runner, bool minute);
void training_fill_left(const struct training *training, size_t runner, struct payload_live *live);
/* What the log of a runner comes to as load, and on which local day; false: it was not read whole, or
 * nobody knows what day it is. */
bool training_load(const struct training *training, size_t runner, struct load *ret,
                   char ret_day[11]);
/* The last weeks of it; `ret` has room for `most`, and *ret_n are told. False: as training_load. */
bool training_history(const struct training *training, size_t runner, size_t most,
                      struct history_week *ret, size_t *ret_n, char ret_day[11]);
/* Its days from `from` on, up to `to`, on which there was something; `ret` has room for `most`, and *ret_n
 * are told, of *ret_all there are. False: the log was not read whole. */
struct training_day {
    int32_t day;
    struct history figures;
};
bool training_days(const struct training *training, const char *runner, int32_t from, int32_t to,
                   size_t most, struct training_day *ret, size_t *ret_n, size_t *ret_all);
/* As it was said last. False: nothing is judged yet. */
bool training_week(const struct training *training, size_t runner, struct payload_week *ret);
/* The same of one rule; false, too, when it is off. */
bool training_alert(const struct training *training, size_t runner, enum rule_id rule,
                    struct payload_alert *ret);
/* Why a rule says what it says, judged now with a run that goes on, and the same as it is published.
 * False: as training_alert, or the clock is not known. */
bool training_explain(const struct training *training, size_t runner, enum rule_id rule,
                      struct explanation *ret, struct payload_alert *ret_alert);

/*
 * What was said of the rules in so many days and before that one, as store_find_said; and what a person says to it, which is in
 * the store when `done` runs, as of store_put_judged. -EAGAIN: nothing is judged yet, or the clock is not
 * known; then, and on any other error, neither runs and nothing is changed. rule RULES: all of them.
 */
int training_find_said(const struct training *training, size_t runner, int days, const char *before,
                       store_said_found found, void *userdata);
/* They have seen it. ret_standing: of which rules something was said that lasts. */
int training_acknowledge(struct training *training, size_t runner, enum rule_id rule,
                         bool ret_standing[RULES], store_committed done, void *userdata);
/* They want to hear nothing of it for so long. */
int training_snooze(struct training *training, size_t runner, enum rule_id rule, int hours,
                    store_committed done, void *userdata);
/* UTC; 0: it is not snoozed. */
int64_t training_snoozed_until(const struct training *training, size_t runner, enum rule_id rule);
/* Judges, and says all of it again. */
void training_say_all(struct training *training);
