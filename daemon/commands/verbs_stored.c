/* SPDX-License-Identifier: MIT */
/*
 * What is stored, to be seen and to be taken away. It is read on the worker: the answer comes later.
 * Over MQTT it holds no more than the topics do: nobody's sessions are not told of there, nor what is
 * made of the heart of a runner who keeps it, or is configured no more.
 */
#include "daemon/commands/verbs_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/broker/privacy.h"
#include "daemon/clock.h"
#include "daemon/render.h"
#include "daemon/util.h"

#define LIMIT_UNLESS_SAID 20
#define IN_MEMORY_MAX     256

static bool is_public(const struct command_answer *answer)
{
    return command_answer_door(answer) == COMMAND_DOOR_MQTT;
}

static bool hides_heart(const struct conf *conf, const char *runner, bool public)
{
    const struct conf_runner *who = conf_runner_of(conf, runner);

    return public && (!who || !who->publish_heart_rate);
}

static void fail_as(struct command_answer *answer, const struct archived *told)
{
    verbs_fail(answer, told->code, told->argument, told->message,
               told->allowed[0] ? told->allowed : NULL);
}

/* ---- sessions: those in memory ----------------------------------------------------------------- */

struct listing {
    const struct verbs *verbs;
    struct command_answer *answer;
    bool public; /* its door is */
    char runner[CONF_ID_MAX];
    json_t *
        sessions; /* those in memory, of when it was asked: what ends later has a row, and stands there too */
    bool more;
};

static json_t *session_json(const struct listing *listing, const struct payload_session *stored)
{
    struct payload_session session = *stored;

    if (hides_heart(listing->verbs->conf, session.runner, listing->public))
        privacy_hide_session(&session);
    if (!session_kind_name(session.kind))
        session.kind = SESSION_OTHER;
    contract_clear_refused(CONTRACT_SESSION, &session); /* a file says what it likes */
    return verbs_payload_json(CONTRACT_SESSION, &session);
}

static bool is_wanted(const struct archived_question *question,
                      const struct payload_session *session)
{
    if (question->runner[0] && strcmp(question->runner, session->runner) != 0)
        return false;
    if (question->not_nobodys && !session->runner[0])
        return false;
    if ((question->from[0] || question->to[0]) && !session->day[0])
        return false;
    return (!question->from[0] || strcmp(session->day, question->from) >= 0) &&
           (!question->to[0] || strcmp(session->day, question->to) <= 0);
}

static size_t gather(const struct verbs *verbs, const struct archived_question *question,
                     struct payload_session *ret)
{
    size_t n = 0;

    for (size_t slot = 0; slot < TRACKER_SLOTS_MAX && n < IN_MEMORY_MAX; slot++)
        n += sessions_summary(verbs->sessions, slot, clock_now_usec(), &ret[n]) &&
             is_wanted(question, &ret[n]);
    for (size_t i = 0; n < IN_MEMORY_MAX && sessions_waiting(verbs->sessions, i, &ret[n]); i++)
        n += is_wanted(question, &ret[n]);
    return n;
}

/* By their ids, which begin with when they did. */
static int compare_newest(const void *a, const void *b)
{
    const struct payload_session *one = a, *other = b;

    return strcmp(other->id, one->id);
}

static size_t place_behind(const struct payload_session *sessions, size_t n, const char *id)
{
    for (size_t i = 0; id[0] && i < n; i++)
        if (strcmp(sessions[i].id, id) == 0)
            return i + 1;
    return id[0] ? n : 0;
}

/* Those in memory come first: they are the newest. What is left of the limit is for those of the disk. */
static bool take_in_memory(struct listing *listing, struct archived_question *question)
{
    _cleanup_free_ struct payload_session *sessions = calloc(IN_MEMORY_MAX, sizeof(*sessions));
    size_t n = sessions ? gather(listing->verbs, question, sessions) : 0, i;

    if (!sessions)
        return false;
    qsort(sessions, n, sizeof(*sessions), compare_newest);
    i = place_behind(sessions, n, question->id);
    if (question->id[0] && i > 0 && strcmp(sessions[i - 1].id, question->id) == 0)
        question->id[0] = '\0'; /* all that is stored is behind it */
    for (; i < n && question->limit > 0; i++, question->limit--)
        json_array_append_new(listing->sessions, session_json(listing, &sessions[i]));
    listing->more = i < n;
    return true;
}

/* ---- sessions ---------------------------------------------------------------------------------- */

static void free_listing(struct listing *listing)
{
    json_decref(listing->sessions);
    free(listing);
}

/* Which of them are told twice, as a file and a recording of one run, and what counts in their place. */
static json_t *instead_json(const struct archived *told)
{
    json_t *map = json_object();

    for (size_t i = 0; i < told->n_sessions; i++)
        if (told->sessions[i].instead[0])
            json_object_set_new(map, told->sessions[i].session.id,
                                json_string(told->sessions[i].instead));
    return map;
}

/* What was said of how they were, of those of which something was. */
static json_t *notes_json(const struct archived *told)
{
    json_t *map = json_object();

    for (size_t i = 0; i < told->n_sessions; i++)
        if (!note_is_empty(&told->sessions[i].note))
            json_object_set_new(map, told->sessions[i].session.id,
                                verbs_how_json(&told->sessions[i].note));
    return map;
}

static void on_listed(void *userdata, const struct archived *told)
{
    struct listing *listing = userdata;
    const struct conf *conf = listing->verbs->conf;

    for (size_t i = 0; !told->code && i < told->n_sessions; i++)
        json_array_append_new(listing->sessions, session_json(listing, &told->sessions[i].session));
    if (told->code)
        fail_as(listing->answer, told);
    else
        command_answer_data(listing->answer,
                            json_pack("{s:s?, s:s, s:O, s:o, s:o, s:b}", "runner",
                                      listing->runner[0] ? listing->runner : NULL, "units",
                                      conf->units == CONF_UNITS_IMPERIAL ? "imperial" : "metric",
                                      "sessions", listing->sessions, "instead", instead_json(told),
                                      "notes", notes_json(told), "more",
                                      listing->more || told->more));
    free_listing(listing);
}

static void list(const struct verbs *verbs, struct archived_question *question,
                 struct command_answer *answer)
{
    struct listing *listing = calloc(1, sizeof(*listing));

    if (listing) {
        *listing = (struct listing){
            .verbs = verbs, .answer = answer, .public = is_public(answer), .sessions = json_array()
        };
        memcpy(listing->runner, question->runner, sizeof(listing->runner));
    }
    if (listing && take_in_memory(listing, question)) {
        verbs->stored(verbs->userdata, question, on_listed, listing);
        return;
    }
    if (listing)
        free_listing(listing);
    verbs_fail(answer, "no_memory", NULL, "Out of memory", NULL);
}

void verbs_run_sessions(void *context, const json_t *arguments, struct command_answer *answer)
{
    const struct verbs *verbs = context;
    struct archived_question question = { .what = ARCHIVED_LIST, .not_nobodys = is_public(answer) };
    size_t runner;

    if (verbs_text(arguments, "runner")[0] &&
        !verbs_which_runner(verbs, arguments, answer, &runner))
        return;
    question.limit = (size_t)verbs_number(arguments, "limit", LIMIT_UNLESS_SAID);
    snprintf(question.runner, sizeof(question.runner), "%s", verbs_text(arguments, "runner"));
    snprintf(question.from, sizeof(question.from), "%s", verbs_text(arguments, "from"));
    snprintf(question.to, sizeof(question.to), "%s", verbs_text(arguments, "to"));
    snprintf(question.id, sizeof(question.id), "%s", verbs_text(arguments, "before"));
    list(verbs, &question, answer);
}

/* ---- export ------------------------------------------------------------------------------------ */

static void on_part(void *userdata, const struct archived *told)
{
    struct command_answer *answer = userdata;

    if (told->code)
        fail_as(answer, told);
    else
        command_answer_data(
            answer, json_pack("{s:s, s:s, s:s, s:s, s:s?, s:o}", "format", told->format, "name",
                              told->name, "encoding", told->base64 ? "base64" : "text", "part",
                              told->text, "next", told->next[0] ? told->next : NULL, "done_of",
                              told->of < 0 ? json_null()
                                           : json_pack("[I, I]", (json_int_t)told->n,
                                                       (json_int_t)told->of)));
}

static const struct {
    const char *word;
    enum archived_what what;
    const char *formats; /* of it; the first unless said */
    bool days;           /* may be bounded by them */
} exports[] = {
    { "session", ARCHIVED_SESSION, "fit", false },
    { "sessions", ARCHIVED_SESSIONS, "csv | json", true },
    { "days", ARCHIVED_DAYS, "csv | json", true },
    { "everything", ARCHIVED_EVERYTHING, "json", false },
};

/* NULL: it goes together; else the argument that does not, and what it could be. */
static const char *misfit(size_t i, const json_t *arguments, const char **ret_allowed)
{
    const char *format = verbs_text(arguments, "format");
    bool days = verbs_text(arguments, "from")[0] || verbs_text(arguments, "to")[0];

    *ret_allowed = exports[i].formats;
    if (format[0] && !strstr(exports[i].formats, format))
        return "format";
    *ret_allowed = "with what=session alone";
    if (verbs_text(arguments, "id")[0] && exports[i].what != ARCHIVED_SESSION)
        return "id";
    *ret_allowed = "with what=sessions, with what=days";
    if (days && !exports[i].days)
        return verbs_text(arguments, "from")[0] ? "from" : "to";
    return NULL;
}

static bool fill(const struct verbs *verbs, const json_t *arguments, struct command_answer *answer,
                 struct archived_question *question)
{
    bool given = verbs_text(arguments, "runner")[0];
    size_t runner = 0;

    if (question->what == ARCHIVED_SESSION && !question->id[0]) {
        verbs_fail(answer, "missing_argument", "id", "Which session is it to be?",
                   "the id of one that is over: stridectl sessions");
        return false;
    }
    if ((question->what != ARCHIVED_SESSION || given) &&
        !verbs_which_runner(verbs, arguments, answer, &runner))
        return false;
    if (question->what != ARCHIVED_SESSION || given)
        memcpy(question->runner, verbs->conf->runners[runner].id, sizeof(question->runner));
    return true;
}

void verbs_run_export(void *context, const json_t *arguments, struct command_answer *answer)
{
    const struct verbs *verbs = context;
    const char *format = verbs_text(arguments, "format"), *argument, *allowed;
    struct archived_question question = { .not_nobodys = is_public(answer) };
    size_t i = 0;

    while (strcmp(exports[i].word, verbs_text(arguments, "what")) != 0) /* the table knows them */
        i++;
    argument = misfit(i, arguments, &allowed);
    if (argument) {
        verbs_fail(answer, "bad_argument", argument, "This does not go with what is asked for",
                   allowed);
        return;
    }
    question.what = exports[i].what;
    question.fit = question.what == ARCHIVED_SESSION && format[0];
    question.csv = exports[i].days && strcmp(format, "json") != 0;
    snprintf(question.id, sizeof(question.id), "%s", verbs_text(arguments, "id"));
    snprintf(question.from, sizeof(question.from), "%s", verbs_text(arguments, "from"));
    snprintf(question.to, sizeof(question.to), "%s", verbs_text(arguments, "to"));
    snprintf(question.cursor, sizeof(question.cursor), "%s", verbs_text(arguments, "cursor"));
    if (!fill(verbs, arguments, answer, &question))
        return;
    question.hide_heart = question.what == ARCHIVED_SESSION /* whose it is shows when it is found */
                              ? is_public(answer)
                              : hides_heart(verbs->conf, question.runner, is_public(answer));
    verbs->stored(verbs->userdata, &question, on_part, answer);
}
