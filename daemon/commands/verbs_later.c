/* SPDX-License-Identifier: MIT */
/* Verbs whose answer comes when something else is through: the air was listened to, a file was read. */
#include "daemon/commands/verbs_private.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include "daemon/clock.h"
#include "daemon/util.h"

#define HEARD_MAX 128

/* ---- scan ------------------------------------------------------------------------------------- */

static json_t *heard_json(const struct conf *conf, const struct sensors_heard *heard)
{
    return json_pack("{s:s, s:s, s:s, s:o, s:s?, s:b}", "address", heard->address, "name",
                     heard->name, "services", heard->services, "signal_dbm",
                     isnan(heard->signal_dbm) ? json_null() : json_real(heard->signal_dbm),
                     "sensor", heard->sensor >= 0 ? conf->sensors[heard->sensor].name : NULL,
                     "connected", heard->connected);
}

struct scan {
    const struct verbs *verbs;
    struct command_answer *answer;
};

static void on_scanned(void *userdata, int error)
{
    struct scan *scan = userdata;
    _cleanup_free_ struct sensors_heard *heard = calloc(HEARD_MAX, sizeof(*heard));
    json_t *list = json_array();
    size_t n = heard ? sensors_heard(scan->verbs->sensors, heard, HEARD_MAX) : 0;

    if (error < 0) {
        verbs_fail(scan->answer, "unavailable", NULL,
                   "Listening is not possible now: see problems in status", NULL);
        json_decref(list);
    } else {
        for (size_t i = 0; i < n; i++)
            json_array_append_new(list, heard_json(scan->verbs->conf, &heard[i]));
        command_answer_data(scan->answer, json_pack("{s:o}", "devices", list));
    }
    free(scan);
}

void verbs_run_scan(void *context, const json_t *arguments, struct command_answer *answer)
{
    const struct verbs *verbs = context;
    struct scan *scan = calloc(1, sizeof(*scan));
    int r = -ENOMEM;

    if (scan) {
        *scan = (struct scan){ .verbs = verbs, .answer = answer };
        r = sensors_scan(verbs->sensors, (uint64_t)verbs_number(arguments, "seconds", 10) * 1000000,
                         on_scanned, scan);
    }
    if (r >= 0)
        return;
    free(scan);
    if (r == -EBUSY)
        verbs_fail(answer, "busy", NULL, "Somebody is listening already", NULL);
    else
        verbs_fail(answer, "unavailable", NULL,
                   "Listening is not possible now: see problems in status", NULL);
}

/* ---- route ------------------------------------------------------------------------------------ */

struct ask {
    const struct verbs *verbs;
    struct command_answer *answer;
    char runner[CONF_ID_MAX], file[ROUTE_NAME_MAX];
};

/* way NULL: none any more. */
static void follow(const struct ask *ask, const struct way *way)
{
    const struct conf *conf = ask->verbs->conf; /* it may be another than when it was asked */
    size_t runner = conf_find_runner(conf, ask->runner);

    if (runner == conf->n_runners ||
        sessions_route(ask->verbs->sessions, clock_now_usec(), runner, way ? way->places : NULL,
                       way ? way->n : 0) != TRACKER_OK)
        verbs_fail(ask->answer, "not_found", "runner", "No session of this runner is open", NULL);
    else
        command_answer_data(
            ask->answer,
            json_pack("{s:s, s:s?, s:o}", "runner", ask->runner, "file", way ? ask->file : NULL,
                      "length_m", way ? json_real(round(way->length_m * 10) / 10) : json_null()));
}

static void on_way(void *userdata, const struct route_answer *answer)
{
    struct ask *ask = userdata;

    if (answer->way)
        follow(ask, answer->way);
    else
        verbs_fail(ask->answer, answer->code, answer->argument, answer->message, answer->allowed);
    free(ask);
}

static void read_way(const struct ask *asked)
{
    struct ask *ask = malloc(sizeof(*ask));
    int r = -ENOMEM;

    if (ask) {
        *ask = *asked;
        r = import_route(ask->verbs->import, ask->runner, ask->file, on_way, ask);
    }
    if (r >= 0)
        return;
    free(ask);
    if (r == -EBUSY)
        verbs_fail(asked->answer, "busy", NULL, "Another route is being read: try again", NULL);
    else if (r == -ENOENT)
        verbs_fail(asked->answer, "unavailable", "file", "There is no import folder to look in",
                   "Folder= in [Import]");
    else if (r == -ETIMEDOUT)
        verbs_fail(asked->answer, "unavailable", "file", "The import folder does not answer",
                   "the same again once it does");
    else
        verbs_fail(asked->answer, "unavailable", "file", "No route can be read now", NULL);
}

void verbs_run_route(void *context, const json_t *arguments, struct command_answer *answer)
{
    const struct verbs *verbs = context;
    const char *name = verbs_text(arguments, "file");
    struct ask ask = { .verbs = verbs, .answer = answer };
    size_t runner;

    if (name[0] && !import_name_is_route(name)) {
        verbs_fail(answer, "bad_argument", "file", "This is not the name of a route file",
                   "a name that ends in .gpx or .gpx.gz, without a folder");
        return;
    }
    if (!verbs_which_runner(verbs, arguments, answer, &runner))
        return;
    snprintf(ask.runner, sizeof(ask.runner), "%s", verbs->conf->runners[runner].id);
    snprintf(ask.file, sizeof(ask.file), "%s", name);
    if (name[0])
        read_way(&ask);
    else
        follow(&ask, NULL);
}
