/* SPDX-License-Identifier: MIT */
/* What each verb does to the sensors and the sessions, which only remember it here, and answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/clock.h"
#include "daemon/commands/verbs.h"
#include "daemon/render.h"
#include "daemon/util.h"
#include "lib/contract.h"
#include "lib/digest.h"

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
    bool is_scanning;
    uint64_t home_usec; /* 0: nothing was heard of it */
    enum clock_state clock;
    /* route */
    void (*routed)(void *userdata, const struct route_answer *answer);
    void *route;
    /* what was said, and what is said to it */
    store_said_found said;
    store_committed kept;
    void *caller;
    /* sessions */
    struct payload_session open[TRACKER_SLOTS_MAX];
    bool is_open[TRACKER_SLOTS_MAX];
    enum command_door door;
    /* history */
    struct history_week weeks[2];
    size_t n_weeks;
    /* what is stored */
    struct archived_question asked;
    archived_done stored;
    void *whose;
    struct payload_session waiting[2];
    size_t n_waiting;
} f;

struct command_answer {
    int n;
    json_t *data;
    struct command_error error;
    enum command_door door;
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

uint64_t clock_now_usec(void)
{
    return NOW;
}

int64_t clock_wall_usec(void)
{
    return INT64_C(1795341600) * 1000000; /* 2026-11-22T10:00:00Z */
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

enum sessions_logged sessions_date_logged(const struct sessions *sessions, struct logged_run *run)
{
    run->start_usec = 1;
    return (enum sessions_logged)f.result;
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

bool sessions_waiting(const struct sessions *sessions, size_t i, struct payload_session *ret)
{
    if (i < f.n_waiting)
        *ret = f.waiting[i];
    return i < f.n_waiting;
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

bool sensors_is_scanning(const struct sensors *sensors)
{
    return f.is_scanning;
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

int import_now(struct import *import, const char *runner, const char *name,
               void (*done)(void *userdata, const struct import_answer *answer), void *userdata)
{
    const struct import_answer refused = { "not_found", "file", "There is no such file", "another",
                                           NULL };
    struct import_answer answer = { .data = f.result ? NULL
                                                     : json_pack("{s:s}", "verdict", "imported") };

    (void)did("import %s of %s", name, runner);
    if (f.result < 0)
        return f.result;
    done(userdata, f.result ? &refused : &answer);
    return 0;
}

size_t import_waiting(const struct import *import)
{
    return 3;
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
    return did("alert %s %zu", rule_get(rule)->id, runner) >= 0;
}

bool training_explain(const struct training *training, size_t runner, enum rule_id rule,
                      struct explanation *ret, struct payload_alert *ret_alert)
{
    (void)training_alert(training, runner, rule, ret_alert);
    *ret = (struct explanation){
        .verdict = { .rule = rule, .evidence = 'D' },
        .inputs = { { .name = "W0",
                      .what = "the last 7 days",
                      .unit = "m",
                      .value = 5000.1234,
                      .counts = true,
                      .coverage = 0.799,
                      .of_days = true,
                      .from = 20003,
                      .to = 20003,
                      .n_days = 1,
                      .n_runs = 1,
                      .all_runs = 9 },
                    { .name = "Floor", .unit = "", .value = NAN, .known = true } },
        .n_inputs = 2,
        .days = { { .day = 20003, .value = NAN, .live = true } },
        .n_days = 1,
        .runs = { { .start_s = 1728291600, .end_s = 1728291660, .day = 20003, .coverage = NAN } },
        .n_runs = 1,
        .steps = { "R = 5 km" },
        .n_steps = 1,
        .missing = { "a run" },
        .n_missing = 1,
    };
    return did("explain %s %zu", rule_get(rule)->id, runner) >= 0;
}

bool training_history(const struct training *training, size_t runner, size_t most,
                      struct history_week *ret, size_t *ret_n, char ret_day[11])
{
    assert_true(f.n_weeks <= most);
    memcpy(ret, f.weeks, f.n_weeks * sizeof(*ret));
    *ret_n = f.n_weeks;
    snprintf(ret_day, 11, "2024-10-07");
    return did("history %zu of %zu weeks", runner, most) >= 0;
}

int training_find_said(const struct training *training, size_t runner, int days, const char *before,
                       store_said_found found, void *userdata)
{
    f.said = found;
    f.caller = userdata;
    return did("said to %zu in %d days%s%s", runner, days, *before ? " before " : "", before);
}

static int keep(store_committed done, void *userdata, int r)
{
    f.kept = done;
    f.caller = userdata;
    return r;
}

int training_acknowledge(struct training *training, size_t runner, enum rule_id rule,
                         bool ret_standing[RULES], store_committed done, void *userdata)
{
    ret_standing[RULE_WEEKLY_TIME] = rule == RULES || rule == RULE_WEEKLY_TIME;
    return keep(done, userdata,
                did("%zu has seen %s", runner, rule == RULES ? "all" : rule_get(rule)->id));
}

int training_snooze(struct training *training, size_t runner, enum rule_id rule, int hours,
                    store_committed done, void *userdata)
{
    return keep(
        done, userdata,
        did("%zu snoozes %s for %d h", runner, rule == RULES ? "all" : rule_get(rule)->id, hours));
}

int64_t training_snoozed_until(const struct training *training, size_t runner, enum rule_id rule)
{
    return rule == RULE_WEEKLY_TIME ? 1728291600 * INT64_C(1000000) : 0;
}

enum command_door command_answer_door(const struct command_answer *answer)
{
    return answer->door;
}

static void health(void *userdata, struct payload_health *ret)
{
    payload_health_init(ret);
    snprintf(ret->adapter, sizeof(ret->adapter), "hci0 powered");
    ret->clock = f.clock;
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
    answer.note = what->note;
    answer.deleted_usec = 1795234085000000;
    if (what->kind == CORRECTION_DELETE || what->kind == CORRECTION_UNDELETE) {
        (void)did("%s %s of %s", what->kind == CORRECTION_DELETE ? "delete" : "undo", what->id,
                  what->runner[0] ? what->runner : "anybody");
    } else if (what->kind == CORRECTION_LOG) {
        snprintf(answer.instead, sizeof(answer.instead), "%s",
                 what->run.start_min == LOGGED_NO_START ? "" : "other");
        (void)did("log %g m of %s, %u", what->run.distance_m, what->run.runner, what->parts);
    } else if (what->kind == CORRECTION_NOTE)
        (void)did("note %u of %s of %s", what->parts, what->id[0] ? what->id : "the latest",
                  what->runner[0] ? what->runner : "anybody");
    else if (did("%s %s of %s", what->kind == CORRECTION_ASSIGN ? "assign" : "correct", what->id,
                 what->runner[0] ? what->runner : "anybody") != 0) {
        answer.code = "already";
        answer.argument = "id";
        answer.message = "It is so already";
    }
    done(whose, &answer);
}

/* It is answered later. */
static void stored(void *userdata, const struct archived_question *question, archived_done done,
                   void *whose)
{
    f.asked = *question;
    f.stored = done;
    f.whose = whose;
    (void)did("stored");
}

static int backup(void *userdata, backups_done done, void *whose)
{
    const struct backup made = { .name = "backups/x.db", .size = 4096 };

    if (f.result < 0)
        return did("no backup");
    done(whose, -f.result, &made);
    return did("backup") * 0;
}

static void bind_it(void *userdata, const struct binding *what, binding_done done, void *whose)
{
    static const char *const words[] = { "assign", "replace", "forget" };
    struct binding_answer answer = { .message = "It is so already", .allowed = "another" };

    snprintf(answer.sensor, sizeof(answer.sensor), "%s", what->sensor[0] ? what->sensor : "made");
    snprintf(answer.address, sizeof(answer.address), "%s", what->address);
    snprintf(answer.runner, sizeof(answer.runner), "%s", what->runner);
    snprintf(answer.file, sizeof(answer.file), "/x");
    answer.line = 2;
    if (did("%s %s %s of %s, a %s", words[what->kind], what->sensor, what->address, what->runner,
            what->what) != 0) {
        answer.code = "already";
        answer.argument = "name";
    }
    done(whose, &answer);
}

static void record(void *userdata, const struct record_request *request, record_done done,
                   void *whose)
{
    static const char *const words[] = { "start", "stop", "status" };
    struct record_answer now = { .recording = true,
                                 .file = "/x.rec",
                                 .elapsed_usec = 2500000,
                                 .left_usec = 3500000,
                                 .packets = 4,
                                 .bytes = 100,
                                 .n_sensors = 2 };

    snprintf(now.sensor, sizeof(now.sensor), "%s", request->sensor);
    if (did("record %s %s %u", words[request->wish], request->sensor, request->minutes) != 0)
        now = (struct record_answer){ .code = "already", .message = "One is under way" };
    done(whose, &now);
}

static bool sensor(void *userdata, size_t index, struct payload_sensor *ret)
{
    if (index >= f.n_known)
        return false;
    payload_sensor_init(ret);
    snprintf(ret->name, sizeof(ret->name), "%s", f.conf.sensors[index].name);
    return true;
}

static bool home(void *userdata, bool *ret_online, uint64_t *ret_at_usec)
{
    *ret_online = true;
    *ret_at_usec = f.home_usec;
    return f.home_usec != 0;
}

/* ---- a house with runners and sensors ----------------------------------------------------------- */

static void house(size_t n_runners, size_t n_sensors)
{
    static const char *const runners[] = { "anna", "ben" }, *const sensors[] = { "pod", "strap" };

    memset(&f, 0, sizeof(f));
    f.verbs = (struct verbs){ .conf = &f.conf,
                              .health = health,
                              .home = home,
                              .sensor = sensor,
                              .release = release,
                              .correct = correct,
                              .stored = stored,
                              .backup = backup,
                              .bind = bind_it,
                              .record = record };
    f.door = COMMAND_DOOR_BUS;
    f.conf.n_runners = n_runners;
    f.conf.n_sensors = f.n_known = n_sensors;
    snprintf(f.conf.gateway, sizeof(f.conf.gateway), "hall");
    rule_settings_init(&f.conf.rules);
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
    *ret = (struct command_answer){ .door = f.door };
    f.did[0] = '\0';
    verbs_run(&f.verbs, command_find(verb), parsed, ret);
    json_decref(parsed);
}

/* The data as text without blanks, or "CODE ARGUMENT: allowed". */
static void outcome(struct command_answer *answer, char ret[600])
{
    assert_int_equal(answer->n, 1);
    if (answer->data) {
        char *text = json_dumps(answer->data, JSON_COMPACT | JSON_SORT_KEYS);

        snprintf(ret, 600, "%s", text);
        free(text);
        json_decref(answer->data);
    } else {
        assert_true(strlen(answer->error.message) > 10);
        snprintf(ret, 600, "%s %s: %.300s", answer->error.code,
                 answer->error.argument[0] ? answer->error.argument : "-", answer->error.allowed);
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
    { 1, 0, 0, "session", "{\"do\":\"note\",\"effort\":7.5,\"shoes\":\"blue\"}",
      "note 5 of the latest of anna",
      "{\"done\":\"note\",\"effort\":7.5,\"id\":\"\",\"shoes\":\"blue\",\"surface\":null}" },
    { 2, 0, 0, "session", "{\"do\":\"note\",\"id\":\"x\",\"surface\":null}",
      "note 2 of x of anybody",
      "{\"done\":\"note\",\"effort\":null,\"id\":\"x\",\"shoes\":null,\"surface\":null}" },
    { 2, 0, 0, "session", "{\"do\":\"note\",\"effort\":5}", "",
      "missing_argument runner: anna | ben" },
    { 1, 0, 0, "session", "{\"do\":\"note\"}", "",
      "missing_argument effort: effort, surface or shoes" },
    { 1, 0, 0, "session", "{\"do\":\"note\",\"effort\":5.2}", "",
      "bad_argument effort: 0, 0.5, 1 and so on up to 10, or null" },
    { 1, 0, 0, "session", "{\"do\":\"note\",\"shoes\":\"a\\nb\"}", "",
      "bad_argument shoes: text on one line" },
    { 2, 0, 0, "session", "{\"do\":\"stop\"}", "", "missing_argument runner: anna | ben" },
    { 2, 0, 0, "session", "{\"do\":\"stop\",\"id\":\"x\",\"runner\":\"ben\"}", "stop 1 id x",
      "{\"done\":\"stop\",\"id\":\"x\"}" },
    { 2, 0, SESSIONS_E_ANOTHERS, "session", "{\"do\":\"stop\",\"id\":\"x\",\"runner\":\"anna\"}",
      "stop 0 id x", "bad_argument runner: its own runner, or the id alone" },
    { 2, 0, 0, "session", "{\"do\":\"stop\",\"id\":\"x\",\"runner\":\"eve\"}", "",
      "not_found runner: anna | ben" },
    { 1, 0, 0, "session", "{\"do\":\"stop\",\"runner\":\"ben\"}", "", "not_found runner: anna" },
    { 0, 0, 0, "imports", "{}", "", "{\"imports\":[{\"file\":\"run.fit\"}],\"waiting\":3}" },
    { 0, 0, 0, "session", "{\"do\":\"start\"}", "", "not_found runner: no runner is configured" },
    { 0, 0, 0, "session", "{\"do\":\"stop\",\"runner\":\"anna\"}", "",
      "not_found runner: no runner is configured" },
    { 1, 0, TRACKER_E_ALREADY, "session", "{\"do\":\"start\"}", "start 0", "already -: " },
    { 1, 0, TRACKER_E_FULL, "session", "{\"do\":\"start\"}", "start 0", "busy -: " },
    { 1, 0, TRACKER_E_NONE, "session", "{\"do\":\"stop\"}", "stop 0",
      "not_found id: an open one; for discard, assign and note also the id of one that is over" },

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

    { 2, 0, 0, "log-run",
      "{\"day\":\"2026-11-20\",\"distance_m\":5e3,\"moving_s\":1800,\"start\":\"07:05\","
      "\"runner\":\"ben\",\"kind\":\"walk\",\"downhill_drop_m\":40,\"effort\":3}",
      "log 5000 m of ben, 1",
      "{\"ascent_m\":null,\"counts\":false,\"day\":\"2026-11-20\",\"distance_m\":5000.0,"
      "\"downhill_drop_m\":40.0,\"effort\":3.0,\"id\":\"\",\"instead\":\"other\",\"kind\":\"walk\","
      "\"moving_s\":1800.0,\"runner\":\"ben\",\"shoes\":null,\"start\":\"07:05\",\"surface\":"
      "null}" },
    { 1, 0, 0, "log-run", "{\"day\":\"1980-01-01\",\"distance_m\":5e3,\"moving_s\":1800}",
      "log 5000 m of anna, 0",
      "{\"ascent_m\":null,\"counts\":true,\"day\":\"1980-01-01\",\"distance_m\":5000.0,"
      "\"downhill_drop_m\":null,\"effort\":null,\"id\":\"\",\"instead\":null,\"kind\":\"run\","
      "\"moving_s\":1800.0,\"runner\":\"anna\",\"shoes\":null,\"start\":null,\"surface\":null}" },
    { 1, 0, 0, "log-run", "{\"day\":\"1979-12-31\",\"distance_m\":5e3,\"moving_s\":1800}", "",
      "bad_argument day: a day from 1980-01-01 on, and a run that is over" },
    { 1, 0, SESSIONS_LOGGED_E_FUTURE, "log-run",
      "{\"day\":\"2026-11-20\",\"distance_m\":5e3,\"moving_s\":1800}", "",
      "bad_argument day: a day from 1980-01-01 on, and a run that is over" },
    { 1, 0, SESSIONS_LOGGED_E_CLOCK, "log-run",
      "{\"day\":\"2026-11-20\",\"distance_m\":5e3,\"moving_s\":1800}", "", "unavailable -: " },
    { 1, 0, 0, "log-run", "{\"day\":\"2026-11-20\",\"distance_m\":5e3,\"moving_s\":180}", "",
      "bad_argument moving_s: at most 12 m in each second" },
    { 1, 0, 0, "log-run",
      "{\"day\":\"2026-11-20\",\"distance_m\":500,\"moving_s\":180,\"ascent_m\":501}", "",
      "bad_argument ascent_m: at most distance_m" },
    { 1, 0, 0, "log-run",
      "{\"day\":\"2026-11-20\",\"distance_m\":500,\"moving_s\":180,\"downhill_drop_m\":501}", "",
      "bad_argument downhill_drop_m: at most distance_m" },
    { 1, 0, 0, "log-run",
      "{\"day\":\"2026-11-20\",\"distance_m\":500,\"moving_s\":180,\"start\":\"7.30h\"}", "",
      "bad_argument start: 00:00 to 23:59, or nothing" },
    { 1, 0, 0, "log-run",
      "{\"day\":\"2026-11-20\",\"distance_m\":500,\"moving_s\":180,\"effort\":1.1}", "",
      "bad_argument effort: 0, 0.5, 1 and so on up to 10, or null" },
    { 2, 0, 0, "log-run", "{\"day\":\"2026-11-20\",\"distance_m\":500,\"moving_s\":180}", "",
      "missing_argument runner: anna | ben" },
    { 1, 0, 0, "import", "{\"file\":\"a run.gpx\"}", "import a run.gpx of anna",
      "{\"verdict\":\"imported\"}" },
    { 1, 0, 1, "import", "{\"file\":\"a\"}", "import a of anna", "not_found file: another" },
    { 1, 0, -EBUSY, "import", "{\"file\":\"a\"}", "import a of anna", "busy -: " },
    { 1, 0, -ENOENT, "import", "{\"file\":\"a\"}", "import a of anna",
      "unavailable file: Folder= in [Import]" },
    { 1, 0, -ETIMEDOUT, "import", "{\"file\":\"a\"}", "import a of anna",
      "unavailable file: the same again once it does" },
    { 1, 0, -EAGAIN, "import", "{\"file\":\"a\"}", "import a of anna",
      "unavailable file: see problems in status" },
    { 2, 0, 0, "import", "{\"file\":\"a\"}", "", "missing_argument runner: anna | ben" },
    { 1, 0, 0, "import", "{\"file\":\"export/activities/a.gpx\"}",
      "import export/activities/a.gpx of anna", "{\"verdict\":\"imported\"}" },
    { 1, 0, 0, "import", "{\"file\":\"a/b/c/d\"}", "",
      "bad_argument file: a name, or one in at most two folders below the runner's, none with a "
      "dot in front" },
    { 1, 0, 0, "import", "{\"file\":\"/a\"}", "",
      "bad_argument file: a name, or one in at most two folders below the runner's, none with a "
      "dot in front" },
    { 1, 0, 0, "import", "{\"file\":\"a/\"}", "",
      "bad_argument file: a name, or one in at most two folders below the runner's, none with a "
      "dot in front" },
    { 1, 0, 0, "import", "{\"file\":\"a/../b\"}", "",
      "bad_argument file: a name, or one in at most two folders below the runner's, none with a "
      "dot in front" },
    { 1, 0, 0, "import", "{\"file\":\"routes/a.gpx\"}", "",
      "bad_argument file: a name, or one in at most two folders below the runner's, none with a "
      "dot in front" },
    { 1, 0, 0, "import", "{\"file\":\"../a\"}", "",
      "bad_argument file: a name, or one in at most two folders below the runner's, none with a "
      "dot in front" },
    { 1, 0, 0, "import", "{\"file\":\".a\"}", "",
      "bad_argument file: a name, or one in at most two folders below the runner's, none with a "
      "dot in front" },
    { 1, 0, 0, "import", "{\"file\":\"a\\nb\"}", "",
      "bad_argument file: a name, or one in at most two folders below the runner's, none with a "
      "dot in front" },
    { 0, 0, 0, "backup", "{}", "backup", "{\"name\":\"backups/x.db\",\"size_bytes\":4096}" },
    { 0, 0, ENOSPC, "backup", "{}", "backup", "unavailable -: " },
    { 0, 0, EBADMSG, "backup", "{}", "backup", "unavailable -: " },
    { 0, 0, -EBUSY, "backup", "{}", "no backup", "busy -: " },
    { 0, 0, -EAGAIN, "backup", "{}", "no backup", "unavailable -: " },
    { 2, 0, 0, "delete", "{\"id\":\"x\"}", "delete x of anybody",
      "{\"done\":\"delete\",\"id\":\"x\",\"until\":\"2026-11-22T04:08:05Z\"}" },
    { 2, 0, 0, "delete", "{\"id\":\"x\",\"undo\":false,\"runner\":\"ben\"}", "delete x of ben",
      "{\"done\":\"delete\",\"id\":\"x\",\"until\":\"2026-11-22T04:08:05Z\"}" },
    { 2, 0, 0, "delete", "{\"id\":\"x\",\"undo\":true}", "undo x of anybody",
      "{\"done\":\"undo\",\"id\":\"x\",\"until\":null}" },
    { 2, 0, 0, "delete", "{\"id\":\"x\",\"runner\":\"eve\"}", "", "not_found runner: anna | ben" },
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

    { 1, 0, 0, "assign", "{\"address\":\"c0:de:00:00:00:0a\"}",
      "assign  C0:DE:00:00:00:0A of anna, a sensor",
      "{\"address\":\"C0:DE:00:00:00:0A\",\"done\":\"assign\",\"file\":\"/x\",\"heard\":false,"
      "\"kind\":null,\"line\":2,\"next\":\"stridectl sensors shows what becomes of it\","
      "\"overridden\":null,\"runner\":\"anna\",\"sensor\":\"made\",\"was\":null}" },
    { 2, 2, 0, "assign",
      "{\"address\":\"C0:DE:00:00:00:01\",\"runner\":\"ben\",\"name\":\"strap\",\"kind\":"
      "\"strap\"}",
      "assign strap C0:DE:00:00:00:01 of ben, a strap",
      "{\"address\":\"C0:DE:00:00:00:01\",\"done\":\"assign\",\"file\":\"/x\",\"heard\":false,"
      "\"kind\":\"strap\",\"line\":2,\"next\":\"It was not heard yet. Wear it, and it advertises: "
      "it is "
      "connected while a pod of its runner or a treadmill moves, or after `session start`.\","
      "\"overridden\":null,\"runner\":\"ben\",\"sensor\":\"strap\",\"was\":null}" },
    { 2, 0, 1, "assign", "{\"address\":\"C0:DE:00:00:00:01\",\"kind\":\"treadmill\"}",
      "assign  C0:DE:00:00:00:01 of auto, a treadmill", "already name: another" },
    { 2, 0, 0, "assign", "{\"address\":\"C0:DE:00:00:00:01\",\"kind\":\"pod\"}", "",
      "missing_argument runner: auto | anna | ben" },
    { 2, 0, 0, "assign", "{\"address\":\"C0:DE:00:00:00:01\",\"runner\":\"eve\"}", "",
      "not_found runner: auto | anna | ben" },
    { 0, 0, 0, "assign", "{\"address\":\"C0:DE:00:00:00:01\"}", "",
      "missing_argument runner: auto; or a [Runner] section in the configuration first, and its "
      "name" },
    { 1, 0, 0, "assign", "{\"address\":\"C0:DE:00:00:00:0G\"}", "",
      "bad_argument address: an address such as C0:DE:00:00:00:01; scan shows them" },
    { 1, 0, 0, "assign", "{\"address\":\"C0:DE:00:00:00:01\",\"name\":\"../pod\"}", "",
      "bad_argument name: 1 to 31 of a-z, 0-9, _ and -" },
    { 1, 1, 1, "replace", "{\"sensor\":\"pod\",\"address\":\"C0:DE:00:00:00:02\"}",
      "replace pod C0:DE:00:00:00:02 of , a sensor", "already name: another" },
    { 1, 1, 0, "replace", "{\"sensor\":\"pod\",\"address\":\"pod\"}", "",
      "bad_argument address: an address such as C0:DE:00:00:00:01; scan shows them" },
    { 1, 1, 0, "forget", "{\"sensor\":\"pod\"}", "forget pod  of , a ",
      "{\"address\":null,\"done\":\"forget\",\"file\":\"/x\",\"next\":\"It is let go. What it "
      "recorded "
      "stays, and the name is free.\",\"sensor\":\"pod\"}" },
    { 1, 1, 1, "forget", "{\"sensor\":\"pod\"}", "forget pod  of , a ", "already name: another" },

    { 1, 1, 0, "record", "{\"do\":\"start\",\"sensor\":\"pod\",\"minutes\":3}",
      "record start pod 3",
      "{\"bytes\":100,\"elapsed_s\":2,\"ended\":null,\"file\":\"/"
      "x.rec\",\"left_s\":3,\"link_changes\":0,"
      "\"lost\":0,\"packets\":4,\"recording\":true,\"sensor\":\"pod\",\"sensors\":2}" },
    { 1, 1, 1, "record", "{\"do\":\"start\"}", "record start  10", "already -: " },
    { 1, 1, 1, "record", "{\"do\":\"stop\"}", "record stop  10", "already -: " },
    { 1, 1, 1, "record", "{\"do\":\"status\"}", "record status  10", "already -: " },

    { 0, 0, 0, "sensors", "{}", "", "{\"sensors\":[]}" },
};

static void test_a_verb_does_one_thing_and_answers_once(void **state)
{
    for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
        struct command_answer answer;
        char got[600];

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
    char got[600];

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
    char got[600];

    house(1, 0);
    ask("load", "{}", &answer);
    assert_load(&answer, "{\"acwr_coupled\":1.1,\"acwr_ewma\":null,\"acwr_uncoupled\":1.14,"
                         "\"day\":\"2024-10-07\",\"days\":80,\"difference\":-5,"
                         "\"mean_42_days\":36,\"mean_7_days\":40,\"monotony\":1.26,\"runner\":"
                         "\"anna\",\"strain\":402,"
                         "\"without_heart_load\":2}");
    f.conf.runners[0].publish_heart_rate = false;
    ask("load", "{}", &answer);
    assert_load(&answer, "{\"acwr_coupled\":1.1,\"acwr_ewma\":null,\"acwr_uncoupled\":1.14,"
                         "\"day\":\"2024-10-07\",\"days\":80,\"difference\":null,"
                         "\"mean_42_days\":null,\"mean_7_days\":null,\"monotony\":null,"
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
    char got[600];

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

static void check_explained(const json_t *data, const char *rule)
{
    static const char *const keys[] = {
        "runner",   "units",    "alert",          "title",     "measure", "reference",
        "quantity", "inputs",   "formula",        "steps",     "why",     "missing",
        "source",   "evidence", "evidence_means", "not_means", "doctor"
    };
    char *inputs =
        json_dumps(json_object_get(data, "inputs"), JSON_COMPACT | JSON_REAL_PRECISION(12));

    assert_int_equal(json_object_size(data), ELEMENTSOF(keys));
    for (size_t i = 0; i < ELEMENTSOF(keys); i++)
        if (!json_object_get(data, keys[i]))
            fail_msg("no %s", keys[i]);
    assert_string_equal(json_string_value(json_object_get(json_object_get(data, "alert"), "rule")),
                        rule);
    assert_string_equal(
        inputs,
        "[{\"name\":\"W0\",\"what\":\"the last 7 days\",\"value\":5000.123,\"unit\":\"m\","
        "\"known\":false,\"counts\":true,\"coverage_pct\":79,\"from\":\"2024-10-07\","
        "\"to\":\"2024-10-07\",\"days\":[{\"day\":\"2024-10-07\",\"value\":null,\"known\":false,"
        "\"live\":true}],\"runs\":[{\"day\":\"2024-10-07\",\"start\":\"2024-10-07T09:00:00Z\","
        "\"end\":\"2024-10-07T09:01:00Z\",\"value\":0.0,\"known\":false,\"coverage_pct\":null}],"
        "\"runs_in_all\":9},{\"name\":\"Floor\",\"what\":\"\",\"value\":null,\"unit\":\"\","
        "\"known\":true,\"counts\":false,\"coverage_pct\":0,\"from\":null,\"to\":null,\"days\":[],"
        "\"runs\":[],\"runs_in_all\":0}]");
    assert_true(json_is_null(json_object_get(data, "formula")));
    assert_string_equal(json_string_value(json_object_get(data, "evidence")), "D");
    assert_string_equal(json_string_value(json_object_get(data, "evidence_means")),
                        rule_evidence_means('D'));
    assert_int_equal(json_array_size(json_object_get(data, "doctor")), 6);
    assert_string_equal(json_string_value(json_array_get(json_object_get(data, "steps"), 0)),
                        "R = 5 km");
    free(inputs);
}

static void test_every_rule_is_explained_that_is_on(void **state)
{
    const struct command_argument *rule = command_find("explain")->arguments;
    size_t n = 0;

    for (; rule->words[n]; n++) {
        char arguments[64], want[600], got[600];
        struct command_answer answer;

        assert_int_equal(rule_by_name(rule->words[n]), n); /* each of them, and no other */
        house(1, 0);
        f.conf.rules.rule[n].enable = true;
        snprintf(arguments, sizeof(arguments), "{\"rule\":\"%s\"}", rule->words[n]);
        snprintf(want, sizeof(want), "explain %s 0", rule->words[n]);
        ask("explain", arguments, &answer);
        assert_string_equal(f.did, want);
        assert_non_null(answer.data);
        check_explained(answer.data, rule->words[n]);
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

/* ---- history ------------------------------------------------------------------------------------- */

static void weigh(const char *arguments, struct command_answer *answer)
{
    house(1, 0);
    f.n_weeks = 2;
    f.weeks[0].start = 20003; /* 2024-10-07 */
    f.weeks[0].figures = (struct history){ .runs = 2,
                                           .distance_m = 12345.67,
                                           .moving_s = 4321,
                                           .longest_run_m = 7000,
                                           .drop_m = NAN,
                                           .downhill_m = NAN,
                                           .ascent_m = NAN,
                                           .load = 99.96 };
    f.weeks[1].start = 20010;
    f.weeks[1].figures.longest_run_m = NAN;
    ask("history", arguments, answer);
}

static void test_history_tells_weeks_and_null_where_nobody_told(void **state)
{
    struct command_answer answer;
    char *text, got[600];

    weigh("{}", &answer);
    assert_string_equal(f.did, "history 0 of 12 weeks");
    text = json_dumps(answer.data, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(12));
    assert_string_equal(
        text, "{\"day\":\"2024-10-07\",\"runner\":\"anna\",\"units\":\"metric\",\"weeks\":["
              "{\"ascent_m\":null,\"distance_m\":12345.7,\"downhill_distance_m\":null,"
              "\"downhill_drop_m\":null,\"end\":\"2024-10-13\",\"longest_run_m\":7000.0,"
              "\"moving_s\":4321.0,\"runs\":2,\"start\":\"2024-10-07\",\"trimp\":100.0,"
              "\"walked_drop_m\":0.0,\"walked_m\":0.0,\"week\":\"2024-W41\"},"
              "{\"ascent_m\":0.0,\"distance_m\":0.0,\"downhill_distance_m\":0.0,"
              "\"downhill_drop_m\":0.0,\"end\":\"2024-10-20\",\"longest_run_m\":null,"
              "\"moving_s\":0.0,\"runs\":0,\"start\":\"2024-10-14\",\"trimp\":0.0,"
              "\"walked_drop_m\":0.0,\"walked_m\":0.0,\"week\":\"2024-W42\"}]}");
    free(text);
    json_decref(answer.data);
    f.result = -1;
    ask("history", "{\"weeks\":520}", &answer);
    assert_string_equal(f.did, "history 0 of 520 weeks");
    outcome(&answer, got);
    assert_string_equal(got, "unavailable -: ");
}

static void test_history_hides_a_private_heart_from_the_broker_alone(void **state)
{
    for (int door = COMMAND_DOOR_MQTT; door <= COMMAND_DOOR_BUS; door++)
        for (int tells = 0; tells < 2; tells++) {
            struct command_answer answer;
            const json_t *week;

            weigh("{}", &answer);
            json_decref(answer.data);
            f.door = (enum command_door)door;
            f.conf.runners[0].publish_heart_rate = tells;
            ask("history", "{}", &answer);
            week = json_array_get(json_object_get(answer.data, "weeks"), 0);
            assert_true(json_number_value(json_object_get(week, "distance_m")) > 12345);
            assert_int_equal(json_is_null(json_object_get(week, "trimp")),
                             door == COMMAND_DOOR_MQTT && !tells);
            json_decref(answer.data);
        }
}

/* ---- schema -------------------------------------------------------------------------------------- */

static void test_every_payload_has_its_schema(void **state)
{
    const struct command_argument *payload = command_find("schema")->arguments;
    struct command_answer answer;
    json_t *list;

    house(0, 0);
    ask("schema", "{}", &answer);
    list = json_object_get(answer.data, "payloads");
    assert_int_equal(json_array_size(list), CONTRACT_KINDS);
    for (size_t i = 0; i < CONTRACT_KINDS; i++) {
        const char *name = json_string_value(json_object_get(json_array_get(list, i), "payload"));
        char arguments[64], id[64];
        struct command_answer one;
        const json_t *schema;

        assert_string_equal(payload->words[i], name); /* each of them, and no other */
        snprintf(arguments, sizeof(arguments), "{\"payload\":\"%s\"}", name);
        snprintf(id, sizeof(id), "urn:strided:schema:%s", name);
        ask("schema", arguments, &one);
        schema = json_object_get(one.data, "schema");
        assert_string_equal(json_string_value(json_object_get(one.data, "payload")), name);
        assert_string_equal(json_string_value(json_object_get(schema, "$id")), id);
        assert_true(json_object_size(json_object_get(schema, "properties")) > 0);
        json_decref(one.data);
    }
    assert_null(payload->words[CONTRACT_KINDS]);
    json_decref(answer.data);
}

/* ---- sessions ------------------------------------------------------------------------------------ */

/* Of a run with a heart on it */
static struct payload_session session_of(const char *id, const char *runner, const char *day)
{
    struct payload_session session;

    payload_session_init(&session);
    snprintf(session.id, sizeof(session.id), "%s", id);
    snprintf(session.runner, sizeof(session.runner), "%s", runner);
    snprintf(session.day, sizeof(session.day), "%s", day);
    session.kind = SESSION_RUN;
    session.state = SESSION_ENDED;
    session.trimp = 30;
    return session;
}

/* Its sessions as "ID RUNNER TRIMP ID ..", then whether there are more. */
static void listed(const struct command_answer *answer, char ret[400])
{
    const json_t *sessions = json_object_get(answer->data, "sessions");

    ret[0] = '\0';
    for (size_t i = 0; i < json_array_size(sessions); i++) {
        const json_t *session = json_array_get(sessions, i);
        const char *runner = json_string_value(json_object_get(session, "runner"));

        snprintf(ret + strlen(ret), 400 - strlen(ret), "%s %s %g; ",
                 json_string_value(json_object_get(session, "id")), runner ? runner : "-",
                 json_number_value(json_object_get(session, "trimp")));
    }
    snprintf(ret + strlen(ret), 400 - strlen(ret), "%s",
             json_is_true(json_object_get(answer->data, "more")) ? "more" : "all");
    json_decref(answer->data);
}

static void tell_stored(struct command_answer *answer, const struct archived_session *sessions,
                        size_t n, bool more, char ret[400])
{
    const struct archived told = { .sessions = sessions, .n_sessions = n, .more = more };

    assert_int_equal(answer->n, 0);
    f.stored(f.whose, &told);
    assert_int_equal(answer->n, 1);
    listed(answer, ret);
}

static void open_some(void)
{
    house(2, 0);
    f.open[0] = session_of("20240503-a", "anna", "2024-05-03");
    f.open[0].state = SESSION_RUNNING;
    f.open[3] = session_of("20240504-n", "", "2024-05-04");
    f.is_open[0] = f.is_open[3] = true;
    f.waiting[0] = session_of("20240502-w", "ben", "");
    f.n_waiting = 1;
}

static void test_sessions_are_those_in_memory_and_then_those_that_are_stored(void **state)
{
    struct archived_session cases[2] = { 0 };
    struct command_answer answer;
    char got[600];

    open_some();
    cases[0].session = session_of("20240501-b", "anna", "2024-05-01");
    cases[1].session = session_of("20240430-g", "gone", "2024-04-30");
    ask("sessions", "{}", &answer);
    assert_int_equal(f.asked.what, ARCHIVED_LIST);
    assert_int_equal(f.asked.limit, 17); /* of 20 */
    assert_false(f.asked.not_nobodys);
    assert_string_equal(f.asked.runner, "");
    tell_stored(&answer, cases, 2, false, got);
    assert_string_equal(got, "20240504-n - 30; 20240503-a anna 30; 20240502-w ben 30; "
                             "20240501-b anna 30; 20240430-g gone 30; all");
    ask("sessions", "{\"limit\":3}", &answer);
    assert_int_equal(f.asked.limit, 0); /* only whether there are some */
    tell_stored(&answer, NULL, 0, true, got);
    assert_string_equal(got, "20240504-n - 30; 20240503-a anna 30; 20240502-w ben 30; more");
    ask("sessions", "{\"limit\":2}", &answer);
    tell_stored(&answer, NULL, 0, false, got);
    assert_string_equal(got, "20240504-n - 30; 20240503-a anna 30; more");
}

static void test_sessions_go_on_behind_one_in_memory_or_one_that_is_stored(void **state)
{
    struct command_answer answer;
    char got[600];

    open_some();
    ask("sessions", "{\"before\":\"20240503-a\"}", &answer);
    assert_string_equal(f.asked.id, "");
    tell_stored(&answer, NULL, 0, false, got);
    assert_string_equal(got, "20240502-w ben 30; all");
    ask("sessions", "{\"before\":\"20240501-b\"}", &answer);
    assert_string_equal(f.asked.id, "20240501-b");
    tell_stored(&answer, NULL, 0, false, got);
    assert_string_equal(got, "all");
}

static void test_sessions_of_a_runner_and_of_days(void **state)
{
    struct command_answer answer;
    char got[600];

    open_some();
    ask("sessions", "{\"runner\":\"anna\"}", &answer);
    assert_string_equal(f.asked.runner, "anna");
    tell_stored(&answer, NULL, 0, false, got);
    assert_string_equal(got, "20240503-a anna 30; all");
    ask("sessions", "{\"from\":\"2024-05-04\"}", &answer);
    assert_string_equal(f.asked.from, "2024-05-04");
    tell_stored(&answer, NULL, 0, false, got);
    assert_string_equal(got, "20240504-n - 30; all");
    ask("sessions", "{\"to\":\"2024-05-03\"}", &answer); /* one has no day */
    assert_string_equal(f.asked.to, "2024-05-03");
    tell_stored(&answer, NULL, 0, false, got);
    assert_string_equal(got, "20240503-a anna 30; all");
    ask("sessions", "{\"runner\":\"eve\"}", &answer);
    outcome(&answer, got);
    assert_string_equal(got, "not_found runner: anna | ben");
}

static void test_the_broker_hears_of_no_session_more_than_the_topics_tell(void **state)
{
    struct archived_session cases[2] = { 0 };
    struct command_answer answer;
    char got[600];

    open_some();
    f.door = COMMAND_DOOR_MQTT;
    f.conf.runners[1].publish_heart_rate = false;
    cases[0].session = session_of("20240501-b", "ben", "2024-05-01");
    cases[1].session = session_of("20240430-g", "gone", "2024-04-30");
    ask("sessions", "{}", &answer);
    assert_true(f.asked.not_nobodys);
    tell_stored(&answer, cases, 2, false, got);
    assert_string_equal(got, "20240503-a anna 30; 20240502-w ben 0; 20240501-b ben 0; "
                             "20240430-g gone 0; all");
}

static void test_what_a_file_said_and_no_topic_takes_is_null_and_no_mistake_of_ours(void **state)
{
    struct archived_session row = { session_of("20240501-b", "anna", "2024-05-01"), "20240501-f" };
    const struct archived told = { .sessions = &row, .n_sessions = 1 };
    uint64_t refused = render_refused();
    struct command_answer answer;
    const json_t *session;

    house(1, 0);
    row.session.distance_m = 9e8;
    row.session.heart_rate_max_bpm = 500;
    row.session.zone_s[2] = 1e9;
    row.session.kind = (enum session_kind) - 1;
    ask("sessions", "{}", &answer);
    f.stored(f.whose, &told);
    session = json_array_get(json_object_get(answer.data, "sessions"), 0);
    assert_true(json_is_null(json_object_get(session, "distance_m")));
    assert_true(json_is_null(json_object_get(session, "heart_rate_max_bpm")));
    assert_true(json_is_null(json_array_get(json_object_get(session, "zone_s"), 2)));
    assert_string_equal(json_string_value(json_object_get(session, "kind")), "other");
    assert_true(json_number_value(json_object_get(session, "trimp")) == 30);
    assert_true(render_refused() == refused);
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(answer.data, "instead"), "20240501-b")),
        "20240501-f");
    json_decref(answer.data);
}

static void test_why_nothing_stored_can_be_told_is_told(void **state)
{
    const struct archived told = { .code = "unavailable",
                                   .message = "What is stored cannot be read now",
                                   .allowed = "later" };
    static const char *const requests[][2] = { { "sessions", "{}" },
                                               { "export", "{\"what\":\"days\"}" } };

    for (size_t i = 0; i < ELEMENTSOF(requests); i++) {
        struct command_answer answer;
        char got[600];

        house(1, 0);
        ask(requests[i][0], requests[i][1], &answer);
        f.stored(f.whose, &told);
        outcome(&answer, got);
        assert_string_equal(got, "unavailable -: later");
    }
}

/* ---- export -------------------------------------------------------------------------------------- */

static void test_what_is_exported_is_asked_for_as_it_was_said(void **state)
{
    static const struct {
        const char *arguments;
        enum archived_what what;
        const char *runner;
        bool csv, fit;
    } cases[] = {
        { "{\"what\":\"sessions\"}", ARCHIVED_SESSIONS, "anna", true, false },
        { "{\"what\":\"sessions\",\"format\":\"json\"}", ARCHIVED_SESSIONS, "anna", false, false },
        { "{\"what\":\"days\",\"format\":\"csv\",\"from\":\"2024-01-01\"}", ARCHIVED_DAYS, "anna",
          true, false },
        { "{\"what\":\"everything\"}", ARCHIVED_EVERYTHING, "anna", false, false },
        { "{\"what\":\"everything\",\"format\":\"json\",\"cursor\":\"1.2.3.x\"}",
          ARCHIVED_EVERYTHING, "anna", false, false },
        { "{\"what\":\"session\",\"id\":\"x\"}", ARCHIVED_SESSION, "", false, false },
        { "{\"what\":\"session\",\"id\":\"x\",\"format\":\"fit\",\"runner\":\"anna\"}",
          ARCHIVED_SESSION, "anna", false, true },
    };

    for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
        struct command_answer answer;

        house(1, 0);
        ask("export", cases[i].arguments, &answer);
        assert_string_equal(f.did, "stored");
        assert_int_equal(f.asked.what, cases[i].what);
        assert_string_equal(f.asked.runner, cases[i].runner);
        assert_int_equal(f.asked.csv, cases[i].csv);
        assert_int_equal(f.asked.fit, cases[i].fit);
        assert_int_equal(f.asked.from[0] != '\0', strstr(cases[i].arguments, "from") != NULL);
        assert_int_equal(f.asked.cursor[0] != '\0', strstr(cases[i].arguments, "cursor") != NULL);
        assert_false(f.asked.hide_heart);
    }
}

static void test_what_does_not_go_together_is_not_exported(void **state)
{
    static const struct {
        const char *arguments, *outcome;
    } cases[] = {
        { "{\"what\":\"session\"}",
          "missing_argument id: the id of one that is over: stridectl sessions" },
        { "{\"what\":\"session\",\"id\":\"x\",\"format\":\"csv\"}", "bad_argument format: fit" },
        { "{\"what\":\"session\",\"id\":\"x\",\"from\":\"2024-01-01\"}",
          "bad_argument from: with what=sessions, with what=days" },
        { "{\"what\":\"days\",\"format\":\"fit\"}", "bad_argument format: csv | json" },
        { "{\"what\":\"days\",\"id\":\"x\"}", "bad_argument id: with what=session alone" },
        { "{\"what\":\"everything\",\"format\":\"csv\"}", "bad_argument format: json" },
        { "{\"what\":\"everything\",\"to\":\"2024-01-01\"}",
          "bad_argument to: with what=sessions, with what=days" },
        { "{\"what\":\"sessions\"}", "missing_argument runner: anna | ben" },
        { "{\"what\":\"everything\",\"runner\":\"eve\"}", "not_found runner: anna | ben" },
        { "{\"what\":\"session\",\"id\":\"x\",\"runner\":\"eve\"}",
          "not_found runner: anna | ben" },
    };

    for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
        struct command_answer answer;
        char got[600];

        house(2, 0);
        ask("export", cases[i].arguments, &answer);
        assert_string_equal(f.did, "");
        outcome(&answer, got);
        assert_string_equal(got, cases[i].outcome);
    }
}

static void test_a_part_is_answered_with_what_follows_it(void **state)
{
    struct archived told = { .format = "csv",
                             .name = "strided-anna-days.csv",
                             .text = "day\r\n",
                             .next = "1.5.9.7",
                             .n = 5,
                             .of = 9 };
    struct command_answer answer;
    char got[600];

    house(1, 0);
    ask("export", "{\"what\":\"days\"}", &answer);
    f.stored(f.whose, &told);
    outcome(&answer, got);
    assert_string_equal(got, "{\"done_of\":[5,9],\"encoding\":\"text\",\"format\":\"csv\","
                             "\"name\":\"strided-anna-days.csv\",\"next\":\"1.5.9.7\","
                             "\"part\":\"day\\r\\n\"}");
    told.next[0] = '\0';
    told.base64 = true;
    told.text = "Zg==";
    told.of = -1;
    ask("export", "{\"what\":\"days\"}", &answer);
    f.stored(f.whose, &told);
    outcome(&answer, got);
    assert_string_equal(got, "{\"done_of\":null,\"encoding\":\"base64\",\"format\":\"csv\","
                             "\"name\":\"strided-anna-days.csv\",\"next\":null,\"part\":\"Zg==\"}");
}

static void test_no_heart_that_stays_here_is_exported_to_the_broker(void **state)
{
    static const char *const requests[] = { "{\"what\":\"days\",\"runner\":\"anna\"}",
                                            "{\"what\":\"everything\",\"runner\":\"anna\"}",
                                            "{\"what\":\"session\",\"id\":\"x\"}" };

    for (size_t i = 0; i < ELEMENTSOF(requests); i++)
        for (int door = COMMAND_DOOR_MQTT; door <= COMMAND_DOOR_BUS; door++)
            for (int tells = 0; tells < 2; tells++) {
                struct command_answer answer;
                bool public = door == COMMAND_DOOR_MQTT, session = i == 2;

                house(2, 0);
                f.door = (enum command_door)door;
                f.conf.runners[0].publish_heart_rate = tells;
                ask("export", requests[i], &answer);
                assert_int_equal(f.asked.hide_heart, public && (session || !tells));
                assert_int_equal(f.asked.not_nobodys, public);
            }
}

/* ---- alerts, acknowledge, snooze ---------------------------------------------------------------- */

static const struct late {
    const char *verb, *arguments, *did;
    int result; /* when it is stored */
    const char *outcome;
} lates[] = {
    { "acknowledge", "{}", "0 has seen all", 0,
      "{\"rule\":null,\"runner\":\"anna\",\"standing\":[\"weekly_time\"]}" },
    { "acknowledge", "{\"rule\":\"weekly_time\"}", "0 has seen weekly_time", 0,
      "{\"rule\":\"weekly_time\",\"runner\":\"anna\",\"standing\":[\"weekly_time\"]}" },
    { "acknowledge", "{\"rule\":\"uphill_base\"}", "0 has seen uphill_base", 0,
      "{\"rule\":\"uphill_base\",\"runner\":\"anna\",\"standing\":[]}" },
    { "acknowledge", "{}", "0 has seen all", -EROFS, "unavailable -: " },
    { "snooze", "{\"for_h\":24}", "0 snoozes all for 24 h", 0,
      "{\"rule\":null,\"runner\":\"anna\",\"snoozed\":[{\"rule\":\"weekly_time\","
      "\"until\":\"2024-10-07T09:00:00Z\"}]}" },
    { "snooze", "{\"for_h\":1,\"rule\":\"uphill_base\"}", "0 snoozes uphill_base for 1 h", 0,
      "{\"rule\":\"uphill_base\",\"runner\":\"anna\",\"snoozed\":[{\"rule\":\"weekly_time\","
      "\"until\":\"2024-10-07T09:00:00Z\"}]}" },
    { "snooze", "{\"for_h\":1}", "0 snoozes all for 1 h", -EIO, "unavailable -: " },
};

static void test_what_is_said_to_a_rule_is_answered_when_it_is_stored(void **state)
{
    static const struct {
        int r;
        const char *outcome;
    } refused[] = { { -EAGAIN, "unavailable -: " },
                    { -ENOBUFS, "unavailable -: " },
                    { -ENOMEM, "no_memory -: " } };

    for (size_t i = 0; i < ELEMENTSOF(lates); i++) {
        struct command_answer answer;
        char got[600];

        house(1, 0);
        ask(lates[i].verb, lates[i].arguments, &answer);
        assert_string_equal(f.did, lates[i].did);
        assert_int_equal(answer.n, 0);
        f.kept(f.caller, lates[i].result);
        outcome(&answer, got);
        assert_string_equal(got, lates[i].outcome);
        for (size_t k = 0; k < ELEMENTSOF(refused); k++) {
            house(1, 0);
            f.result = refused[k].r;
            ask(lates[i].verb, lates[i].arguments, &answer);
            outcome(&answer, got);
            assert_string_equal(got, refused[k].outcome);
        }
    }
}

static void test_who_is_gone_meanwhile_gets_no_answer_of_another(void **state)
{
    struct command_answer answer;
    char got[600];

    house(2, 0);
    ask("snooze", "{\"for_h\":1,\"runner\":\"ben\"}", &answer);
    f.conf.n_runners = 1;
    f.kept(f.caller, 0);
    outcome(&answer, got);
    assert_string_equal(got, "not_found runner: ");
    house(2, 0);
    ask("alerts", "{\"runner\":\"ben\"}", &answer);
    assert_string_equal(f.did, "said to 1 in 28 days");
    f.conf.n_runners = 1;
    f.said(f.caller, 0, NULL, 0, false);
    outcome(&answer, got);
    assert_string_equal(got, "not_found runner: ");
}

static void open_session(size_t slot, const char *runner);

static const struct store_said messages[] = {
    { .id = "alert-3",
      .rule = "monotony",
      .news = "crossed",
      .verdict = "caution",
      .day = "2024-10-07",
      .at_usec = 1728291600 * INT64_C(1000000),
      .value = 2.4,
      .reference = 2,
      .limit = NAN,
      .evidence = "C",
      .sentence = "Monotony" },
    { .id = "alert-2",
      .rule = "weekly_time",
      .news = "reminded",
      .verdict = "warning",
      .day = "2024-10-06",
      .at_usec = 1728205200 * INT64_C(1000000),
      .value = 3600.004,
      .reference = NAN,
      .limit = NAN,
      .sentence = "Time",
      .session_id = "run-1",
      .acknowledged_usec = 1 },
    { .id = "alert-1", .rule = "gone_rule", .news = "crossed", .verdict = "ok" },
};

static json_t *alerts(const char *arguments, enum command_door door)
{
    struct store_said copies[ELEMENTSOF(messages)];
    struct command_answer answer;

    memcpy(copies, messages, sizeof(copies));
    snprintf(copies[2].session, sizeof(copies[2].session), "%016" PRIx64, digest_text("session-1"));
    ask("alerts", arguments, &answer);
    assert_int_equal(answer.n, 0);
    answer.door = door;
    f.said(f.caller, 0, copies, ELEMENTSOF(copies), true);
    assert_int_equal(answer.n, 1);
    assert_non_null(answer.data);
    return answer.data;
}

static void test_alerts_tell_what_is_so_and_what_was_said(void **state)
{
    json_t *data, *said;
    char *text;

    house(1, 0);
    open_session(1, "anna");
    data = alerts("{\"days\":400}", COMMAND_DOOR_BUS);
    assert_int_equal(json_object_size(data), 7);
    assert_string_equal(json_string_value(json_object_get(data, "next")), "alert-1");
    assert_int_equal(json_array_size(json_object_get(data, "alerts")), RULES);
    assert_true(json_is_true(json_object_get(data, "more")));
    assert_int_equal(json_array_size(json_object_get(data, "snoozed")), 1);
    said = json_object_get(data, "said");
    assert_int_equal(json_array_size(said), 3);
    text = json_dumps(json_array_get(said, 1), JSON_COMPACT | JSON_REAL_PRECISION(12));
    assert_string_equal(
        text, "{\"id\":\"alert-2\",\"rule\":\"weekly_time\",\"news\":\"reminded\","
              "\"verdict\":\"warning\",\"day\":\"2024-10-06\",\"at\":\"2024-10-06T09:00:00Z\","
              "\"value\":3600.0,\"reference\":null,\"limit\":null,\"unit\":\"s\","
              "\"evidence\":null,\"sentence\":\"Time\",\"session\":\"run-1\","
              "\"acknowledged\":true,\"snoozed_until\":\"2024-10-07T09:00:00Z\"}");
    free(text);
    text = json_dumps(json_array_get(said, 2), JSON_COMPACT | JSON_REAL_PRECISION(12));
    assert_non_null(strstr(text, "\"session\":\"session-1\",\"acknowledged\":false,"
                                 "\"snoozed_until\":null"));
    free(text);
    json_decref(data);
}

static void test_what_is_made_of_a_private_heart_is_not_told_over_mqtt(void **state)
{
    json_t *data;

    house(1, 0);
    f.conf.runners[0].publish_heart_rate = false;
    data = alerts("{}", COMMAND_DOOR_MQTT);
    assert_int_equal(json_array_size(json_object_get(data, "said")), 2);
    json_decref(data);
    data = alerts("{}", COMMAND_DOOR_BUS);
    assert_int_equal(json_array_size(json_object_get(data, "said")), 3);
    json_decref(data);
}

static void test_alerts_go_on_behind_the_last_that_was_told(void **state)
{
    struct command_answer answer;
    char got[600];

    house(1, 0);
    ask("alerts", "{\"days\":84,\"before\":\"alert-1\"}", &answer);
    assert_string_equal(f.did, "said to 0 in 84 days before alert-1");
    f.said(f.caller, 0, messages, 1, false);
    assert_true(json_is_null(json_object_get(answer.data, "next")));
    assert_true(json_is_false(json_object_get(answer.data, "more")));
    json_decref(answer.data);
    ask("alerts", "{\"before\":\"none\"}", &answer);
    f.said(f.caller, -ENOENT, NULL, 0, false);
    outcome(&answer, got);
    assert_string_equal(got, "not_found before: what the last answer told as next");
}

static void test_what_is_off_is_not_snoozed_and_what_was_said_may_not_be_readable(void **state)
{
    struct command_answer answer;
    char got[600];

    house(1, 0);
    ask("snooze", "{\"for_h\":1,\"rule\":\"monotony\"}", &answer);
    outcome(&answer, got);
    assert_string_equal(got, "unavailable rule: one that is on: Enable=yes in its [Rule]");
    assert_string_equal(f.did, "");
    ask("alerts", "{}", &answer);
    f.said(f.caller, -EIO, NULL, 0, false);
    outcome(&answer, got);
    assert_string_equal(got, "unavailable -: ");
    f.result = -EAGAIN;
    ask("alerts", "{}", &answer);
    outcome(&answer, got);
    assert_string_equal(got, "unavailable -: ");
}

/* ---- assign: as it was heard --------------------------------------------------------------------- */

static void heard_as(const char *services, bool changing, struct command_answer *answer)
{
    house(2, 0);
    f.n_heard = 2;
    snprintf(f.heard[0].address, sizeof(f.heard[0].address), "C0:DE:00:00:00:02");
    snprintf(f.heard[0].services, sizeof(f.heard[0].services), "running_speed_cadence");
    snprintf(f.heard[1].address, sizeof(f.heard[1].address), "C0:DE:00:00:00:01");
    snprintf(f.heard[1].services, sizeof(f.heard[1].services), "%s", services);
    f.heard[1].changing_address = changing;
    ask("assign", "{\"address\":\"C0:DE:00:00:00:01\"}", answer);
}

static void test_a_device_is_what_it_was_heard_as(void **state)
{
    struct command_answer answer;
    char got[600];

    heard_as("fitness_machine", false, &answer); /* shared, and so nobody needs to be named */
    assert_string_equal(f.did, "assign  C0:DE:00:00:00:01 of auto, a treadmill");
    assert_string_equal(json_string_value(json_object_get(answer.data, "kind")), "treadmill");
    assert_true(json_is_true(json_object_get(answer.data, "heard")));
    json_decref(answer.data);
    heard_as("heart_rate", false, &answer);
    outcome(&answer, got);
    assert_string_equal(got, "missing_argument runner: auto | anna | ben");
    heard_as("heart_rate", true, &answer);
    outcome(&answer, got);
    assert_string_equal(
        got, "unavailable address: its lasting one: pair it with bluetoothctl, and scan again");
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

static void test_status_tells_whether_strided_scans(void **state)
{
    struct command_answer answer;

    house(1, 1);
    f.is_scanning = true;
    ask("status", "{}", &answer);
    assert_true(json_is_true(json_object_get(answer.data, "scanning")));
    json_decref(answer.data);
}

static void check_home(const char *expected)
{
    struct command_answer answer;

    ask("status", "{}", &answer);
    char *text =
        json_dumps(json_object_get(answer.data, "home_assistant"), JSON_COMPACT | JSON_ENCODE_ANY);
    assert_string_equal(text, expected);
    free(text);
    json_decref(answer.data);
}

static void test_status_tells_what_home_assistant_said(void **state)
{
    house(1, 1);
    f.clock = CLOCK_SYNCED;
    check_home("null");
    f.home_usec = clock_now_usec() - 90 * UINT64_C(1000000);
    check_home("{\"said\":\"online\",\"at\":\"2026-11-22T09:58:30Z\",\"age_s\":90}");
    f.clock = CLOCK_UNSET;
    check_home("{\"said\":\"online\",\"at\":null,\"age_s\":90}");
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
    assert_true(json_is_false(json_object_get(answer.data, "scanning")));
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
    char got[600];

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
    char got[600];

    house(0, 0);
    ask("scan", "{}", &answer);
    f.scanned(f.scan, -ENOTCONN);
    outcome(&answer, got);
    assert_string_equal(got, "unavailable -: ");
}

static void test_nothing_heard_is_an_empty_list(void **state)
{
    struct command_answer answer;
    char got[600];

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
        cmocka_unit_test(test_what_is_said_to_a_rule_is_answered_when_it_is_stored),
        cmocka_unit_test(test_who_is_gone_meanwhile_gets_no_answer_of_another),
        cmocka_unit_test(test_alerts_tell_what_is_so_and_what_was_said),
        cmocka_unit_test(test_alerts_go_on_behind_the_last_that_was_told),
        cmocka_unit_test(test_what_is_made_of_a_private_heart_is_not_told_over_mqtt),
        cmocka_unit_test(test_what_is_off_is_not_snoozed_and_what_was_said_may_not_be_readable),
        cmocka_unit_test(test_a_device_is_what_it_was_heard_as),
        cmocka_unit_test(test_load_is_told_to_who_asks_and_hides_what_is_made_of_heart_rate),
        cmocka_unit_test(test_history_tells_weeks_and_null_where_nobody_told),
        cmocka_unit_test(test_history_hides_a_private_heart_from_the_broker_alone),
        cmocka_unit_test(test_every_payload_has_its_schema),
        cmocka_unit_test(test_sessions_are_those_in_memory_and_then_those_that_are_stored),
        cmocka_unit_test(test_sessions_go_on_behind_one_in_memory_or_one_that_is_stored),
        cmocka_unit_test(test_sessions_of_a_runner_and_of_days),
        cmocka_unit_test(test_the_broker_hears_of_no_session_more_than_the_topics_tell),
        cmocka_unit_test(test_what_a_file_said_and_no_topic_takes_is_null_and_no_mistake_of_ours),
        cmocka_unit_test(test_why_nothing_stored_can_be_told_is_told),
        cmocka_unit_test(test_what_is_exported_is_asked_for_as_it_was_said),
        cmocka_unit_test(test_what_does_not_go_together_is_not_exported),
        cmocka_unit_test(test_a_part_is_answered_with_what_follows_it),
        cmocka_unit_test(test_no_heart_that_stays_here_is_exported_to_the_broker),
        cmocka_unit_test(test_a_list_of_many_names_is_cut_and_no_more),
        cmocka_unit_test(test_status_tells_whether_strided_scans),
        cmocka_unit_test(test_status_tells_what_home_assistant_said),
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
