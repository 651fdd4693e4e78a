/* SPDX-License-Identifier: MIT */
/* Verbs that ask: what is so now is told, and nothing is done. */
#include "daemon/commands/verbs_private.h"

#include <math.h>
#include <string.h>
#include "daemon/broker/privacy.h"
#include "daemon/clock.h"
#include "daemon/render.h"
#include "daemon/util.h"

/* An answer may leave over MQTT: it holds no more than the topics do, which tell nothing of nobody's
 * session, nor of the heart of somebody who is not configured any more. */
static void hide_heart(const struct conf *conf, struct payload_session *session)
{
    const struct conf_runner *runner = conf_runner_of(conf, session->runner);

    if (!runner || !runner->publish_heart_rate)
        privacy_hide_session(session);
}

static json_t *open_sessions(const struct verbs *verbs)
{
    json_t *list = json_array();
    struct payload_session summary;

    for (size_t slot = 0; slot < TRACKER_SLOTS_MAX; slot++)
        if (sessions_summary(verbs->sessions, slot, clock_now_usec(), &summary)) {
            hide_heart(verbs->conf, &summary);
            json_array_append_new(list, verbs_payload_json(CONTRACT_SESSION, &summary));
        }
    return list;
}

/* ---- live --------------------------------------------------------------------------------------- */

static bool tells_heart(const struct verbs *verbs, size_t runner)
{
    return runner != TRACKER_NONE && verbs->conf->runners[runner].publish_heart_rate;
}

/* {runner, live} of a slot, as the topic has it this second; NULL: nothing that may be told. */
static json_t *live_of(const struct verbs *verbs, size_t slot, enum command_door door)
{
    struct payload_live live;
    size_t runner;

    if (!sessions_live(verbs->sessions, slot, clock_now_usec(), &live, &runner))
        return NULL;
    if (runner == TRACKER_NONE && door == COMMAND_DOOR_MQTT)
        return NULL; /* nobody's has no topic */
    if (runner != TRACKER_NONE)
        training_fill_left(verbs->training, runner, &live);
    if (!tells_heart(verbs, runner))
        privacy_hide_live(&live);
    return json_pack("{s:s?, s:o}", "runner",
                     runner == TRACKER_NONE ? NULL : verbs->conf->runners[runner].id, "live",
                     verbs_payload_json(CONTRACT_LIVE, &live));
}

static json_t *all_live(const struct verbs *verbs, enum command_door door)
{
    json_t *list = json_array();

    for (size_t slot = 0; slot < TRACKER_SLOTS_MAX; slot++) {
        json_t *live = live_of(verbs, slot, door);

        if (live)
            json_array_append_new(list, live);
    }
    return list;
}

/* ---- status ------------------------------------------------------------------------------------- */

static json_t *runner_names(const struct conf *conf)
{
    json_t *list = json_array();

    for (size_t i = 0; i < conf->n_runners; i++)
        json_array_append_new(list, json_string(conf->runners[i].id));
    return list;
}

/* How long ago is sure; the time of the day only where there is one. */
static json_t *home_json(const struct verbs *verbs, const struct payload_health *health)
{
    uint64_t at_usec, now_usec = clock_now_usec();
    bool online;

    if (!verbs->home(verbs->userdata, &online, &at_usec))
        return json_null();
    return json_pack("{s:s, s:o, s:I}", "said", online ? "online" : "offline", "at",
                     health->clock == CLOCK_UNSET
                         ? json_null()
                         : verbs_moment(clock_wall_usec() - (int64_t)(now_usec - at_usec)),
                     "age_s", (json_int_t)((now_usec - at_usec) / 1000000));
}

void verbs_run_status(void *context, const json_t *arguments, struct command_answer *answer)
{
    const struct verbs *verbs = context;
    _cleanup_free_ struct payload_health *health = calloc(1, sizeof(*health));

    if (!health) {
        verbs_fail(answer, "no_memory", NULL, "Out of memory", NULL);
        return;
    }
    verbs->health(verbs->userdata, health);
    command_answer_data(
        answer,
        json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:b, s:o, s:o}", "gateway", verbs->conf->gateway,
                  "version", STRIDED_VERSION,
                  "units", /* of a terminal: the figures here are metric */
                  verbs->conf->units == CONF_UNITS_IMPERIAL ? "imperial" : "metric", "runners",
                  runner_names(verbs->conf), "sessions", open_sessions(verbs), "live",
                  all_live(verbs, command_answer_door(answer)), "scanning",
                  sensors_is_scanning(verbs->sensors), "home_assistant", home_json(verbs, health),
                  "health", verbs_payload_json(CONTRACT_HEALTH, health)));
}

void verbs_run_sensors(void *context, const json_t *arguments, struct command_answer *answer)
{
    const struct verbs *verbs = context;
    json_t *list = json_array();
    struct payload_sensor sensor;

    for (size_t i = 0; i < verbs->conf->n_sensors; i++)
        if (verbs->sensor(verbs->userdata, i, &sensor))
            json_array_append_new(list, verbs_payload_json(CONTRACT_SENSOR, &sensor));
    command_answer_data(answer, json_pack("{s:o}", "sensors", list));
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

    return json_pack(
        "{s:s, s:s, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s}", "runner", runner->id,
        "day", day, "days", load->days, "without_heart_load",
        whole(heart ? load->without_heart_load : NAN), "mean_42_days",
        whole(heart ? load->fitness : NAN), "mean_7_days", whole(heart ? load->fatigue : NAN),
        "difference", whole(heart ? load->form : NAN), "monotony",
        hundredths(heart ? load->monotony : NAN), "strain", whole(heart ? load->strain : NAN),
        "acwr_coupled", hundredths(load->coupled), "acwr_uncoupled", hundredths(load->uncoupled),
        "acwr_ewma", hundredths(load->ewma), "about", LOAD_ABOUT);
}

void verbs_run_load(void *context, const json_t *arguments, struct command_answer *answer)
{
    const struct verbs *verbs = context;
    struct load load;
    char day[11] = "";
    size_t runner;

    if (!verbs_which_runner(verbs, arguments, answer, &runner))
        return;
    if (!training_load(verbs->training, runner, &load, day)) {
        verbs_fail(answer, "unavailable", NULL, "The training log or the date is not known", NULL);
        return;
    }
    command_answer_data(answer, load_json(&verbs->conf->runners[runner], day, &load));
}

/* ---- imports ---------------------------------------------------------------------------------- */

void verbs_run_imports(void *context, const json_t *arguments, struct command_answer *answer)
{
    const struct verbs *verbs = context;

    command_answer_data(answer, json_pack("{s:o, s:I}", "imports", import_list(verbs->import),
                                          "waiting", (json_int_t)import_waiting(verbs->import)));
}
