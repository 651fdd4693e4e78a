/* SPDX-License-Identifier: MIT */
/* What each verb does to the sensors and the sessions, which only remember it here, and answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/clock.h"
#include "daemon/commands/verbs.h"
#include "daemon/util.h"

#define NOW (5000 * UINT64_C(1000000))

/* ---- both sides, in the place of the real ones -------------------------------------------------- */

static struct {
    struct conf conf;
    struct verbs verbs;
    size_t n_known; /* sensors that the radio side has */
    char did[200];  /* what a side was asked to do, in words */
    int result;     /* what it says to it */
    /* scan */
    sensors_scan_handler scanned;
    void *scan;
    struct sensors_heard heard[2];
    size_t n_heard;
    /* route */
    void (*routed)(void *userdata, const struct route_answer *answer);
    void *route;
    enum command_door door;
    /* sessions */
    struct payload_session open[TRACKER_SLOTS_MAX];
    bool is_open[TRACKER_SLOTS_MAX];
} f;

struct command_answer {
    int n;
    json_t *data;
    struct command_error error;
};

void command_answer_data(struct command_answer *answer, json_t *data)
{
    assert_non_null(data);
    answer->n++;
    answer->data = data;
}

void command_answer_error(struct command_answer *answer, const struct command_error *error)
{
    answer->n++;
    answer->error = *error;
}

enum command_door command_answer_door(const struct command_answer *answer)
{
    return f.door;
}

uint64_t clock_now_usec(void)
{
    return NOW;
}

__attribute__((format(printf, 1, 2))) static int did(const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    vsnprintf(f.did, sizeof(f.did), format, ap);
    va_end(ap);
    return f.result;
}

int sessions_start(struct sessions *sessions, uint64_t now_usec, size_t runner,
                   char ret_id[SESSION_ID_MAX])
{
    assert_int_equal(now_usec, NOW);
    snprintf(ret_id, SESSION_ID_MAX, "new-%zu", runner);
    return did("start %zu", runner);
}

int sessions_stop(struct sessions *sessions, uint64_t now_usec, size_t runner, const char *id,
                  bool discard, char ret_id[SESSION_ID_MAX])
{
    assert_int_equal(now_usec, NOW);
    snprintf(ret_id, SESSION_ID_MAX, "%s", id[0] ? id : "open");
    const char *what = discard ? "discard" : "stop";

    if (runner == TRACKER_NONE)
        return did("%s id %s", what, id);
    return id[0] ? did("%s %zu id %s", what, runner, id) : did("%s %zu", what, runner);
}

int sessions_incline(struct sessions *sessions, uint64_t now_usec, size_t runner, double percent)
{
    return did("incline %zu %g", runner, percent);
}

bool sessions_summary(const struct sessions *sessions, size_t slot, uint64_t now_usec,
                      struct payload_session *ret)
{
    if (f.is_open[slot])
        *ret = f.open[slot];
    return f.is_open[slot];
}

bool sessions_live(const struct sessions *sessions, size_t slot, uint64_t now_usec,
                   struct payload_live *ret, size_t *ret_runner)
{
    assert_int_equal(now_usec, NOW);
    if (!f.is_open[slot])
        return false;
    payload_live_init(ret);
    snprintf(ret->session, sizeof(ret->session), "%s", f.open[slot].id);
    ret->distance_m = 1000;
    ret->heart_rate_bpm = 150;
    ret->zone = 3;
    ret->trimp = 20;
    snprintf(ret->source.heart_rate, sizeof(ret->source.heart_rate), "strap");
    *ret_runner = conf_find_runner(&f.conf, f.open[slot].runner);
    if (*ret_runner >= f.conf.n_runners)
        *ret_runner = TRACKER_NONE;
    return true;
}

int sensors_scan(struct sensors *sensors, uint64_t for_usec, sensors_scan_handler handler,
                 void *userdata)
{
    f.scanned = handler;
    f.scan = userdata;
    return did("scan %g s", (double)for_usec / 1e6);
}

size_t sensors_heard(const struct sensors *sensors, struct sensors_heard *ret, size_t max)
{
    assert_true(f.n_heard <= max);
    memcpy(ret, f.heard, f.n_heard * sizeof(*ret));
    return f.n_heard;
}

int sessions_route(struct sessions *sessions, uint64_t now_usec, size_t runner,
                   const struct route_place *places, size_t n)
{
    assert_int_equal(now_usec, NOW);
    return did("route %zu of %zu places to %g m", runner, n, n ? places[n - 1].distance_m : 0);
}

int import_route(struct import *import, const char *runner, const char *name,
                 void (*done)(void *userdata, const struct route_answer *answer), void *userdata)
{
    f.routed = done;
    f.route = userdata;
    return did("read %s of %s", name, runner);
}

json_t *import_list(const struct import *import)
{
    return json_pack("[{s:s}]", "file", "run.fit");
}

bool training_load(const struct training *training, size_t runner, struct load *ret,
                   char ret_day[11])
{
    *ret = (struct load){ .days = 80,
                          .without_heart_load = 2,
                          .fitness = 35.6,
                          .fatigue = 40.2,
                          .form = -4.7,
                          .monotony = 1.256,
                          .strain = 402.4,
                          .coupled = 1.1049,
                          .uncoupled = 1.144,
                          .ewma = NAN };
    snprintf(ret_day, 11, "2024-10-07");
    return did("load %zu", runner) >= 0;
}

void training_fill_left(const struct training *training, size_t runner, struct payload_live *live)
{
    live->left_today.downhill_drop_m = 100 + (double)runner;
}

bool training_week(const struct training *training, size_t runner, struct payload_week *ret)
{
    payload_week_init(ret);
    ret->measures.downhill_drop_m.total = 320;
    ret->walked.downhill_drop_m = 300;
    return did("week %zu", runner) >= 0;
}

bool training_alert(const struct training *training, size_t runner, enum rule_id rule,
                    struct payload_alert *ret)
{
    payload_alert_init(ret);
    ret->rule = rule;
    ret->verdict = VERDICT_OK;
    return did("explain %s %zu", rule_get(rule)->id, runner) >= 0;
}

static void health(void *userdata, struct payload_health *ret)
{
    payload_health_init(ret);
    snprintf(ret->adapter, sizeof(ret->adapter), "hci0 powered");
}

static int release(void *userdata, size_t index, uint64_t for_usec)
{
    return did("release %zu for %g s", index, (double)for_usec / 1e6);
}

static void correct(void *userdata, const struct correction *what, correction_done done,
                    void *whose)
{
    struct correction_answer answer = { .n_sessions = 2 };

    snprintf(answer.id, sizeof(answer.id), "%s", what->id);
    snprintf(answer.allowed, sizeof(answer.allowed), "another");
    if (did("%s %s of %s", what->kind == CORRECTION_ASSIGN ? "assign" : "correct", what->id,
            what->runner[0] ? what->runner : "anybody") != 0) {
        answer.code = "already";
        answer.argument = "id";
        answer.message = "It is so already";
    }
    done(whose, &answer);
}

static bool sensor(void *userdata, size_t index, struct payload_sensor *ret)
{
    if (index >= f.n_known)
        return false;
    payload_sensor_init(ret);
    snprintf(ret->name, sizeof(ret->name), "%s", f.conf.sensors[index].name);
    return true;
}

/* ---- a house with runners and sensors ----------------------------------------------------------- */

static void house(size_t n_runners, size_t n_sensors)
{
    static const char *const runners[] = { "anna", "ben" }, *const sensors[] = { "pod", "strap" };

    memset(&f, 0, sizeof(f));
    f.verbs = (struct verbs){
        .conf = &f.conf, .health = health, .sensor = sensor, .release = release, .correct = correct
    };
    f.conf.n_runners = n_runners;
    f.conf.n_sensors = f.n_known = n_sensors;
    snprintf(f.conf.gateway, sizeof(f.conf.gateway), "hall");
    for (size_t i = 0; i < 2; i++) {
        snprintf(f.conf.runners[i].id, sizeof(f.conf.runners[i].id), "%s", runners[i]);
        snprintf(f.conf.sensors[i].name, sizeof(f.conf.sensors[i].name), "%s", sensors[i]);
        f.conf.runners[i].publish_heart_rate = true;
    }
}

static void ask(const char *verb, const char *arguments, struct command_answer *ret)
{
    json_t *parsed = json_loads(arguments, 0, NULL);

    assert_non_null(parsed);
    *ret = (struct command_answer){ 0 };
    f.did[0] = '\0';
    verbs_run(&f.verbs, command_find(verb), parsed, ret);
    json_decref(parsed);
}

/* The data as text without blanks, or "CODE ARGUMENT: allowed". */
static void outcome(struct command_answer *answer, char ret[400])
{
    assert_int_equal(answer->n, 1);
    if (answer->data) {
        char *text = json_dumps(answer->data, JSON_COMPACT | JSON_SORT_KEYS);

        snprintf(ret, 400, "%s", text);
        free(text);
        json_decref(answer->data);
    } else {
        assert_true(strlen(answer->error.message) > 10);
        snprintf(ret, 400, "%s %s: %.300s", answer->error.code,
                 answer->error.argument ? answer->error.argument : "-", answer->error.allowed);
    }
}

static const struct row {
    size_t runners, sensors;
    int result; /* of the side that is asked */
    const char *verb, *arguments, *did, *outcome;
} rows[] = {
    { 1, 0, 0, "session", "{\"do\":\"start\"}", "start 0",
      "{\"done\":\"start\",\"id\":\"new-0\"}" },
    { 2, 0, 0, "session", "{\"do\":\"start\",\"runner\":\"ben\"}", "start 1",
      "{\"done\":\"start\",\"id\":\"new-1\"}" },
    { 1, 0, 0, "session", "{\"do\":\"stop\"}", "stop 0", "{\"done\":\"stop\",\"id\":\"open\"}" },
    { 1, 0, 0, "session", "{\"do\":\"discard\"}", "discard 0",
      "{\"done\":\"discard\",\"id\":\"open\"}" },
    { 2, 0, 0, "session", "{\"do\":\"stop\",\"id\":\"x\"}", "stop id x",
      "{\"done\":\"stop\",\"id\":\"x\"}" },
    { 0, 0, 0, "session", "{\"do\":\"discard\",\"id\":\"x\"}", "correct x of anybody",
      "{\"done\":\"discard\",\"id\":\"x\"}" },
    { 2, 0, 0, "session", "{\"do\":\"discard\",\"id\":\"x\",\"runner\":\"ben\"}",
      "correct x of ben", "{\"done\":\"discard\",\"id\":\"x\"}" },
    { 2, 0, 1, "session", "{\"do\":\"discard\",\"id\":\"x\"}", "correct x of anybody",
      "already id: another" },
    { 2, 0, 0, "session", "{\"do\":\"assign\",\"id\":\"x\",\"runner\":\"ben\"}", "assign x of ben",
      "{\"done\":\"assign\",\"id\":\"x\",\"runner\":\"ben\",\"sessions\":2}" },
    { 1, 0, 0, "session", "{\"do\":\"assign\",\"id\":\"x\"}", "assign x of anna",
      "{\"done\":\"assign\",\"id\":\"x\",\"runner\":\"anna\",\"sessions\":2}" },
    { 2, 0, 0, "session", "{\"do\":\"assign\",\"id\":\"x\"}", "",
      "missing_argument runner: anna | ben" },
    { 2, 0, 0, "session", "{\"do\":\"assign\",\"runner\":\"ben\"}", "",
      "missing_argument id: the id of one that is over" },
    { 2, 0, 0, "session", "{\"do\":\"assign\",\"id\":\"x\",\"runner\":\"eve\"}", "",
      "not_found runner: anna | ben" },
    { 2, 0, 1, "session", "{\"do\":\"assign\",\"id\":\"x\",\"runner\":\"ben\"}", "assign x of ben",
      "already id: another" },
    { 2, 0, 0, "session", "{\"do\":\"stop\"}", "", "missing_argument runner: anna | ben" },
    { 2, 0, 0, "session", "{\"do\":\"stop\",\"id\":\"x\",\"runner\":\"ben\"}", "stop 1 id x",
      "{\"done\":\"stop\",\"id\":\"x\"}" },
    { 2, 0, SESSIONS_E_ANOTHERS, "session", "{\"do\":\"stop\",\"id\":\"x\",\"runner\":\"anna\"}",
      "stop 0 id x", "bad_argument runner: its own runner, or the id alone" },
    { 2, 0, 0, "session", "{\"do\":\"stop\",\"id\":\"x\",\"runner\":\"eve\"}", "",
      "not_found runner: anna | ben" },
    { 1, 0, 0, "session", "{\"do\":\"stop\",\"runner\":\"ben\"}", "", "not_found runner: anna" },
    { 0, 0, 0, "imports", "{}", "", "{\"imports\":[{\"file\":\"run.fit\"}]}" },
    { 0, 0, 0, "session", "{\"do\":\"start\"}", "", "not_found runner: no runner is configured" },
    { 0, 0, 0, "session", "{\"do\":\"stop\",\"runner\":\"anna\"}", "",
      "not_found runner: no runner is configured" },
    { 1, 0, TRACKER_E_ALREADY, "session", "{\"do\":\"start\"}", "start 0", "already -: " },
    { 1, 0, TRACKER_E_FULL, "session", "{\"do\":\"start\"}", "start 0", "busy -: " },
    { 1, 0, TRACKER_E_NONE, "session", "{\"do\":\"stop\"}", "stop 0",
      "not_found id: an open one; for discard and assign also the id of one that is over" },

    { 0, 2, 0, "release", "{\"sensor\":\"strap\"}", "release 1 for 3600 s",
      "{\"for_s\":3600,\"sensor\":\"strap\"}" },
    { 0, 2, 0, "release", "{\"sensor\":\"pod\",\"for_s\":86400}", "release 0 for 86400 s",
      "{\"for_s\":86400,\"sensor\":\"pod\"}" },
    { 0, 2, 0, "release", "{\"sensor\":\"po\"}", "", "not_found sensor: pod | strap" },
    { 0, 0, 0, "release", "{\"sensor\":\"pod\"}", "", "not_found sensor: no sensor is configured" },
    { 0, 2, -EIO, "release", "{\"sensor\":\"pod\"}", "release 0 for 3600 s",
      "unavailable sensor: " },

    { 1, 0, 0, "incline", "{\"percent\":-8}", "incline 0 -8",
      "{\"percent\":-8.0,\"runner\":\"anna\"}" },
    { 2, 0, 0, "incline", "{\"percent\":null,\"runner\":\"ben\"}", "incline 1 nan",
      "{\"percent\":null,\"runner\":\"ben\"}" },
    { 2, 0, 0, "incline", "{\"percent\":1}", "", "missing_argument runner: anna | ben" },
    { 1, 0, TRACKER_E_NONE, "incline", "{\"percent\":1}", "incline 0 1", "not_found runner: " },

    { 1, 0, 0, "route", "{\"file\":null}", "route 0 of 0 places to 0 m",
      "{\"file\":null,\"length_m\":null,\"runner\":\"anna\"}" },
    { 1, 0, TRACKER_E_NONE, "route", "{\"file\":null}", "route 0 of 0 places to 0 m",
      "not_found runner: " },
    { 2, 0, 0, "route", "{\"file\":\"hill.gpx\"}", "", "missing_argument runner: anna | ben" },
    { 1, 0, 0, "route", "{\"file\":\"../hill.gpx\"}", "",
      "bad_argument file: a name that ends in .gpx or .gpx.gz, without a folder" },
    { 1, 0, 0, "route", "{\"file\":\"hill.fit\"}", "",
      "bad_argument file: a name that ends in .gpx or .gpx.gz, without a folder" },
    { 1, 0, 0, "route", "{\"file\":\".gpx\"}", "",
      "bad_argument file: a name that ends in .gpx or .gpx.gz, without a folder" },
    { 1, 0, 0, "route", "{\"file\":\"a\\nb.gpx\"}", "",
      "bad_argument file: a name that ends in .gpx or .gpx.gz, without a folder" },
    { 1, 0, -EBUSY, "route", "{\"file\":\"hill.gpx\"}", "read hill.gpx of anna", "busy -: " },
    { 1, 0, -ENOENT, "route", "{\"file\":\"hill.gpx\"}", "read hill.gpx of anna",
      "unavailable file: Folder= in [Import]" },
    { 1, 0, -EIO, "route", "{\"file\":\"hill.GPX.gz\"}", "read hill.GPX.gz of anna",
      "unavailable file: " },

    { 0, 0, -EBUSY, "scan", "{}", "scan 10 s", "busy -: " },
    { 0, 0, -ENODEV, "scan", "{\"seconds\":60}", "scan 60 s", "unavailable -: " },

    { 0, 0, 0, "sensors", "{}", "", "{\"sensors\":[]}" },
};

static void test_a_verb_does_one_thing_and_answers_once(void **state)
{
    for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
        struct command_answer answer;
        char got[400];

        house(rows[i].runners, rows[i].sensors);
        f.result = rows[i].result;
        ask(rows[i].verb, rows[i].arguments, &answer);
        outcome(&answer, got);
        if (strcmp(f.did, rows[i].did) != 0 || strcmp(got, rows[i].outcome) != 0)
            fail_msg("%s %s of %zu runners: \"%s\", answered %s", rows[i].verb, rows[i].arguments,
                     rows[i].runners, f.did, got);
    }
}

/* ---- route: the answer comes when the file was read --------------------------------------------- */

static void ask_route(struct command_answer *answer)
{
    house(2, 0);
    ask("route", "{\"file\":\"hill.gpx\",\"runner\":\"ben\"}", answer);
    assert_int_equal(answer->n, 0);
    assert_string_equal(f.did, "read hill.gpx of ben");
}

static void hold_route(struct command_answer *answer, const struct route_answer *read,
                       const char *did, const char *want)
{
    char got[400];

    f.routed(f.route, read);
    outcome(answer, got);
    assert_string_equal(got, want);
    assert_string_equal(f.did, did);
}

static void test_a_route_is_followed_when_its_file_was_read(void **state)
{
    static const struct way way = { .n = 2,
                                    .length_m = 1234.5,
                                    .places = { { 0, 1 }, { 1234.5, 2 } } };
    const struct route_answer good = { .way = &way };
    const struct route_answer stopping = { .code = "unavailable",
                                           .message = "strided is stopping",
                                           .allowed = "later" };
    const struct route_answer bad = {
        .code = "bad_file", .argument = "file", .message = "hill.gpx: flat", .allowed = "x"
    };
    struct command_answer answer;

    ask_route(&answer);
    hold_route(&answer, &good, "route 1 of 2 places to 1234.5 m",
               "{\"file\":\"hill.gpx\",\"length_m\":1234.5,\"runner\":\"ben\"}");
    ask_route(&answer);
    hold_route(&answer, &bad, "read hill.gpx of ben", "bad_file file: x");
    ask_route(&answer);
    hold_route(&answer, &stopping, "read hill.gpx of ben", "unavailable -: later");
    ask_route(&answer);
    f.result = TRACKER_E_NONE; /* it ended meanwhile */
    hold_route(&answer, &good, "route 1 of 2 places to 1234.5 m", "not_found runner: ");
    ask_route(&answer);
    f.conf.n_runners = 1; /* and the new configuration knows no Ben */
    hold_route(&answer, &good, "read hill.gpx of ben", "not_found runner: ");
}

/* ---- load ---------------------------------------------------------------------------------------- */

static void assert_load(const struct command_answer *answer, const char *expected)
{
    char *text;

    assert_int_equal(answer->n, 1);
    assert_non_null(answer->data);
    assert_true(json_string_length(json_object_get(answer->data, "about")) > 100);
    json_object_del(answer->data, "about");
    text = json_dumps(answer->data, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(12));
    assert_string_equal(text, expected);
    free(text);
    json_decref(answer->data);
}

static void test_load_is_told_to_who_asks_and_hides_what_is_made_of_heart_rate(void **state)
{
    struct command_answer answer;
    char got[400];

    house(1, 0);
    ask("load", "{}", &answer);
    assert_load(&answer, "{\"acwr_coupled\":1.1,\"acwr_ewma\":null,\"acwr_uncoupled\":1.14,"
                         "\"day\":\"2024-10-07\",\"days\":80,\"fatigue\":40,\"fitness\":36,"
                         "\"form\":-5,\"monotony\":1.26,\"runner\":\"anna\",\"strain\":402,"
                         "\"without_heart_load\":2}");
    f.conf.runners[0].publish_heart_rate = false;
    ask("load", "{}", &answer);
    assert_load(&answer, "{\"acwr_coupled\":1.1,\"acwr_ewma\":null,\"acwr_uncoupled\":1.14,"
                         "\"day\":\"2024-10-07\",\"days\":80,\"fatigue\":null,"
                         "\"fitness\":null,\"form\":null,\"monotony\":null,"
                         "\"runner\":\"anna\",\"strain\":null,\"without_heart_load\":null}");
    f.result = -1;
    ask("load", "{}", &answer);
    outcome(&answer, got);
    assert_string_equal(got, "unavailable -: ");
}

/* ---- week, explain ------------------------------------------------------------------------------- */

static double number_in(const json_t *data, const char *a, const char *b, const char *c)
{
    return json_number_value(json_object_get(json_object_get(json_object_get(data, a), b), c));
}

static void test_the_week_is_told_as_it_is_published(void **state)
{
    struct command_answer answer;
    char got[400];

    house(2, 0);
    f.conf.units = CONF_UNITS_IMPERIAL;
    ask("week", "{\"runner\":\"ben\"}", &answer);
    assert_string_equal(f.did, "week 1");
    assert_non_null(answer.data);
    assert_string_equal(json_string_value(json_object_get(answer.data, "runner")), "ben");
    assert_string_equal(json_string_value(json_object_get(answer.data, "units")), "imperial");
    assert_true(number_in(answer.data, "week", "walked", "downhill_drop_m") == 300);
    json_decref(answer.data);
    f.result = -1;
    ask("week", "{\"runner\":\"ben\"}", &answer);
    outcome(&answer, got);
    assert_string_equal(got, "unavailable -: ");
}

static void test_every_rule_is_explained_that_is_on(void **state)
{
    const struct command_argument *rule = command_find("explain")->arguments;
    size_t n = 0;

    for (; rule->words[n]; n++) {
        char arguments[64], want[400], got[400];
        struct command_answer answer;

        assert_int_equal(rule_by_name(rule->words[n]), n); /* each of them, and no other */
        house(1, 0);
        rule_settings_init(&f.conf.rules);
        f.conf.rules.rule[n].enable = true;
        snprintf(arguments, sizeof(arguments), "{\"rule\":\"%s\"}", rule->words[n]);
        snprintf(want, sizeof(want), "explain %s 0", rule->words[n]);
        ask("explain", arguments, &answer);
        assert_string_equal(f.did, want);
        assert_non_null(answer.data);
        assert_string_equal(
            json_string_value(json_object_get(json_object_get(answer.data, "alert"), "rule")),
            rule->words[n]);
        json_decref(answer.data);
        f.result = -1;
        ask("explain", arguments, &answer);
        outcome(&answer, got);
        assert_string_equal(got, "unavailable -: ");
        f.conf.rules.rule[n].enable = false;
        ask("explain", arguments, &answer);
        outcome(&answer, got);
        assert_string_equal(f.did, "");
        assert_string_equal(got, "unavailable rule: one that is on: Enable=yes in its [Rule]");
    }
    assert_int_equal(n, RULES);
}

/* ---- names that are more than an answer can hold ------------------------------------------------ */

static void test_a_list_of_many_names_is_cut_and_no_more(void **state)
{
    static const char *const requests[][2] = {
        { "session", "{\"do\":\"stop\",\"runner\":\"nobody\"}" },
        { "release", "{\"sensor\":\"nobody\"}" },
    };

    house(CONF_RUNNERS_MAX, CONF_SENSORS_MAX);
    for (size_t i = 0; i < CONF_SENSORS_MAX; i++) {
        if (i < CONF_RUNNERS_MAX)
            snprintf(f.conf.runners[i].id, CONF_ID_MAX, "%031zu", i);
        snprintf(f.conf.sensors[i].name, CONF_ID_MAX, "%031zu", i);
    }
    for (size_t i = 0; i < ELEMENTSOF(requests); i++) {
        struct command_answer answer;

        ask(requests[i][0], requests[i][1], &answer);
        assert_string_equal(answer.error.code, "not_found");
        assert_int_equal(strlen(answer.error.allowed), sizeof(answer.error.allowed) - 1);
    }
}

/* ---- status and sensors ------------------------------------------------------------------------- */

static void open_session(size_t slot, const char *runner)
{
    struct payload_session *session = &f.open[slot];

    f.is_open[slot] = true;
    payload_session_init(session);
    snprintf(session->id, sizeof(session->id), "session-%zu", slot);
    snprintf(session->runner, sizeof(session->runner), "%s", runner);
    session->distance_m = 1000;
    session->heart_rate_mean_bpm = 150;
    session->trimp = 20;
    snprintf(session->source.heart_rate, sizeof(session->source.heart_rate), "strap");
}

static void check_heart_is_hidden(const json_t *session)
{
    assert_true(json_number_value(json_object_get(session, "distance_m")) == 1000);
    assert_true(json_is_null(json_object_get(session, "heart_rate_mean_bpm")));
    assert_true(json_is_null(json_object_get(session, "trimp")));
    assert_true(json_is_null(json_object_get(json_object_get(session, "source"), "heart_rate")));
}

static void test_status_tells_of_every_open_session_and_hides_a_private_heart(void **state)
{
    static const char *const whose[] = { "anna", "", "gone", "ben" };
    struct command_answer answer;
    json_t *sessions;

    house(2, 2);
    f.conf.units = CONF_UNITS_IMPERIAL;
    f.conf.runners[1].publish_heart_rate = false;
    open_session(0, "anna");
    open_session(1, "");     /* nobody's yet: no topic tells of it */
    open_session(2, "gone"); /* by a reload, with what they wanted told */
    open_session(TRACKER_SLOTS_MAX - 1, "ben");
    ask("status", "{}", &answer);
    assert_int_equal(answer.n, 1);
    assert_string_equal(json_string_value(json_object_get(answer.data, "gateway")), "hall");
    assert_string_equal(json_string_value(json_object_get(answer.data, "units")), "imperial");
    assert_int_equal(json_array_size(json_object_get(answer.data, "runners")), 2);
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(answer.data, "health"), "adapter")),
        "hci0 powered");
    sessions = json_object_get(answer.data, "sessions");
    assert_int_equal(json_array_size(sessions), ELEMENTSOF(whose));
    for (size_t i = 0; i < ELEMENTSOF(whose); i++) {
        const json_t *session = json_array_get(sessions, i);
        const char *runner = json_string_value(json_object_get(session, "runner"));

        assert_string_equal(runner ? runner : "", whose[i]);
        if (i > 0)
            check_heart_is_hidden(session);
        else
            assert_true(json_number_value(json_object_get(session, "trimp")) == 20);
    }
    json_decref(answer.data);
}

static void check_live(const json_t *entry, const char *runner, double left, bool heart)
{
    const json_t *live = json_object_get(entry, "live");
    const json_t *left_today = json_object_get(live, "left_today");
    static const char *const hidden[] = { "heart_rate_bpm", "zone", "trimp" };

    if (runner)
        assert_string_equal(json_string_value(json_object_get(entry, "runner")), runner);
    else
        assert_true(json_is_null(json_object_get(entry, "runner")));
    assert_true(json_number_value(json_object_get(live, "distance_m")) == 1000);
    assert_true(json_is_null(json_object_get(live, "cadence_spm")));
    assert_true(json_number_value(json_object_get(left_today, "downhill_drop_m")) == left);
    for (size_t i = 0; i < ELEMENTSOF(hidden); i++)
        assert_int_equal(json_is_number(json_object_get(live, hidden[i])), heart);
    assert_int_equal(json_is_string(json_object_get(json_object_get(live, "source"), "heart_rate")),
                     heart);
}

static void test_status_tells_what_is_live_as_the_topics_do(void **state)
{
    struct command_answer answer;
    const json_t *live;

    house(2, 0);
    f.conf.runners[1].publish_heart_rate = false;
    open_session(0, "anna");
    open_session(1, ""); /* nobody's */
    open_session(2, "ben");
    f.door = COMMAND_DOOR_BUS;
    ask("status", "{}", &answer);
    live = json_object_get(answer.data, "live");
    assert_int_equal(json_array_size(live), 3);
    check_live(json_array_get(live, 0), "anna", 100, true);
    check_live(json_array_get(live, 1), NULL, 0, false);
    check_live(json_array_get(live, 2), "ben", 101, false);
    json_decref(answer.data);
    f.door = COMMAND_DOOR_MQTT;
    ask("status", "{}", &answer);
    live = json_object_get(answer.data, "live");
    assert_int_equal(json_array_size(live), 2); /* without nobody's */
    check_live(json_array_get(live, 0), "anna", 100, true);
    check_live(json_array_get(live, 1), "ben", 101, false);
    json_decref(answer.data);
    memset(f.is_open, 0, sizeof(f.is_open));
    ask("status", "{}", &answer);
    assert_int_equal(json_array_size(json_object_get(answer.data, "live")), 0);
    json_decref(answer.data);
}

static void test_sensors_are_told_in_the_order_of_the_configuration(void **state)
{
    struct command_answer answer;
    json_t *sensors;

    house(0, 2);
    ask("sensors", "{}", &answer);
    sensors = json_object_get(answer.data, "sensors");
    assert_int_equal(json_array_size(sensors), 2);
    for (size_t i = 0; i < 2; i++)
        assert_string_equal(json_string_value(json_object_get(json_array_get(sensors, i), "name")),
                            f.conf.sensors[i].name);
    json_decref(answer.data);
}

static void test_a_sensor_that_the_radio_side_has_not_is_not_told(void **state)
{
    struct command_answer answer;

    house(0, 2);
    f.n_known = 1;
    ask("sensors", "{}", &answer);
    assert_int_equal(json_array_size(json_object_get(answer.data, "sensors")), 1);
    json_decref(answer.data);
}

/* ---- scan --------------------------------------------------------------------------------------- */

static void test_a_scan_is_answered_when_it_is_over(void **state)
{
    struct command_answer answer;
    char got[400];

    house(0, 2);
    f.heard[0] = (struct sensors_heard){ "C0:DE:00:00:00:01", "Pod", "0x1814", true, -60, 0, true };
    f.heard[1] = (struct sensors_heard){ "C0:DE:00:00:00:09", "", "", false, NAN, -1, false };
    f.n_heard = 2;
    ask("scan", "{\"seconds\":5}", &answer);
    assert_string_equal(f.did, "scan 5 s");
    assert_int_equal(answer.n, 0);
    f.scanned(f.scan, 0);
    outcome(&answer, got);
    assert_string_equal(got,
                        "{\"devices\":["
                        "{\"address\":\"C0:DE:00:00:00:01\",\"connected\":true,\"name\":\"Pod\","
                        "\"sensor\":\"pod\",\"services\":\"0x1814\",\"signal_dbm\":-60.0},"
                        "{\"address\":\"C0:DE:00:00:00:09\",\"connected\":false,\"name\":\"\","
                        "\"sensor\":null,\"services\":\"\",\"signal_dbm\":null}]}");
}

static void test_a_scan_that_fails_on_the_way_says_so(void **state)
{
    struct command_answer answer;
    char got[400];

    house(0, 0);
    ask("scan", "{}", &answer);
    f.scanned(f.scan, -ENOTCONN);
    outcome(&answer, got);
    assert_string_equal(got, "unavailable -: ");
}

static void test_nothing_heard_is_an_empty_list(void **state)
{
    struct command_answer answer;
    char got[400];

    house(0, 0);
    ask("scan", "{}", &answer);
    f.scanned(f.scan, 0);
    outcome(&answer, got);
    assert_string_equal(got, "{\"devices\":[]}");
}

static void test_a_verb_nobody_does_is_an_error_and_no_crash(void **state)
{
    static const struct command stranger = { .verb = "dance" };
    struct command_answer answer = { 0 };

    house(1, 1);
    verbs_run(&f.verbs, &stranger, NULL, &answer);
    assert_int_equal(answer.n, 1);
    assert_string_equal(answer.error.code, "unknown_verb");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_verb_does_one_thing_and_answers_once),
        cmocka_unit_test(test_a_route_is_followed_when_its_file_was_read),
        cmocka_unit_test(test_the_week_is_told_as_it_is_published),
        cmocka_unit_test(test_every_rule_is_explained_that_is_on),
        cmocka_unit_test(test_load_is_told_to_who_asks_and_hides_what_is_made_of_heart_rate),
        cmocka_unit_test(test_a_list_of_many_names_is_cut_and_no_more),
        cmocka_unit_test(test_status_tells_of_every_open_session_and_hides_a_private_heart),
        cmocka_unit_test(test_status_tells_what_is_live_as_the_topics_do),
        cmocka_unit_test(test_sensors_are_told_in_the_order_of_the_configuration),
        cmocka_unit_test(test_a_sensor_that_the_radio_side_has_not_is_not_told),
        cmocka_unit_test(test_a_scan_is_answered_when_it_is_over),
        cmocka_unit_test(test_a_scan_that_fails_on_the_way_says_so),
        cmocka_unit_test(test_nothing_heard_is_an_empty_list),
        cmocka_unit_test(test_a_verb_nobody_does_is_an_error_and_no_crash),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
