/* SPDX-License-Identifier: MIT */
/* Sessions by command: an open one at once; one that is over when the disk has it. */
#include "daemon/commands/verbs_private.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "daemon/clock.h"
#include "daemon/util.h"

/* ---- one that is open -------------------------------------------------------------------------- */

static void answer_session(struct command_answer *answer, const char *what, const char *id,
                           int result)
{
    if (result == TRACKER_OK)
        command_answer_data(answer, json_pack("{s:s, s:s}", "done", what, "id", id));
    else if (result == TRACKER_E_ALREADY)
        verbs_fail(answer, "already", NULL, "A session of this runner is open already", NULL);
    else if (result == TRACKER_E_NONE)
        verbs_fail(answer, "not_found", "id", "There is no such session",
                   "an open one; for discard, assign and note also the id of one that is over");
    else if (result == SESSIONS_E_ANOTHERS)
        verbs_fail(answer, "bad_argument", "runner", "The session of this id is not of this runner",
                   "its own runner, or the id alone");
    else
        verbs_fail(answer, "busy", NULL, "Too many sessions are open", NULL);
}

/* A session named by its id may be nobody's. */
static bool which_runner(const struct verbs *verbs, const json_t *arguments,
                         struct command_answer *answer, size_t *ret)
{
    *ret = TRACKER_NONE;
    return (verbs_text(arguments, "id")[0] && !verbs_text(arguments, "runner")[0]) ||
           verbs_which_runner(verbs, arguments, answer, ret);
}

static void start(const struct verbs *verbs, const json_t *arguments, struct command_answer *answer)
{
    char done[SESSION_ID_MAX] = "";
    size_t runner;

    if (verbs_which_runner(verbs, arguments, answer, &runner))
        answer_session(answer, "start", done,
                       sessions_start(verbs->sessions, clock_now_usec(), runner, done));
}

static void stop(const struct verbs *verbs, const json_t *arguments, struct command_answer *answer,
                 bool discard)
{
    char done[SESSION_ID_MAX] = "";
    size_t runner;

    if (which_runner(verbs, arguments, answer, &runner))
        answer_session(answer, discard ? "discard" : "stop", done,
                       sessions_stop(verbs->sessions, clock_now_usec(), runner,
                                     verbs_text(arguments, "id"), discard, done));
}

/* ---- one that may be over ---------------------------------------------------------------------- */

struct said {
    struct command_answer *answer;
    enum correction_kind kind;
    char runner[CONF_ID_MAX];
};

json_t *verbs_how_json(const struct note *note)
{
    return json_pack("{s:o, s:s?, s:s?}", "effort",
                     isnan(note->effort) ? json_null() : json_real(note->effort), "surface",
                     note->surface[0] ? note->surface : NULL, "shoes",
                     note->shoes[0] ? note->shoes : NULL);
}

json_t *verbs_note_json(const char *done, const char *id, const struct note *note)
{
    json_t *json = json_pack("{s:s, s:s}", "done", done, "id", id);
    json_t *how = verbs_how_json(note);

    json_object_update(json, how);
    json_decref(how);
    return json;
}

static void on_corrected(void *userdata, const struct correction_answer *done)
{
    struct said *said = userdata;

    if (done->code)
        verbs_fail(said->answer, done->code, done->argument, done->message,
                   done->allowed[0] ? done->allowed : NULL);
    else if (said->kind == CORRECTION_NOTE)
        command_answer_data(said->answer, verbs_note_json("note", done->id, &done->note));
    else if (said->kind == CORRECTION_ASSIGN)
        command_answer_data(said->answer, json_pack("{s:s, s:s, s:s, s:I}", "done", "assign", "id",
                                                    done->id, "runner", said->runner, "sessions",
                                                    (json_int_t)done->n_sessions));
    else
        command_answer_data(said->answer,
                            json_pack("{s:s, s:s}", "done", "discard", "id", done->id));
    free(said);
}

static void correct_with(const struct verbs *verbs, const json_t *arguments,
                         struct command_answer *answer, struct correction what, size_t runner)
{
    struct said *said = calloc(1, sizeof(*said));

    if (!said) {
        verbs_fail(answer, "no_memory", NULL, "Out of memory", NULL);
        return;
    }
    snprintf(what.id, sizeof(what.id), "%s", verbs_text(arguments, "id"));
    if (runner != TRACKER_NONE)
        snprintf(what.runner, sizeof(what.runner), "%s", verbs->conf->runners[runner].id);
    *said = (struct said){ .answer = answer, .kind = what.kind };
    memcpy(said->runner, what.runner, sizeof(said->runner));
    verbs->correct(verbs->userdata, &what, on_corrected, said);
}

static void correct(const struct verbs *verbs, const json_t *arguments,
                    struct command_answer *answer, enum correction_kind kind, size_t runner)
{
    correct_with(verbs, arguments, answer, (struct correction){ .kind = kind }, runner);
}

static void discard(const struct verbs *verbs, const json_t *arguments,
                    struct command_answer *answer)
{
    size_t runner;

    if (!verbs_text(arguments, "id")[0])
        stop(verbs, arguments, answer, true);
    else if (which_runner(verbs, arguments, answer, &runner))
        correct(verbs, arguments, answer, CORRECTION_DISCARD, runner);
}

static void assign(const struct verbs *verbs, const json_t *arguments,
                   struct command_answer *answer)
{
    size_t runner;

    if (!verbs_text(arguments, "id")[0])
        verbs_fail(answer, "missing_argument", "id", "Which session is to be given to a runner?",
                   "the id of one that is over");
    else if (verbs_which_runner(verbs, arguments, answer, &runner))
        correct(verbs, arguments, answer, CORRECTION_ASSIGN, runner);
}

/* ---- how it was -------------------------------------------------------------------------------- */

static unsigned part_given(const json_t *arguments, const char *name, unsigned part)
{
    return json_object_get(arguments, name) ? part : 0;
}

bool verbs_take_note(const json_t *arguments, struct command_answer *answer, struct note *ret,
                     unsigned *ret_parts)
{
    note_init(ret);
    ret->effort = verbs_number(arguments, "effort", NAN);
    snprintf(ret->surface, sizeof(ret->surface), "%s", verbs_text(arguments, "surface"));
    snprintf(ret->shoes, sizeof(ret->shoes), "%s", verbs_text(arguments, "shoes"));
    *ret_parts = part_given(arguments, "effort", NOTE_EFFORT) |
                 part_given(arguments, "surface", NOTE_SURFACE) |
                 part_given(arguments, "shoes", NOTE_SHOES);
    if (note_is_valid(ret))
        return true;
    if (!isnan(ret->effort) && floor(2 * ret->effort) != 2 * ret->effort)
        verbs_fail(answer, "bad_argument", "effort", "The effort is whole or half",
                   "0, 0.5, 1 and so on up to 10, or null");
    else
        verbs_fail(answer, "bad_argument", "shoes", "The shoes have a character that is no text",
                   "text on one line");
    return false;
}

static void note(const struct verbs *verbs, const json_t *arguments, struct command_answer *answer)
{
    struct correction what = { .kind = CORRECTION_NOTE };
    size_t runner;

    if (!verbs_take_note(arguments, answer, &what.note, &what.parts))
        return;
    if (!what.parts)
        verbs_fail(answer, "missing_argument", "effort", "What is to be noted of it?",
                   "effort, surface or shoes");
    else if (which_runner(verbs, arguments, answer, &runner))
        correct_with(verbs, arguments, answer, what, runner);
}

void verbs_run_session(void *context, const json_t *arguments, struct command_answer *answer)
{
    const struct verbs *verbs = context;
    const char *what = verbs_text(arguments, "do");

    if (strcmp(what, "start") == 0)
        start(verbs, arguments, answer);
    else if (strcmp(what, "discard") == 0)
        discard(verbs, arguments, answer);
    else if (strcmp(what, "assign") == 0)
        assign(verbs, arguments, answer);
    else if (strcmp(what, "note") == 0)
        note(verbs, arguments, answer);
    else
        stop(verbs, arguments, answer, false);
}
