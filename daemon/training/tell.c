/* SPDX-License-Identifier: MIT */
/*
 * What is said of the rules, once each. What was said and the event that says it go into the store
 * together; the event goes out when they are there. Killed before, neither is: the next run says it.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "daemon/clock.h"
#include "daemon/log.h"
#include "daemon/render.h"
#include "daemon/training/private.h"
#include "daemon/util.h"
#include "lib/digest.h"

struct telling { /* events on their way into the store */
    struct training *training;
    struct telling *next;
    size_t n;
    struct store_event events[RULES];
};

static void free_telling(struct telling *telling)
{
    struct telling **at = &telling->training->telling;

    while (*at && *at != telling)
        at = &(*at)->next;
    if (*at)
        *at = telling->next;
    for (size_t i = 0; i < telling->n; i++)
        free(telling->events[i].body);
    free(telling);
}

/* A disk that takes nothing never answers. */
void training_free_telling(struct training *training)
{
    while (training->telling)
        free_telling(training->telling);
}

static void on_committed(void *userdata, int result)
{
    struct telling *telling = userdata;
    struct training *training = telling->training;

    for (size_t i = 0; i < telling->n; i++) {
        if (result < 0)
            log_warning("Event %s is not stored: %s", telling->events[i].id,
                        store_why(training->parts.store, result));
        training->callbacks->on_event(training->userdata, &telling->events[i]);
    }
    free_telling(telling);
}

/* ---- Events ---------------------------------------------------------------------------------- */

/* A runner's, a rule's and a moment's own, or of the run and the moment that it was first told of; the names would be longer than an id may be. */
static void make_id(struct store_event *event, enum rule_id rule, enum announce_news news,
                    const struct store_verdict *of_run)
{
    char text[192];
    int n = snprintf(text, sizeof(text), "%s/%s/%s/%" PRId64, event->runner, rule_get(rule)->id,
                     announce_news_name(news), of_run ? of_run->said_usec : event->at_usec);

    if (of_run)
        snprintf(text + n, sizeof(text) - (size_t)n, "/%s", of_run->session);
    snprintf(event->id, sizeof(event->id), "alert-%016" PRIx64, digest_text(text));
}

static void add_event(struct telling *telling, const struct athlete *athlete, enum rule_id rule,
                      enum announce_news news, const struct store_verdict *of_run)
{
    struct store_event *event = &telling->events[telling->n];
    struct payload_notice notice = { 0 };

    snprintf(notice.news, sizeof(notice.news), "%s", announce_news_name(news));
    training_alert_words(athlete, telling->training->parts.conf->units, rule, &notice.alert);
    *event = (struct store_event){ .kind = EVENT_ALERT, .at_usec = clock_wall_usec() };
    memcpy(event->runner, athlete->book.runner, sizeof(event->runner));
    make_id(event, rule, news, of_run);
    event->body = render_payload(CONTRACT_NOTICE, &notice);
    if (!event->body) {
        log_error("Out of memory: nobody is told of %s", rule_get(rule)->id);
        return;
    }
    telling->n++;
    log_notice("%s: %s %s: %s (stridectl explain %s)", athlete->book.runner, rule_get(rule)->id,
               notice.news, notice.alert.sentence, rule_get(rule)->id);
}

static struct telling *make_telling(struct training *training, const struct athlete *athlete,
                                    const enum announce_news news[RULES],
                                    const struct store_verdict *of_run)
{
    struct telling *telling = calloc(1, sizeof(*telling));

    if (!telling)
        return NULL;
    telling->training = training;
    telling->next = training->telling;
    training->telling = telling;
    for (enum rule_id rule = 0; rule < RULES; rule++)
        if (news[rule] != ANNOUNCE_NOTHING)
            add_event(telling, athlete, rule, news[rule], of_run);
    return telling;
}

/* ---- What was said ---------------------------------------------------------------------------- */

static bool level_from_name(const char *name, uint8_t *ret)
{
    for (enum verdict_word word = VERDICT_OK; word <= VERDICT_WARNING; word++)
        if (strcmp(verdict_word_name(word), name) == 0) {
            *ret = (uint8_t)word;
            return true;
        }
    return false;
}

/* What is said of weeks has no run whose end could be stored: it is the end of what was said. */
bool training_read_announced(struct announce *ret, const struct store_verdict *row)
{
    struct announce announce = { .since_s = row->since_usec / 1000000,
                                 .said_s = row->said_usec / 1000000,
                                 .start_s = row->run_start_usec / 1000000 };
    int64_t end_s = row->run_end_usec / 1000000;

    if (!level_from_name(row->standing, &announce.standing) ||
        !level_from_name(row->level, &announce.level))
        return false;
    *(announce.start_s ? &announce.end_s : &announce.over_s) = end_s;
    *ret = announce;
    return true;
}

static void write_row(const struct athlete *athlete, enum rule_id rule, struct store_verdict *ret)
{
    const struct announce *announce = &athlete->announced[rule];
    int64_t end_s = announce->start_s ? announce->end_s : announce->over_s;

    *ret = (struct store_verdict){ .since_usec = announce->since_s * 1000000,
                                   .said_usec = announce->said_s * 1000000,
                                   .run_start_usec = announce->start_s * 1000000,
                                   .run_end_usec = end_s * 1000000,
                                   .judged_usec = athlete->judged_s * 1000000 };
    memcpy(ret->runner, athlete->book.runner, sizeof(ret->runner));
    snprintf(ret->rule, sizeof(ret->rule), "%s", rule_get(rule)->id);
    snprintf(ret->standing, sizeof(ret->standing), "%s", verdict_word_name(announce->standing));
    snprintf(ret->level, sizeof(ret->level), "%s", verdict_word_name(announce->level));
}

/* The edges of a run that goes on change with each beat, and are not worth a write. */
static bool is_worth_a_write(const struct announce *before, const struct announce *after)
{
    return before->standing != after->standing || before->level != after->level ||
           before->since_s != after->since_s || before->said_s != after->said_s ||
           before->over_s != after->over_s;
}

static void put(struct training *training, const struct store_verdict *rows, size_t n,
                const struct athlete *athlete, const enum announce_news news[RULES],
                const struct store_verdict *of_run)
{
    struct telling *telling = make_telling(training, athlete, news, of_run);
    int r;

    if (!telling) {
        log_error("Out of memory: what there is to say to %s is not said", athlete->book.runner);
        return;
    }
    r = store_put_verdicts(training->parts.store, rows, n, telling->events, telling->n,
                           on_committed, telling);
    if (r < 0)
        on_committed(telling, r);
}

void training_tell(struct training *training, const struct athlete *athlete,
                   const struct announce before[RULES], const enum announce_news news[RULES],
                   const struct store_verdict *more, size_t n_more, bool store_all)
{
    struct store_verdict rows[RULES + TOLD_MORE_MAX];
    size_t n = 0;

    for (enum rule_id rule = 0; rule < RULES; rule++)
        if (store_all || is_worth_a_write(&before[rule], &athlete->announced[rule]))
            write_row(athlete, rule, &rows[n++]);
    for (size_t i = 0; i < n_more; i++)
        rows[n++] = more[i];
    if (n > 0)
        put(training, rows, n, athlete, news, NULL);
}

void training_tell_of_run(struct training *training, const struct athlete *athlete,
                          const struct verdict *verdict, enum announce_news its,
                          const struct store_verdict *row)
{
    enum announce_news news[RULES] = { ANNOUNCE_NOTHING };
    struct athlete of_run = *athlete;

    news[verdict->rule] = its;
    of_run.verdicts[verdict->rule] = *verdict;
    of_run.announced[verdict->rule] =
        (struct announce){ .since_s = its == ANNOUNCE_CROSSED ? row->said_usec / 1000000 : 0 };
    put(training, row, 1, &of_run, news, row);
}
