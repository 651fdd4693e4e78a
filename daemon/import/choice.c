/* SPDX-License-Identifier: MIT */
#include "daemon/import/choice.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "daemon/util.h"
#include "lib/conf.h"
#include "lib/training/duplicate.h"

/* One array and nothing beside it: single names, allocated while the store is read, would keep the
 * pages between them for ever. */
struct span {
    char id[SESSION_ID_MAX], runner[CONF_ID_MAX];
    struct duplicate_session is; /* but for its id, as they move */
    char *instead;               /* rare; NULL: it counts */
};

struct choice {
    struct span *spans; /* in no order: a few thousand, and looked through once a file */
    size_t n, room;
};

int choice_new(struct choice **ret)
{
    *ret = calloc(1, sizeof(**ret));
    return *ret ? 0 : -ENOMEM;
}

struct choice *choice_free(struct choice *choice)
{
    for (size_t i = 0; choice && i < choice->n; i++)
        free(choice->spans[i].instead);
    free(choice ? choice->spans : NULL);
    free(choice);
    return NULL;
}

static size_t find(const struct choice *choice, const char *id)
{
    size_t i = 0;

    while (i < choice->n && strcmp(choice->spans[i].id, id) != 0)
        i++;
    return i;
}

static void drop(struct choice *choice, size_t i)
{
    free(choice->spans[i].instead);
    choice->spans[i] = choice->spans[--choice->n];
}

/* Sensors of ours tell of themselves once a second. */
static uint64_t samples_of(const struct store_session *row)
{
    if (row->file[0] || isnan(row->session.moving_s))
        return (uint64_t)row->samples;
    return (uint64_t)row->session.moving_s;
}

static void describe(struct span *span, const struct store_session *row)
{
    const struct payload_session *s = &row->session;

    memcpy(span->runner, s->runner, sizeof(span->runner));
    span->is.start_usec = s->start_usec;
    span->is.end_usec = s->end_usec;
    span->is.distance = s->distance_m > 0;
    span->is.grade = row->file[0]
                         ? row->barometric
                         : s->source.grade[0] && strcmp(s->source.grade, "configured") != 0;
    span->is.heart_rate = s->heart_rate_mean_bpm > 0;
    span->is.cadence = s->cadence_mean_spm > 0;
    span->is.n_samples = samples_of(row);
}

static int append(struct choice *choice, const char *id)
{
    if (choice->n == choice->room) {
        size_t room = choice->room + choice->room / 4 + 32;
        void *grown = reallocarray(choice->spans, room, sizeof(*choice->spans));
        if (!grown)
            return -ENOMEM;
        choice->spans = grown;
        choice->room = room;
    }
    choice->spans[choice->n] = (struct span){ 0 };
    snprintf(choice->spans[choice->n].id, sizeof(choice->spans[choice->n].id), "%s", id);
    choice->n++;
    return 0;
}

/* Can it be the same run as another: it is over, was somebody's, and we know when. */
static bool can_count(const struct payload_session *s)
{
    return s->state == SESSION_ENDED && s->runner[0] && s->start_usec > 0 &&
           s->end_usec > s->start_usec;
}

int choice_put(struct choice *choice, const struct store_session *session)
{
    size_t i = find(choice, session->session.id);
    int r;

    if (!can_count(&session->session)) {
        if (i < choice->n)
            drop(choice, i);
        return 0;
    }
    if (i == choice->n) {
        r = append(choice, session->session.id);
        if (r < 0)
            return r;
    }
    describe(&choice->spans[i], session);
    return 0;
}

static int set_instead(struct span *span, const char *id)
{
    char *copy = id ? strdup(id) : NULL;

    if (id && !copy)
        return -ENOMEM;
    free(span->instead);
    span->instead = copy;
    return 0;
}

/* Ids of the store's rows are all different: of ten years' none is looked for. */
int choice_load(struct choice *choice, const struct store_session *session)
{
    int r;

    if (!can_count(&session->session))
        return 0;
    r = append(choice, session->session.id);
    if (r < 0)
        return r;
    describe(&choice->spans[choice->n - 1], session);
    return session->instead[0] ? set_instead(&choice->spans[choice->n - 1], session->instead) : 0;
}

const char *choice_instead(const struct choice *choice, const char *id)
{
    size_t i = find(choice, id);

    return i < choice->n && choice->spans[i].instead ? choice->spans[i].instead : "";
}

/* ---- choosing -------------------------------------------------------------------------------- */

/* Indexes of the runner's sessions that meet the time; it grows to what they take. */
static size_t gather(const struct choice *choice, const char *runner, int64_t *from, int64_t *until,
                     size_t ret[CHOICE_CHANGES_MAX])
{
    size_t n = 0;

    for (size_t i = 0; i < choice->n && n < CHOICE_CHANGES_MAX; i++) {
        const struct duplicate_session *is = &choice->spans[i].is;
        if (strcmp(choice->spans[i].runner, runner) != 0 || is->start_usec >= *until ||
            is->end_usec <= *from)
            continue;
        *from = is->start_usec < *from ? is->start_usec : *from;
        *until = is->end_usec > *until ? is->end_usec : *until;
        ret[n++] = i;
    }
    return n;
}

static size_t gather_stretch(const struct choice *choice, const char *runner, int64_t from,
                             int64_t until, size_t ret[CHOICE_CHANGES_MAX])
{
    size_t n = 0, before;

    do {
        before = n;
        n = gather(choice, runner, &from, &until, ret);
    } while (n > before);
    return n;
}

static bool is_same_id(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

size_t choice_decide(struct choice *choice, const char *runner, int64_t from_usec,
                     int64_t until_usec, struct store_choice ret[CHOICE_CHANGES_MAX])
{
    size_t at[CHOICE_CHANGES_MAX], chosen[CHOICE_CHANGES_MAX], n_changed = 0;
    struct duplicate_session sessions[CHOICE_CHANGES_MAX] = { 0 };
    size_t n = gather_stretch(choice, runner, from_usec, until_usec, at);

    for (size_t i = 0; i < n; i++) {
        sessions[i] = choice->spans[at[i]].is;
        sessions[i].id = choice->spans[at[i]].id;
    }
    duplicate_choose(sessions, n, chosen);
    for (size_t i = 0; i < n; i++) {
        struct span *span = &choice->spans[at[i]];
        const char *instead = chosen[i] == i ? NULL : sessions[chosen[i]].id;
        if (is_same_id(span->instead, instead) || set_instead(span, instead) < 0)
            continue;
        struct store_choice *change = &ret[n_changed++];
        snprintf(change->id, sizeof(change->id), "%s", span->id);
        snprintf(change->instead, sizeof(change->instead), "%s", instead ? instead : "");
    }
    return n_changed;
}
