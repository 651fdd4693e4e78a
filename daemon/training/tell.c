/* SPDX-License-Identifier: MIT */
/*
 * What is said of the rules, once each. All that follows from what came in (verdicts, events, and that
 * it is judged) is gathered, and goes into the store as one; the events go out when they are there.
 * Killed before, none of it is: the next start judges it once more, and says it under the same ids.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/clock.h"
#include "daemon/log.h"
#include "daemon/render.h"
#include "daemon/training/private.h"
#include "daemon/util.h"
#include "lib/digest.h"

struct telling { /* gathered, or on its way into the store */
    struct training *training;
    struct telling *next;
    struct store_verdict *rows;
    struct store_event *events;
    struct store_unjudged *sessions;
    struct store_said *said; /* what the events say, to be told later */
    size_t n_rows, n_events, n_sessions, n_said;
};

static void free_telling(struct telling *telling)
{
    struct telling **at = &telling->training->telling;

    while (*at && *at != telling)
        at = &(*at)->next;
    if (*at)
        *at = telling->next;
    for (size_t i = 0; i < telling->n_events; i++)
        free(telling->events[i].body);
    free(telling->rows);
    free(telling->events);
    free(telling->sessions);
    free(telling->said);
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

    for (size_t i = 0; i < telling->n_events; i++) {
        if (result < 0)
            log_warning("Event %s is not stored: %s", telling->events[i].id,
                        store_why(training->parts.store, result));
        training->callbacks->on_event(training->userdata, &telling->events[i]);
    }
    free_telling(telling);
}

/* ---- Gathered --------------------------------------------------------------------------------- */

static struct telling *gathered(struct training *training)
{
    struct telling *telling;

    if (training->gathered)
        return training->gathered;
    telling = calloc(1, sizeof(*telling));
    if (!telling)
        return NULL;
    telling->training = training;
    telling->next = training->telling;
    training->telling = telling;
    return training->gathered = telling;
}

/* Room for one more at the end; NULL, and said, when there is none. */
static void *add(void **array, size_t n, size_t size)
{
    void *grown = reallocarray(*array, n + 1, size);

    if (!grown) {
        log_error("Out of memory: what there is to say of the rules is not said");
        return NULL;
    }
    *array = grown;
    return (char *)grown + n * size;
}

void training_tell_row(struct training *training, const struct store_verdict *row)
{
    struct telling *telling = gathered(training);
    struct store_verdict *place =
        telling ? add((void **)&telling->rows, telling->n_rows, sizeof(*row)) : NULL;

    if (!place)
        return;
    *place = *row;
    telling->n_rows++;
}

void training_tell_judged(struct training *training, const char *runner, const char *id)
{
    struct telling *telling = gathered(training);
    struct store_unjudged *place =
        telling ? add((void **)&telling->sessions, telling->n_sessions, sizeof(*place)) : NULL;

    if (!place)
        return;
    *place = (struct store_unjudged){ 0 };
    snprintf(place->runner, sizeof(place->runner), "%s", runner);
    snprintf(place->id, sizeof(place->id), "%s", id);
    telling->n_sessions++;
}

void training_tell_all(struct training *training)
{
    struct telling *telling = training->gathered;
    int r;

    if (!telling)
        return;
    training->gathered = NULL;
    if (!training->complete) { /* meanwhile: nothing was judged, and all of it is to be */
        free_telling(telling);
        return;
    }
    r = store_put_judged(training->parts.store,
                         &(struct store_judged){ .verdicts = telling->rows,
                                                 .n_verdicts = telling->n_rows,
                                                 .events = telling->events,
                                                 .n_events = telling->n_events,
                                                 .sessions = telling->sessions,
                                                 .n_sessions = telling->n_sessions,
                                                 .said = telling->said,
                                                 .n_said = telling->n_said },
                         on_committed, telling);
    if (r < 0)
        on_committed(telling, r);
}

/* ---- Events ---------------------------------------------------------------------------------- */

struct origin {       /* what makes a message another one than the last of its rule */
    int64_t said_s;   /* when that was said, or what is taken back */
    uint64_t session; /* the digest of the one it is because of; 0: the day, or the settings */
    uint8_t level;    /* that stands with it */
};

/* The same at every try, also after a kill: nothing of now is in it. The names would be longer than an
 * id may be. */
static void make_id(struct store_event *event, enum rule_id rule, enum announce_news news,
                    const struct origin *origin)
{
    char text[192];

    snprintf(text, sizeof(text), "%s/%s/%s/%s/%" PRId64 "/%016" PRIx64, event->runner,
             rule_get(rule)->id, announce_news_name(news),
             verdict_word_name((enum verdict_word)origin->level), origin->said_s, origin->session);
    snprintf(event->id, sizeof(event->id), "alert-%016" PRIx64, digest_text(text));
}

/* The same for who asks later, when the broker has it. */
static void add_said(struct training *training, const struct store_event *event,
                     const struct payload_notice *notice, int32_t today, uint64_t session)
{
    struct telling *telling = gathered(training);
    struct store_said *said =
        telling ? add((void **)&telling->said, telling->n_said, sizeof(*said)) : NULL;
    const struct payload_alert *alert = &notice->alert;

    if (!said)
        return;
    *said = (struct store_said){ .at_usec = event->at_usec,
                                 .value = alert->value,
                                 .reference = alert->reference,
                                 .limit = alert->limit };
    memcpy(said->id, event->id, sizeof(said->id));
    memcpy(said->runner, event->runner, sizeof(said->runner));
    snprintf(said->rule, sizeof(said->rule), "%s", rule_get(alert->rule)->id);
    memcpy(said->news, notice->news, sizeof(said->news));
    snprintf(said->verdict, sizeof(said->verdict), "%s", verdict_word_name(alert->verdict));
    training_write_day(said->day, today);
    memcpy(said->evidence, alert->evidence, sizeof(said->evidence));
    memcpy(said->sentence, alert->sentence, sizeof(said->sentence));
    if (session)
        snprintf(said->session, sizeof(said->session), "%016" PRIx64, session);
    telling->n_said++;
}

static void add_event(struct training *training, const struct athlete *athlete, enum rule_id rule,
                      enum announce_news news, const struct origin *origin)
{
    struct telling *telling = gathered(training);
    struct store_event *place =
        telling ? add((void **)&telling->events, telling->n_events, sizeof(*place)) : NULL;
    struct store_event event = { .kind = EVENT_ALERT, .at_usec = clock_wall_usec() };
    struct payload_notice notice = { 0 };

    if (!place)
        return;
    snprintf(notice.news, sizeof(notice.news), "%s", announce_news_name(news));
    training_alert_words(athlete, training->parts.conf->units, rule, &notice.alert);
    memcpy(event.runner, athlete->book.runner, sizeof(event.runner));
    make_id(&event, rule, news, origin);
    event.body = render_payload(CONTRACT_NOTICE, &notice);
    if (!event.body) {
        log_error("Out of memory: nobody is told of %s", rule_get(rule)->id);
        return;
    }
    *place = event;
    telling->n_events++;
    add_said(training, &event, &notice, athlete->today, origin->session);
    log_notice("%s: %s %s: %s (stridectl explain %s)", athlete->book.runner, rule_get(rule)->id,
               notice.news, notice.alert.sentence, rule_get(rule)->id);
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
    if (row->snoozed[0] && !level_from_name(row->snoozed, &announce.snoozed))
        return false;
    announce.seen_s = row->seen_usec / 1000000;
    announce.snoozed_s = row->snoozed_usec / 1000000;
    announce.snoozed_until_s = row->snoozed_until_usec / 1000000;
    *ret = announce;
    return true;
}

void training_write_row(const struct athlete *athlete, enum rule_id rule, struct store_verdict *ret)
{
    const struct announce *announce = &athlete->announced[rule];
    int64_t end_s = announce->start_s ? announce->end_s : announce->over_s;

    *ret = (struct store_verdict){ .since_usec = announce->since_s * 1000000,
                                   .said_usec = announce->said_s * 1000000,
                                   .run_start_usec = announce->start_s * 1000000,
                                   .run_end_usec = end_s * 1000000,
                                   .seen_usec = announce->seen_s * 1000000,
                                   .snoozed_usec = announce->snoozed_s * 1000000,
                                   .snoozed_until_usec = announce->snoozed_until_s * 1000000 };
    memcpy(ret->runner, athlete->book.runner, sizeof(ret->runner));
    snprintf(ret->rule, sizeof(ret->rule), "%s", rule_get(rule)->id);
    snprintf(ret->standing, sizeof(ret->standing), "%s", verdict_word_name(announce->standing));
    snprintf(ret->level, sizeof(ret->level), "%s", verdict_word_name(announce->level));
    if (announce->snoozed_until_s)
        snprintf(ret->snoozed, sizeof(ret->snoozed), "%s", verdict_word_name(announce->snoozed));
}

/* The edges of a run that goes on change with each beat, and are not worth a write. */
static bool is_worth_a_write(const struct announce *before, const struct announce *after)
{
    return before->standing != after->standing || before->level != after->level ||
           before->since_s != after->since_s || before->said_s != after->said_s ||
           before->over_s != after->over_s || before->seen_s != after->seen_s ||
           before->snoozed_until_s != after->snoozed_until_s;
}

/* A person wants to hear nothing of it, for some hours. */
static bool is_silent(const struct announce *announce, enum verdict_word word)
{
    return announce_is_silent(announce, word, clock_wall_usec() / 1000000);
}

void training_tell(struct training *training, const struct athlete *athlete,
                   const struct announce before[RULES], const enum announce_news news[RULES],
                   uint64_t because, bool store_all)
{
    struct store_verdict row;

    for (enum rule_id rule = 0; rule < RULES; rule++) {
        const struct origin origin = { before[rule].said_s, because,
                                       athlete->announced[rule].standing };

        if (news[rule] != ANNOUNCE_NOTHING &&
            (news[rule] != ANNOUNCE_RETRACTED || !is_silent(&before[rule], before[rule].standing)))
            add_event(training, athlete, rule, news[rule], &origin);
        if (!store_all && !is_worth_a_write(&before[rule], &athlete->announced[rule]))
            continue;
        training_write_row(athlete, rule, &row);
        training_tell_row(training, &row);
    }
}

void training_tell_of_run(struct training *training, const struct athlete *athlete,
                          const struct verdict *verdict, enum announce_news news,
                          enum verdict_word word, const struct store_verdict *row, int64_t said_s)
{
    const struct origin origin = { said_s, strtoull(row->session, NULL, 16),
                                   news == ANNOUNCE_CROSSED ? (uint8_t)verdict->word
                                                            : (uint8_t)VERDICT_OK };
    struct athlete of_run = *athlete;

    of_run.verdicts[verdict->rule] = *verdict;
    of_run.announced[verdict->rule] =
        (struct announce){ .since_s = news == ANNOUNCE_CROSSED ? row->said_usec / 1000000 : 0 };
    if (!is_silent(&athlete->announced[verdict->rule], word))
        add_event(training, &of_run, verdict->rule, news, &origin);
    training_tell_row(training, row);
}
