/* SPDX-License-Identifier: MIT */
#include "daemon/import/choice.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "daemon/array.h"
#include "daemon/import/gone.h"
#include "daemon/import/names.h"
#include "daemon/import/span.h"
#include "daemon/keys.h"
#include "daemon/util.h"
#include "lib/digest.h"

#define NONE 0
#define NEAR 4 /* a run and the file of it came soon after one another */

struct change { /* what a session was before it */
    struct span was;
    bool known; /* else there was none */
};

/* Of ten years there are thousands, each run perhaps twice: 40 bytes each, and their names beside them. */
struct choice {
    struct span *spans; /* in no order: looked through once a file */
    size_t n, room;
    struct names names; /* those of sessions that were dropped stay */
    struct gone gone;   /* that they are stays so, whoever gets their file: it is not taken back */
    struct change *changes; /* since choice_begin, the latest last */
    size_t n_changes;
    bool noting;
};

struct choice *choice_free(struct choice *choice)
{
    if (!choice)
        return NULL;
    free(choice->spans);
    free(choice->changes);
    names_done(&choice->names);
    gone_done(&choice->gone);
    free(choice);
    return NULL;
}

static void choice_freep(struct choice **choice)
{
    choice_free(*choice);
}

/* ---- names ----------------------------------------------------------------------------------- */

static const char *name_at(const struct choice *choice, uint32_t at)
{
    return names_at(&choice->names, at);
}

static int add_name(struct choice *choice, const char *name, uint32_t *ret)
{
    return names_add(&choice->names, name, ret);
}

/* As add_name, but for one that stands among the last few: the id of a session, or of the one that is
 * counted in its place. */
static int session_name(struct choice *choice, const char *id, uint32_t *ret)
{
    for (size_t i = choice->n; i > 0 && choice->n - i < NEAR; i--) {
        const struct span *span = &choice->spans[i - 1];
        if (strcmp(name_at(choice, span->id), id) == 0)
            *ret = span->id;
        else if (strcmp(name_at(choice, span->instead), id) == 0)
            *ret = span->instead;
        else
            continue;
        return 0;
    }
    return add_name(choice, id, ret);
}

int choice_new(struct choice **ret)
{
    _cleanup_(choice_freep) struct choice *choice = calloc(1, sizeof(*choice));
    uint32_t none;
    int r = choice ? add_name(choice, "", &none) : -ENOMEM;

    if (r < 0)
        return r;
    *ret = TAKE_PTR(choice);
    return 0;
}

/* Runners are few: the one before had the same, most of the time. */
static int runner_name(struct choice *choice, const char *runner, uint32_t *ret)
{
    for (size_t i = choice->n; i > 0; i--)
        if (strcmp(name_at(choice, choice->spans[i - 1].runner), runner) == 0) {
            *ret = choice->spans[i - 1].runner;
            return 0;
        }
    return add_name(choice, runner, ret);
}

/* ---- sessions -------------------------------------------------------------------------------- */

static size_t find(const struct choice *choice, const char *id)
{
    size_t i = 0;

    while (i < choice->n && strcmp(name_at(choice, choice->spans[i].id), id) != 0)
        i++;
    return i;
}

static void forget_changes(struct choice *choice)
{
    free(choice->changes);
    choice->changes = NULL;
    choice->n_changes = 0;
}

/* What was noted before belongs to something else. */
static void forget_if_over(struct choice *choice)
{
    if (!choice->noting)
        forget_changes(choice);
}

/* Before it is changed. */
static int note(struct choice *choice, const struct span *span, bool known)
{
    struct change *change = choice->noting ? ARRAY_ADD(choice->changes, choice->n_changes) : NULL;

    if (change)
        *change = (struct change){ *span, known };
    return change || !choice->noting ? 0 : -ENOMEM;
}

static void drop(struct choice *choice, size_t i)
{
    choice->spans[i] = choice->spans[--choice->n];
}

static int make_room_for_span(struct choice *choice)
{
    size_t room = choice->room + choice->room / 4 + 32;
    struct span *grown;

    if (choice->n < choice->room)
        return 0;
    grown = reallocarray(choice->spans, room, sizeof(*grown));
    if (!grown)
        return -ENOMEM;
    choice->spans = grown;
    choice->room = room;
    return 0;
}

static int append(struct choice *choice, const struct store_session *row)
{
    struct span span = { 0 };
    int r = make_room_for_span(choice);

    if (r >= 0)
        r = runner_name(choice, row->session.runner, &span.runner);
    if (r >= 0)
        r = session_name(choice, row->session.id, &span.id);
    if (r >= 0)
        r = note(choice, &span, false);
    if (r < 0)
        return r;
    span_describe(&span, row);
    choice->spans[choice->n++] = span;
    return 0;
}

/* Can it be the same run as another: it is over, was somebody's, and we know when. */
static bool can_count(const struct store_session *row)
{
    const struct payload_session *s = &row->session;

    return !store_session_is_untimed(row) && s->state == SESSION_ENDED && s->runner[0] &&
           s->start_usec > 0 && s->end_usec > s->start_usec;
}

int choice_put(struct choice *choice, const struct store_session *session)
{
    size_t i = find(choice, session->session.id);
    int r;

    forget_if_over(choice);
    r = gone_note(&choice->gone, session);
    if (r >= 0 && i < choice->n)
        r = note(choice, &choice->spans[i], true);
    if (r < 0)
        return r;
    if (!can_count(session)) {
        if (i < choice->n)
            drop(choice, i);
        return 0;
    }
    if (i == choice->n)
        return append(choice, session);
    r = runner_name(choice, session->session.runner, &choice->spans[i].runner);
    if (r >= 0)
        span_describe(&choice->spans[i], session);
    return r;
}

/* Ids of the store's rows are all different: of ten years' none is looked for. */
int choice_load(struct choice *choice, const struct store_session *session)
{
    int r;

    if (!can_count(session))
        return store_session_is_deleted(session) ? gone_note(&choice->gone, session) : 0;
    r = append(choice, session);
    if (r < 0 || !session->instead[0])
        return r;
    return session_name(choice, session->instead, &choice->spans[choice->n - 1].instead);
}

const char *choice_instead(const struct choice *choice, const char *id)
{
    size_t i = find(choice, id);

    return i < choice->n ? name_at(choice, choice->spans[i].instead) : "";
}

const char *choice_runner(const struct choice *choice, const char *id)
{
    size_t i = find(choice, id);

    return i < choice->n ? name_at(choice, choice->spans[i].runner) : "";
}

/* ---- taken back ------------------------------------------------------------------------------ */

void choice_begin(struct choice *choice)
{
    forget_changes(choice);
    choice->noting = true;
}

void choice_end(struct choice *choice)
{
    choice->noting = false;
}

/* There is room: none of them is more than there were. */
static void take_back(struct choice *choice, const struct change *change)
{
    size_t i = find(choice, name_at(choice, change->was.id));

    if (!change->known && i < choice->n)
        drop(choice, i);
    else if (change->known && (i < choice->n || make_room_for_span(choice) >= 0))
        choice->spans[i] = change->was;
    choice->n += change->known && i == choice->n;
}

void choice_undo(struct choice *choice)
{
    choice->noting = false;
    while (choice->n_changes > 0)
        take_back(choice, &choice->changes[--choice->n_changes]);
    forget_changes(choice);
}

void choice_keep(struct choice *choice)
{
    forget_changes(choice);
}

/* ---- those of one file ------------------------------------------------------------------------- */

/* The first from i on, as result.c names them; choice->n: there is none. */
static size_t next_of_file(const struct choice *choice, const char *hash, size_t i)
{
    char part[16];

    snprintf(part, sizeof(part), "-%.12s-", hash);
    while (i < choice->n && !strstr(name_at(choice, choice->spans[i].id), part))
        i++;
    return i;
}

const char *choice_of_file(const struct choice *choice, const char *hash)
{
    size_t i = next_of_file(choice, hash, 0);

    return i < choice->n ? name_at(choice, choice->spans[i].id) : "";
}

size_t choice_rows_of_file(const struct choice *choice, const char *hash, const char *runner,
                           struct store_session ret[], size_t max)
{
    size_t n = 0;

    for (size_t i = 0; (i = next_of_file(choice, hash, i)) < choice->n && n < max; i++) {
        const struct span *span = &choice->spans[i];
        struct payload_session *s = &ret[n].session;

        if (strcmp(name_at(choice, span->runner), runner) != 0)
            continue;
        store_session_init(&ret[n++]);
        s->state = SESSION_ENDED;
        s->start_usec = span->start_usec;
        s->end_usec = span->end_usec;
        snprintf(s->id, sizeof(s->id), "%s", name_at(choice, span->id));
        snprintf(s->runner, sizeof(s->runner), "%s", runner);
        snprintf(ret[n - 1].file, sizeof(ret[n - 1].file), "%s", hash);
    }
    return n + gone_of_file(&choice->gone, hash, runner, ret + n, max - n);
}

size_t choice_displaced(const struct choice *choice, const char *hash, const char *ret[],
                        size_t max)
{
    size_t n = 0;

    for (size_t i = 0; (i = next_of_file(choice, hash, i)) < choice->n && n < max; i++)
        if (choice->spans[i].instead != NONE)
            ret[n++] = name_at(choice, choice->spans[i].instead);
    return n;
}

size_t choice_standing(const struct choice *choice, const char *hash)
{
    size_t n = 0;

    for (size_t i = 0; (i = next_of_file(choice, hash, i)) < choice->n; i++)
        n += choice->spans[i].instead == NONE;
    return n;
}

/* ---- choosing -------------------------------------------------------------------------------- */

/* Indexes of the runner's sessions that meet the time; it grows to what they take. */
static size_t gather(const struct choice *choice, const char *runner, int64_t *from, int64_t *until,
                     size_t ret[CHOICE_CHANGES_MAX])
{
    size_t n = 0;

    for (size_t i = 0; i < choice->n && n < CHOICE_CHANGES_MAX; i++) {
        const struct span *span = &choice->spans[i];
        if (span->start_usec >= *until || span->end_usec <= *from ||
            strcmp(name_at(choice, span->runner), runner) != 0)
            continue;
        *from = span->start_usec < *from ? span->start_usec : *from;
        *until = span->end_usec > *until ? span->end_usec : *until;
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

/* A watch's file may be there before the session ends: until then it alone is counted. */
bool choice_has(const struct choice *choice, const struct store_session *open)
{
    const struct payload_session *s = &open->session;
    struct duplicate_session other, its = { .start_usec = s->start_usec };

    its.end_usec = s->start_usec + (s->elapsed_s > 0 ? (int64_t)(1e6 * s->elapsed_s) : 0);
    for (size_t i = 0; i < choice->n; i++) {
        other = span_as_duplicate(&choice->spans[i], name_at(choice, choice->spans[i].id));
        if (choice->spans[i].instead == NONE && duplicate_is_same(&other, &its) &&
            strcmp(name_at(choice, choice->spans[i].runner), s->runner) == 0)
            return true;
    }
    return false;
}

size_t choice_decide(struct choice *choice, const char *runner, int64_t from_usec,
                     int64_t until_usec, struct store_choice ret[CHOICE_CHANGES_MAX])
{
    size_t at[CHOICE_CHANGES_MAX], chosen[CHOICE_CHANGES_MAX], n_changed = 0;
    struct duplicate_session sessions[CHOICE_CHANGES_MAX] = { 0 };
    size_t n = gather_stretch(choice, runner, from_usec, until_usec, at);

    forget_if_over(choice);
    for (size_t i = 0; i < n; i++)
        sessions[i] =
            span_as_duplicate(&choice->spans[at[i]], name_at(choice, choice->spans[at[i]].id));
    duplicate_choose(sessions, n, chosen);
    for (size_t i = 0; i < n; i++) {
        struct span *span = &choice->spans[at[i]];
        uint32_t instead = chosen[i] == i ? NONE : choice->spans[at[chosen[i]]].id;
        if (strcmp(name_at(choice, span->instead), name_at(choice, instead)) == 0 ||
            note(choice, span, true) < 0)
            continue;
        span->instead = instead;
        struct store_choice *change = &ret[n_changed++];
        snprintf(change->id, sizeof(change->id), "%s", name_at(choice, span->id));
        snprintf(change->runner, sizeof(change->runner), "%s", runner);
        snprintf(change->instead, sizeof(change->instead), "%s", name_at(choice, instead));
    }
    return n_changed;
}

size_t choice_decide_for(struct choice *choice, const char *before,
                         const struct payload_session *session,
                         struct store_choice ret[CHOICE_CHANGES_MAX])
{
    struct store_choice more[CHOICE_CHANGES_MAX];
    size_t n_more = 0,
           n = choice_decide(choice, session->runner, session->start_usec, session->end_usec, ret);

    if (before[0] && strcmp(before, session->runner) != 0)
        n_more = choice_decide(choice, before, session->start_usec, session->end_usec, more);
    for (size_t i = 0; i < n_more && n < CHOICE_CHANGES_MAX; i++)
        ret[n++] = more[i];
    return n;
}

/* ---- two of the same run ----------------------------------------------------------------------- */

static int by_start(const void *a, const void *b)
{
    const struct span *const *x = a, *const *y = b;

    return ((*x)->start_usec > (*y)->start_usec) - ((*x)->start_usec < (*y)->start_usec);
}

static bool both_count(const struct choice *choice, const struct span *a, const struct span *b)
{
    struct duplicate_session one = span_as_duplicate(a, name_at(choice, a->id));
    struct duplicate_session other = span_as_duplicate(b, name_at(choice, b->id));

    return a->instead == NONE && b->instead == NONE && duplicate_is_same(&one, &other) &&
           strcmp(name_at(choice, a->runner), name_at(choice, b->runner)) == 0;
}

static uint64_t key_of(const struct choice *choice, uint32_t id, uint32_t runner)
{
    return digest_word(digest_word(DIGEST_OF_NOTHING, name_at(choice, id)),
                       name_at(choice, runner));
}

/* All that count. */
static int note_counting(const struct choice *choice, struct keys *ret)
{
    int r = 0;

    keys_gather(ret);
    for (size_t i = 0; i < choice->n && r >= 0; i++)
        if (choice->spans[i].instead == NONE)
            r = keys_add(ret, key_of(choice, choice->spans[i].id, choice->spans[i].runner));
    keys_order(ret);
    return r;
}

/* In its place nobody counts: who did is gone, another's, or displaced as well. */
static bool is_alone(const struct choice *choice, const struct span *span,
                     const struct keys *counting)
{
    return span->instead != NONE &&
           !keys_has(counting, key_of(choice, span->instead, span->runner));
}

static size_t decide_twins_of(struct choice *choice, struct span *const *sorted, size_t n,
                              const struct keys *counting, struct store_choice *ret)
{
    const struct span *span = sorted[0];

    if (is_alone(choice, span, counting))
        return choice_decide(choice, name_at(choice, span->runner), span->start_usec,
                             span->end_usec, ret);
    for (size_t i = 1; i < n && sorted[i]->start_usec < span->end_usec; i++)
        if (both_count(choice, span, sorted[i]))
            return choice_decide(choice, name_at(choice, span->runner), span->start_usec,
                                 span->end_usec, ret);
    return 0;
}

static size_t decide_all_twins(struct choice *choice, const struct keys *counting,
                               struct store_choice ret[CHOICE_CHANGES_MAX])
{
    _cleanup_free_ struct span **sorted = reallocarray(NULL, choice->n + 1, sizeof(*sorted));
    struct store_choice more[CHOICE_CHANGES_MAX];
    size_t n = 0;

    for (size_t i = 0; sorted && i < choice->n; i++)
        sorted[i] = &choice->spans[i];
    if (sorted && choice->n > 1)
        qsort(sorted, choice->n, sizeof(struct span *), by_start);
    for (size_t i = 0; sorted && i < choice->n && n < CHOICE_CHANGES_MAX; i++) {
        size_t n_more = decide_twins_of(choice, sorted + i, choice->n - i, counting, more);
        for (size_t k = 0; k < n_more && n < CHOICE_CHANGES_MAX; k++)
            ret[n++] = more[k];
    }
    return n;
}

size_t choice_decide_twins(struct choice *choice, struct store_choice ret[CHOICE_CHANGES_MAX])
{
    struct keys counting = { 0 };
    size_t n = 0;

    if (note_counting(choice, &counting) >= 0)
        n = decide_all_twins(choice, &counting, ret);
    keys_free(&counting);
    return n;
}
