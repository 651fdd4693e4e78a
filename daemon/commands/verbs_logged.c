/* SPDX-License-Identifier: MIT */
/* A run that nothing recorded, as its runner tells it. */
#include "daemon/commands/verbs_private.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "daemon/util.h"
#include "lib/civil.h"

struct logging {
    struct command_answer *answer;
    struct logged_run run;
};

static json_t *number(double value)
{
    return isnan(value) ? json_null() : json_real(value);
}

static json_t *text(const char *value)
{
    return value[0] ? json_string(value) : json_null();
}

static json_t *start_json(const struct logged_run *run)
{
    char text[8];

    if (run->start_min == LOGGED_NO_START)
        return json_null();
    snprintf(text, sizeof(text), "%02d:%02d", run->start_min / 60 % 24, run->start_min % 60);
    return json_string(text);
}

static json_t *day_json(const struct logged_run *run)
{
    int year, month, day;
    char text[40];

    civil_from_days(run->day, &year, &month, &day);
    snprintf(text, sizeof(text), "%04d-%02d-%02d", year, month, day);
    return json_string(text);
}

static json_t *logged_json(const struct logged_run *run, const struct correction_answer *done)
{
    return json_pack("{s:s, s:s, s:o, s:o, s:s, s:f, s:f, s:o, s:o, s:o, s:o, s:o, s:b, s:o}", "id",
                     done->id, "runner", run->runner, "day", day_json(run), "start",
                     start_json(run), "kind", run->kind == SESSION_WALK ? "walk" : "run",
                     "distance_m", run->distance_m, "moving_s", run->moving_s, "ascent_m",
                     number(run->ascent_m), "downhill_drop_m", number(run->downhill_drop_m),
                     "effort", number(done->note.effort), "surface", text(done->note.surface),
                     "shoes", text(done->note.shoes), "counts", !done->instead[0], "instead",
                     text(done->instead));
}

static void on_logged(void *userdata, const struct correction_answer *done)
{
    struct logging *logging = userdata;

    if (done->code)
        verbs_fail(logging->answer, done->code, done->argument, done->message,
                   done->allowed[0] ? done->allowed : NULL);
    else
        command_answer_data(logging->answer, logged_json(&logging->run, done));
    free(logging);
}

/* What the ranges of the table do not see: one figure beside the other. */
static bool is_possible(const struct logged_run *run, struct command_answer *answer)
{
    char allowed[64];

    if (logged_is_possible(run))
        return true;
    snprintf(allowed, sizeof(allowed), "at most %d m in each second", LOGGED_SPEED_MAX);
    if (run->distance_m > LOGGED_SPEED_MAX * run->moving_s)
        verbs_fail(answer, "bad_argument", "moving_s", "Nobody runs so far in that time", allowed);
    else
        verbs_fail(answer, "bad_argument",
                   run->ascent_m > run->distance_m ? "ascent_m" : "downhill_drop_m",
                   "It went up or down by more than it was long", "at most distance_m");
    return false;
}

static bool take_start(const json_t *arguments, struct command_answer *answer,
                       struct logged_run *ret)
{
    const char *start = verbs_text(arguments, "start");

    if (!start[0] || logged_read_time(start, &ret->start_min))
        return true;
    verbs_fail(answer, "bad_argument", "start", "This is no time of the day",
               "00:00 to 23:59, or nothing");
    return false;
}

static bool take_day(const struct verbs *verbs, const json_t *arguments,
                     struct command_answer *answer, struct logged_run *ret)
{
    static const char allowed[] = "a day from 1980-01-01 on, and a run that is over";
    enum sessions_logged dated;

    (void)civil_read_day(verbs_text(arguments, "day"),
                         &ret->day); /* the table saw that it is one */
    dated =
        ret->day < LOGGED_DAY_MIN ? SESSIONS_LOGGED_OK : sessions_date_logged(verbs->sessions, ret);
    if (dated == SESSIONS_LOGGED_E_CLOCK)
        verbs_fail(answer, "unavailable", NULL, "The date is not known", NULL);
    else if (dated == SESSIONS_LOGGED_E_FUTURE)
        verbs_fail(answer, "bad_argument", "day", "This run would not be over yet", allowed);
    else if (ret->day < LOGGED_DAY_MIN)
        verbs_fail(answer, "bad_argument", "day", "This is too long ago", allowed);
    else
        return true;
    return false;
}

static bool take(const struct verbs *verbs, const json_t *arguments, struct command_answer *answer,
                 struct logged_run *ret)
{
    size_t runner;

    if (!verbs_which_runner(verbs, arguments, answer, &runner))
        return false;
    logged_init(ret);
    snprintf(ret->runner, sizeof(ret->runner), "%s", verbs->conf->runners[runner].id);
    ret->kind = strcmp(verbs_text(arguments, "kind"), "walk") == 0 ? SESSION_WALK : SESSION_RUN;
    ret->distance_m = verbs_number(arguments, "distance_m", NAN);
    ret->moving_s = verbs_number(arguments, "moving_s", NAN);
    ret->ascent_m = verbs_number(arguments, "ascent_m", NAN);
    ret->downhill_drop_m = verbs_number(arguments, "downhill_drop_m", NAN);
    return is_possible(ret, answer) && take_start(arguments, answer, ret) &&
           take_day(verbs, arguments, answer, ret);
}

void verbs_run_log_run(void *context, const json_t *arguments, struct command_answer *answer)
{
    const struct verbs *verbs = context;
    struct correction what = { .kind = CORRECTION_LOG };
    struct logging *logging;

    if (!verbs_take_note(arguments, answer, &what.note, &what.parts) ||
        !take(verbs, arguments, answer, &what.run))
        return;
    logging = calloc(1, sizeof(*logging));
    if (!logging) {
        verbs_fail(answer, "no_memory", NULL, "Out of memory", NULL);
        return;
    }
    *logging = (struct logging){ .answer = answer, .run = what.run };
    verbs->correct(verbs->userdata, &what, on_logged, logging);
}
