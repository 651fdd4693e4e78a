/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * When to speak of a verdict. What is true now is always published; a message goes out once per
 * crossing, and a week that stays too full is told again after RemindEvery while the runner runs.
 *
 *                        run: ok -> caution or warning           run: caution -> warning
 *      (nothing stands) -------------------------------> caution ----------------------> warning
 *             ^                                             |  run, after RemindEvery:      |
 *             |                                             |  told again                   |
 *             +--- W0 <= R, whatever the cause -------------+-------------------------------+
 *             +--- its session is discarded: taken back ----+
 *
 * Only a run raises anything: today's, or yesterday's whose file came late. Midnight may clear, and
 * so may a correction of older history; what they make worse is told with the next run. Between R
 * and the limit what stands goes on standing, so that a week at the edge is told once and not each
 * day; and W0 is then that of seven whole days (is_over in verdict.c).
 *
 * That something is over is told once, too, if its beginning was told. Of a warning at once; of a caution,
 * which kept nobody from running, together with whatever is told next: by itself it is no reason to
 * reach for the telephone, and after ANNOUNCE_OVER_DAYS no news. What was said of one run, or of the
 * first descents after a break, is over by itself: nothing is told. Which session it was said of is
 * the caller's to keep, and to take it back when that is gone (daemon/training/told.c): here is the
 * latest run alone.
 *
 * A person may say that they have seen what stands: then nobody is reminded of it, until it is worse, or is
 * over and begins anew. Or that they want to hear nothing of a rule for some hours: then nothing is told
 * of it at all, but a warning where a caution stood. What crosses meanwhile is as if nobody ran: it is told
 * with the next run after them, if it is still so. That something is taken back is news all the same,
 * of which the caller keeps silent (announce_is_silent of what stood).
 *
 * The state is the caller's to store with the message (a few bytes a rule): with it, a restart is
 * silent.
 */
#include "lib/training/verdict.h"

#define ANNOUNCE_LATE_DAYS 1  /* a run so many days old is still news; ours */
#define ANNOUNCE_OVER_DAYS 28 /* as far as the rules look back; ours */

struct announce {
    uint8_t standing; /* enum verdict_word: what was said and is not over; VERDICT_OK: nothing */
    uint8_t level;    /* of the latest verdict there was */
    int64_t since_s;  /* it stands; 0: nothing does */
    int64_t said_s;   /* last; 0: it stands untold, left to another rule */
    int64_t over_s; /* since when what was told is over, and that is not told yet; 0: nothing is */
    int64_t start_s, end_s; /* of the run that was last judged; 0: a week, or none yet */
    int64_t seen_s;         /* when a person had seen what stands; 0: they have not said so */
    int64_t snoozed_s, snoozed_until_s; /* nothing is told from then until then; 0: not asked for */
    uint8_t snoozed;                    /* enum verdict_word: but what is worse than this */
};

enum announce_cause {
    ANNOUNCE_RUN,  /* one goes on, has ended, or came as a file soon after */
    ANNOUNCE_WALK, /* the same of a walk: news for the rules that count it */
    ANNOUNCE_MIDNIGHT,
    ANNOUNCE_HISTORY,   /* something older came in late or changed */
    ANNOUNCE_DISCARDED, /* a session was taken away, or given to another */
};

enum announce_news {
    ANNOUNCE_NOTHING,
    ANNOUNCE_CROSSED,
    ANNOUNCE_REMINDED,
    ANNOUNCE_CLEARED,
    ANNOUNCE_RETRACTED, /* what was said rested on a session that is gone */
};
const char *announce_news_name(enum announce_news news); /* "crossed"; NULL past the end */

/* What a session that came in is to be taken for. */
enum announce_cause announce_cause_of(enum outing_kind kind, int32_t day, int32_t today);
/* One rule; verdict is its latest. All zero is the state of a rule of which nothing was said. */
enum announce_news announce_feed(struct announce *state, const struct rule_settings *settings,
                                 const struct verdict *verdict, enum announce_cause cause,
                                 int64_t now_s);
/* Of a run that came in after a later one, which has the state of the rule: told once, as it comes.
 * CROSSED, or NOTHING. */
enum announce_news announce_late_run(const struct rule_settings *settings,
                                     const struct verdict *verdict, enum announce_cause cause);
/* All rules, in order. A weekly descent without a reference is left to first_descent where that
 * speaks of the same metres. */
void announce_feed_all(struct announce states[RULES], const struct rule_settings *settings,
                       const struct verdict verdicts[RULES], enum announce_cause cause,
                       int64_t now_s, enum announce_news ret[RULES]);

/* ---- What a person says to it */

/* What stands was seen. False: nothing does, or nothing was said of it. */
bool announce_see(struct announce *state, int64_t now_s);
/* Nothing more of it for so long; a later one takes the place of an earlier, and one of 0 ends it. */
void announce_snooze(struct announce *state, int64_t now_s, int64_t for_s);
/* Until when; 0: it is not snoozed now. */
int64_t announce_snoozed_until(const struct announce *state, int64_t now_s);
/* And nothing is told even of a verdict of that word. */
bool announce_is_silent(const struct announce *state, enum verdict_word word, int64_t now_s);
