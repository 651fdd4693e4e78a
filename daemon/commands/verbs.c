/* SPDX-License-Identifier: MIT */
#include "daemon/commands/verbs.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "daemon/broker/privacy.h"
#include "daemon/clock.h"
#include "daemon/render.h"
#include "daemon/util.h"

#define HEARD_MAX 128

/* ---- what they share -------------------------------------------------------------------------- */

static void fail(struct command_answer *answer, const char *code, const char *argument,
                 const char *message, const char *allowed)
{
    struct command_error error = { .code = code, .argument = argument };

    snprintf(error.message, sizeof(error.message), "%s", message);
    snprintf(error.allowed, sizeof(error.allowed), "%s", allowed ? allowed : "");
    command_answer_error(answer, &error);
}

static const char *text(const json_t *arguments, const char *name)
{
    const char *value = json_string_value(json_object_get(arguments, name));

    return value ? value : "";
}

static double number(const json_t *arguments, const char *name, double otherwise)
{
    const json_t *value = json_object_get(arguments, name);

    return json_is_number(value) ? json_number_value(value) : otherwise;
}

static void list_runners(const struct conf *conf, char *ret, size_t size)
{
    size_t length = 0;

    snprintf(ret, size, "no runner is configured");
    for (size_t i = 0; i < conf->n_runners && length < size; i++)
        length += (size_t)snprintf(ret + length, size - length, "%s%s", i ? " | " : "",
                                   conf->runners[i].id);
}

/* The runner meant; answers the error itself when it is not clear. */
static bool which_runner(const struct verbs *verbs, const json_t *arguments,
                         struct command_answer *answer, size_t *ret)
{
    const char *name = text(arguments, "runner");
    char allowed[200];

    for (size_t i = 0; i < verbs->conf->n_runners; i++)
        if (strcmp(verbs->conf->runners[i].id, name) == 0 ||
            (!name[0] && verbs->conf->n_runners == 1)) {
            *ret = i;
            return true;
        }
    list_runners(verbs->conf, allowed, sizeof(allowed));
    if (name[0] || verbs->conf->n_runners == 0)
        fail(answer, "not_found", "runner", "There is no such runner", allowed);
    else
        fail(answer, "missing_argument", "runner", "There are several runners: say which", allowed);
    return false;
}

/* An object from a rendered payload; JSON null when there is none. */
static json_t *payload_json(enum contract_kind kind, const void *payload)
{
    _cleanup_free_ char *rendered = render_payload(kind, payload);
    json_t *json = rendered ? json_loads(rendered, 0, NULL) : NULL;

    return json ? json : json_null();
}

/* ---- status, sensors, scan -------------------------------------------------------------------- */

/* An answer may leave over MQTT: it holds no more than the topics do. */
static void hide_heart(const struct conf *conf, struct payload_session *session)
{
    for (size_t i = 0; i < conf->n_runners; i++)
        if (strcmp(conf->runners[i].id, session->runner) == 0 &&
            !conf->runners[i].publish_heart_rate)
            privacy_hide_session(session);
}

static json_t *open_sessions(const struct verbs *verbs)
{
    json_t *list = json_array();
    struct payload_session summary;

    for (size_t slot = 0; slot < TRACKER_SLOTS_MAX; slot++)
        if (sessions_summary(verbs->sessions, slot, clock_now_usec(), &summary)) {
            hide_heart(verbs->conf, &summary);
            json_array_append_new(list, payload_json(CONTRACT_SESSION, &summary));
        }
    return list;
}

static json_t *runner_names(const struct conf *conf)
{
    json_t *list = json_array();

    for (size_t i = 0; i < conf->n_runners; i++)
        json_array_append_new(list, json_string(conf->runners[i].id));
    return list;
}

static void run_status(void *context, const json_t *arguments, struct command_answer *answer)
{
    const struct verbs *verbs = context;
    _cleanup_free_ struct payload_health *health = calloc(1, sizeof(*health));

    if (!health) {
        fail(answer, "no_memory", NULL, "Out of memory", NULL);
        return;
    }
    verbs->health(verbs->userdata, health);
    command_answer_data(
        answer,
        json_pack("{s:s, s:s, s:s, s:o, s:o, s:o}", "gateway", verbs->conf->gateway, "version",
                  STRIDED_VERSION, "units", /* of a terminal: the figures here are metric */
                  verbs->conf->units == CONF_UNITS_IMPERIAL ? "imperial" : "metric", "runners",
                  runner_names(verbs->conf), "sessions", open_sessions(verbs), "health",
                  payload_json(CONTRACT_HEALTH, health)));
}

static void run_sensors(void *context, const json_t *arguments, struct command_answer *answer)
{
    const struct verbs *verbs = context;
    json_t *list = json_array();
    struct payload_sensor sensor;

    for (size_t i = 0; i < verbs->conf->n_sensors; i++) {
        verbs->sensor(verbs->userdata, i, &sensor);
        json_array_append_new(list, payload_json(CONTRACT_SENSOR, &sensor));
    }
    command_answer_data(answer, json_pack("{s:o}", "sensors", list));
}

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
        fail(scan->answer, "unavailable", NULL,
             "Listening is not possible now: see problems in status", NULL);
        json_decref(list);
    } else {
        for (size_t i = 0; i < n; i++)
            json_array_append_new(list, heard_json(scan->verbs->conf, &heard[i]));
        command_answer_data(scan->answer, json_pack("{s:o}", "devices", list));
    }
    free(scan);
}

static void run_scan(void *context, const json_t *arguments, struct command_answer *answer)
{
    const struct verbs *verbs = context;
    struct scan *scan = calloc(1, sizeof(*scan));
    int r = -ENOMEM;

    if (scan) {
        *scan = (struct scan){ .verbs = verbs, .answer = answer };
        r = sensors_scan(verbs->sensors, (uint64_t)number(arguments, "seconds", 10) * 1000000,
                         on_scanned, scan);
    }
    if (r >= 0)
        return;
    free(scan);
    if (r == -EBUSY)
        fail(answer, "busy", NULL, "Somebody is listening already", NULL);
    else
        fail(answer, "unavailable", NULL, "Listening is not possible now: see problems in status",
             NULL);
}

/* ---- session, release, incline ---------------------------------------------------------------- */

static void answer_session(struct command_answer *answer, const char *what, const char *id,
                           int result)
{
    if (result == TRACKER_OK)
        command_answer_data(answer, json_pack("{s:s, s:s}", "done", what, "id", id));
    else if (result == TRACKER_E_ALREADY)
        fail(answer, "already", NULL, "A session of this runner is open already", NULL);
    else if (result == TRACKER_E_NONE)
        fail(answer, "not_found", "id", "There is no such session",
             "an open one; for discard also the id of the one a runner ended last");
    else if (result == SESSIONS_E_ANOTHERS)
        fail(answer, "bad_argument", "runner", "The session of this id is not of this runner",
             "its own runner, or the id alone");
    else
        fail(answer, "busy", NULL, "Too many sessions are open", NULL);
}

static void run_session(void *context, const json_t *arguments, struct command_answer *answer)
{
    const struct verbs *verbs = context;
    const char *what = text(arguments, "do"), *id = text(arguments, "id");
    uint64_t now_usec = clock_now_usec();
    size_t runner = TRACKER_NONE;
    char done[SESSION_ID_MAX] = "";
    int r;

    if (strcmp(what, "start") == 0 && id[0]) {
        fail(answer, "bad_argument", "id", "A session that begins gets its id by itself",
             "only with do=stop and do=discard");
        return;
    }
    /* a session named by its id may be nobody's */
    if ((!id[0] || text(arguments, "runner")[0]) &&
        !which_runner(verbs, arguments, answer, &runner))
        return;
    if (strcmp(what, "start") == 0)
        r = sessions_start(verbs->sessions, now_usec, runner, done);
    else
        r = sessions_stop(verbs->sessions, now_usec, runner, id, strcmp(what, "discard") == 0,
                          done);
    answer_session(answer, what, done, r);
}

static void run_release(void *context, const json_t *arguments, struct command_answer *answer)
{
    const struct verbs *verbs = context;
    const char *name = text(arguments, "sensor");
    uint64_t for_usec = (uint64_t)number(arguments, "for_s", 3600) * 1000000;
    char allowed[200] = "no sensor is configured";
    size_t length = 0;
    int r;

    for (size_t i = 0; i < verbs->conf->n_sensors; i++) {
        if (strcmp(verbs->conf->sensors[i].name, name) == 0) {
            r = verbs->release(verbs->userdata, i, for_usec);
            if (r < 0)
                fail(answer, "unavailable", "sensor", "It can't be let go now", NULL);
            else
                command_answer_data(answer, json_pack("{s:s, s:I}", "sensor", name, "for_s",
                                                      (json_int_t)(for_usec / 1000000)));
            return;
        }
        if (length < sizeof(allowed))
            length += (size_t)snprintf(allowed + length, sizeof(allowed) - length, "%s%s",
                                       i ? " | " : "", verbs->conf->sensors[i].name);
    }
    fail(answer, "not_found", "sensor", "There is no such sensor", allowed);
}

static void run_incline(void *context, const json_t *arguments, struct command_answer *answer)
{
    const struct verbs *verbs = context;
    double percent = number(arguments, "percent", NAN);
    size_t runner;

    if (!which_runner(verbs, arguments, answer, &runner))
        return;
    if (sessions_incline(verbs->sessions, clock_now_usec(), runner, percent) != TRACKER_OK)
        fail(answer, "not_found", "runner", "No session of this runner is open", NULL);
    else
        command_answer_data(answer, json_pack("{s:s, s:o}", "runner",
                                              verbs->conf->runners[runner].id, "percent",
                                              isnan(percent) ? json_null() : json_real(percent)));
}

/* ---- route ------------------------------------------------------------------------------------ */

struct ask {
    const struct verbs *verbs;
    struct command_answer *answer;
    char runner[CONF_ID_MAX], file[ROUTE_NAME_MAX];
};

static size_t find_runner(const struct conf *conf, const char *id)
{
    for (size_t i = 0; i < conf->n_runners; i++)
        if (strcmp(conf->runners[i].id, id) == 0)
            return i;
    return TRACKER_NONE;
}

/* way NULL: none any more. */
static void follow(const struct ask *ask, const struct way *way)
{
    size_t runner = find_runner(ask->verbs->conf, ask->runner); /* the config may be another */

    if (runner == TRACKER_NONE ||
        sessions_route(ask->verbs->sessions, clock_now_usec(), runner, way ? way->places : NULL,
                       way ? way->n : 0) != TRACKER_OK)
        fail(ask->answer, "not_found", "runner", "No session of this runner is open", NULL);
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
        fail(ask->answer, answer->code, answer->argument, answer->message, answer->allowed);
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
        fail(asked->answer, "busy", NULL, "Another route is being read: try again", NULL);
    else if (r == -ENOENT)
        fail(asked->answer, "unavailable", "file", "There is no import folder to look in",
             "Folder= in [Import]");
    else
        fail(asked->answer, "unavailable", "file", "No route can be read now", NULL);
}

static void run_route(void *context, const json_t *arguments, struct command_answer *answer)
{
    const struct verbs *verbs = context;
    const char *name = text(arguments, "file");
    struct ask ask = { .verbs = verbs, .answer = answer };
    size_t runner;

    if (name[0] && !import_name_is_route(name)) {
        fail(answer, "bad_argument", "file", "This is not the name of a route file",
             "a name that ends in .gpx or .gpx.gz, without a folder");
        return;
    }
    if (!which_runner(verbs, arguments, answer, &runner))
        return;
    snprintf(ask.runner, sizeof(ask.runner), "%s", verbs->conf->runners[runner].id);
    snprintf(ask.file, sizeof(ask.file), "%s", name);
    if (name[0])
        read_way(&ask);
    else
        follow(&ask, NULL);
}

/* ---- load ------------------------------------------------------------------------------------- */

static json_t *whole(double value)
{
    return isfinite(value) ? json_integer(llround(value)) : json_null();
}

static json_t *hundredths(double value)
{
    return isfinite(value) ? json_real(round(value * 100) / 100) : json_null();
}

/* An answer may leave over MQTT: what is made of heart rate is hidden as it is in the topics. */
static json_t *load_json(const struct conf_runner *runner, const char *day, const struct load *load)
{
    bool heart = runner->publish_heart_rate;

    return json_pack("{s:s, s:s, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s}", "runner",
                     runner->id, "day", day, "days", load->days, "without_heart_load",
                     whole(heart ? load->without_heart_load : NAN), "fitness",
                     whole(heart ? load->fitness : NAN), "fatigue",
                     whole(heart ? load->fatigue : NAN), "form", whole(heart ? load->form : NAN),
                     "monotony", hundredths(heart ? load->monotony : NAN), "strain",
                     whole(heart ? load->strain : NAN), "acwr_coupled", hundredths(load->coupled),
                     "acwr_uncoupled", hundredths(load->uncoupled), "acwr_ewma",
                     hundredths(load->ewma), "about", LOAD_ABOUT);
}

static void run_load(void *context, const json_t *arguments, struct command_answer *answer)
{
    const struct verbs *verbs = context;
    struct load load;
    char day[11] = "";
    size_t runner;

    if (!which_runner(verbs, arguments, answer, &runner))
        return;
    if (!training_load(verbs->training, runner, &load, day)) {
        fail(answer, "unavailable", NULL, "The training log or the date is not known", NULL);
        return;
    }
    command_answer_data(answer, load_json(&verbs->conf->runners[runner], day, &load));
}

/* ---- imports ---------------------------------------------------------------------------------- */

static void run_imports(void *context, const json_t *arguments, struct command_answer *answer)
{
    const struct verbs *verbs = context;

    command_answer_data(answer, json_pack("{s:o}", "imports", import_list(verbs->import)));
}

/* ---- which is which --------------------------------------------------------------------------- */

static const struct {
    const char *verb;
    void (*run)(void *context, const json_t *arguments, struct command_answer *answer);
} handlers[] = {
    { "status", run_status },   { "sensors", run_sensors }, { "scan", run_scan },
    { "session", run_session }, { "release", run_release }, { "incline", run_incline },
    { "route", run_route },     { "load", run_load },       { "imports", run_imports },
};

bool verbs_has(const char *verb)
{
    for (size_t i = 0; i < ELEMENTSOF(handlers); i++)
        if (strcmp(handlers[i].verb, verb) == 0)
            return true;
    return false;
}

void verbs_run(void *context, const struct command *command, const json_t *arguments,
               struct command_answer *answer)
{
    for (size_t i = 0; i < ELEMENTSOF(handlers); i++)
        if (strcmp(handlers[i].verb, command->verb) == 0) {
            handlers[i].run(context, arguments, answer);
            return;
        }
    fail(answer, "unknown_verb", NULL, "This command is in the table, but nobody does it", NULL);
}
