/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What the files behind training.h share; each uses those below it only:
 *   correct.c    sessions that were read again
 *   training.c   life, the past, the midnight timer
 *   held.c       what comes in, until it is judged
 *   answered.c   what a person says to what they are told
 *   explain.c    why a rule says what it says
 *   judge.c      the verdicts of one runner, and what is news of them
 *   told.c       what was said of one run, which is found again when that is taken away
 *   tell.c       what was said: into the store, then out
 *   words.c      a verdict as it is published, and what is told on request
 *   athlete.c    who has a log, and which day it is for them
 *   outing.c     a session's result as an outing
 *   logbook.c    a runner's log in memory
 */
#include "daemon/training/logbook.h"
#include "daemon/training/training.h"

struct zone;

struct told {         /* said of one run, and not taken back */
    uint64_t session; /* digest of the id of its session */
    int64_t start_s, end_s, said_s;
    uint8_t rule, word;
    bool gone; /* the session counts for this runner no more */
};

struct live { /* the open session */
    struct outing outing;
    uint64_t digest; /* of its id */
};

struct athlete { /* a runner, configured or not, and what is kept in mind of them */
    struct logbook book;
    struct announce announced[RULES];
    struct told *told;
    size_t n_told;

    /* while what came in is judged */
    bool lost, due;            /* of what is gone, of what came */
    enum announce_cause cause; /* of what came */
    uint64_t because, lost_id; /* digests of the ids; 0: none */

    /* of one who is configured */
    struct zone *zone; /* NULL: UTC */
    bool judged;       /* the rest is known */
    int32_t today;
    struct rule_settings settings; /* with those rules off that say what is to stay here */
    struct verdict verdicts[RULES];
    struct day_walked walked; /* in the week that is judged */
};

struct training {
    struct training_parts parts;
    const struct training_callbacks *callbacks;
    void *userdata;
    struct athlete **athletes;
    size_t n_athletes;
    struct telling *telling;  /* all there are */
    struct telling *gathered; /* the one of them that is not on its way into the store; or NULL */
    struct held *held;        /* in the order they came in */
    size_t n_held;
    struct clock_timer *midnight;
    bool complete; /* all of the log was read: what is missing in it must not be taken for rest */
    bool started;
};

#define TOLD_MORE_MAX (2 * RULES) /* rows of runs that go into the store with verdicts */

enum judge_occasion {
    JUDGE_BEAT,   /* a run goes on: only what changed is said */
    JUDGE_MINUTE, /* the figures, too */
    JUDGE_CHANGE, /* the log, the day, the settings: all of it, and it is stored what was judged */
};

/* held.c */
struct held;
bool training_is_outing(const struct store_session *row, struct outing *ret);
/* Into its runner's log. False: there is no room, and nothing is judged any more. */
bool training_put(struct training *training, const struct store_session *row,
                  const struct outing *outing);
void training_read_unjudged(struct training *training);
/* True: it is to be judged for its runner, and is not in the log before. */
bool training_hold_past(struct training *training, const struct store_session *row);
void training_choose_held(struct training *training, const struct store_choice *choice);
/* What is held and can be judged now is. */
void training_judge_held(struct training *training);
void training_free_held(struct training *training);

/* judge.c */
/* The open session; false: none that has a date. */
bool training_find_live(const struct training *training, size_t runner, struct live *ret);
/* The day of the runner that goes on, and the moment. */
struct verdict_time training_time(const struct training *training, const struct athlete *athlete,
                                  size_t runner, const struct outing *live);
bool training_may_judge(const struct training *training);
void training_judge(struct training *training, size_t runner, enum announce_cause cause,
                    enum judge_occasion occasion);
/* What the rules say of a run that is new and not the latest, of which they speak else. */
void training_judge_late_run(struct training *training, const char *runner,
                             const struct outing *outing, enum announce_cause cause);

/* tell.c: all of these are gathered until */
void training_tell_all(struct training *training);
/* because: the digest of the session it is news of; 0: none. */
void training_tell(struct training *training, const struct athlete *athlete,
                   const struct announce before[RULES], const enum announce_news news[RULES],
                   uint64_t because, bool store_all);
/* Of one run, whatever stands of its rule: of that word, or it is taken back; with the row that keeps it
 * in mind, and when it was said before. */
void training_tell_of_run(struct training *training, const struct athlete *athlete,
                          const struct verdict *verdict, enum announce_news news,
                          enum verdict_word word, const struct store_verdict *row, int64_t said_s);
void training_write_row(const struct athlete *athlete, enum rule_id rule,
                        struct store_verdict *ret);
void training_tell_row(struct training *training, const struct store_verdict *row);
void training_tell_judged(struct training *training, const char *runner, const char *id);
void training_free_telling(struct training *training);
bool training_read_announced(struct announce *ret, const struct store_verdict *row);

/* told.c */
/* False: the row is not of a run. */
bool training_read_told(struct athlete *athlete, enum rule_id rule,
                        const struct store_verdict *row);
/* A crossing was said. False: it is of no run. */
bool training_note_told(struct athlete *athlete, const struct live *live,
                        const struct verdict *verdict, struct store_verdict *ret);
/* It was said of this run already, so much at least; and when any of it was, 0: never. */
bool training_is_told(const struct athlete *athlete, const struct verdict *verdict,
                      int64_t *ret_before_s);
/* Whose the session is now; "": nobody's, or it is no outing. */
void training_mark_told(struct training *training, const char *id, const char *runner);
/* A session that was theirs is gone: what was said of a run that it was a part of is judged anew. */
void training_doubt_told(struct athlete *athlete, const struct store_session *row);
/* What is taken back with `news` already: as rows, how many. */
size_t training_forget_told(struct athlete *athlete, const struct announce before[RULES],
                            const enum announce_news news[RULES],
                            struct store_verdict rows[static RULES]);
/* Takes back what else is over. */
void training_retract_told(struct training *training, struct athlete *athlete,
                           const struct live *live);

/* words.c */
void training_write_day(char ret[11], int32_t day);
void training_week_words(const struct athlete *athlete, const struct conf_runner *runner,
                         int64_t wall_usec, struct payload_week *ret);
void training_alert_words(const struct athlete *athlete, enum conf_units units, enum rule_id rule,
                          struct payload_alert *ret);

/* athlete.c */
struct athlete *training_athlete(const struct training *training, const char *runner); /* or NULL */
int32_t training_today(const struct athlete *athlete, int64_t utc_s);
/* Who is there, or is added; NULL: no memory, or more runners came and went than there can be. */
struct athlete *training_add_athlete(struct training *training, const char *runner);
/* All who are configured, with their zones; -ENOMEM: not all. */
int training_load_athletes(struct training *training);
void training_free_athletes(struct training *training);

/* outing.c: false: it is none, or it has no date. */
bool outing_of_session(const struct store_session *session, struct outing *ret);
