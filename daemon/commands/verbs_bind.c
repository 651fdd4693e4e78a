/* SPDX-License-Identifier: MIT */
/* Which device has which name: assign, replace, forget. The answer says what happens next. */
#include "daemon/commands/verbs_private.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include "daemon/naming.h"
#include "daemon/util.h"
#include "lib/address.h"

#define HEARD_MAX 128

struct bound {
    const struct verbs *verbs;
    struct command_answer *answer;
    struct binding what;
    bool heard;
};

/* ---- what happens next ------------------------------------------------------------------------- */

static const char *wake_of(const char *kind)
{
    static const char *const rows[][2] = {
        { "pod", "Walk with it, and it advertises" },
        { "strap", "Wear it, and it advertises" },
        { "treadmill", "Switch it on, and it advertises" },
        { "power", "Walk with it, and it advertises" },
    };

    for (size_t i = 0; i < ELEMENTSOF(rows); i++)
        if (strcmp(rows[i][0], kind) == 0)
            return rows[i][1];
    return "Wake it, and it advertises";
}

static void say_auto(const struct conf_sensor *sensor, char *ret, size_t size)
{
    if (sensor->grace_usec > 0)
        snprintf(ret, size, "it is connected if no watch has taken it %g s later",
                 (double)sensor->grace_usec / 1e6);
    else
        snprintf(ret, size, "it is connected then");
}

/* As the sensors do it: those that tell a run are connected by themselves. */
static void say_connect(const struct conf_sensor *sensor, const char *kind, char *ret, size_t size)
{
    bool runs = strcmp(kind, "pod") == 0 || strcmp(kind, "treadmill") == 0;
    enum conf_connect connect = sensor->connect;

    if (connect == CONF_CONNECT_UNSET && strcmp(kind, NAMING_UNKNOWN) != 0)
        connect = runs ? CONF_CONNECT_AUTO : CONF_CONNECT_WITH;
    if (connect == CONF_CONNECT_ON_REQUEST)
        snprintf(ret, size, "it is connected for a session that `session start` begins");
    else if (connect == CONF_CONNECT_AUTO)
        say_auto(sensor, ret, size);
    else if (connect == CONF_CONNECT_WITH)
        snprintf(ret, size,
                 "it is connected while a pod of its runner or a treadmill moves, or "
                 "after `session start`");
    else
        snprintf(ret, size, "it is connected, and shows what it is");
}

static void say_next(const struct bound *bound, const char *name, char *ret, size_t size)
{
    const struct conf *conf = bound->verbs->conf; /* with it in it, by now */
    size_t i = conf_find_sensor(conf, name);
    char connect[160];

    if (i == conf->n_sensors) {
        snprintf(ret, size, "stridectl sensors shows what becomes of it");
        return;
    }
    say_connect(&conf->sensors[i], bound->what.what, connect, sizeof(connect));
    snprintf(ret, size, "%s%s: %s.", bound->heard ? "" : "It was not heard yet. ",
             wake_of(bound->what.what), connect);
}

/* ---- the answer -------------------------------------------------------------------------------- */

static json_t *over_json(const struct binding_answer *done)
{
    return done->over_file[0]
               ? json_pack("{s:s, s:s, s:s, s:I}", "key", "Runner", "value", done->runner, "file",
                           done->over_file, "line", (json_int_t)done->over_line)
               : json_null();
}

static json_t *bound_json(const struct bound *bound, const struct binding_answer *done)
{
    bool known = strcmp(bound->what.what, NAMING_UNKNOWN) != 0;
    char next[320];

    say_next(bound, done->sensor, next, sizeof(next));
    return json_pack("{s:s, s:s, s:s, s:s?, s:s, s:s?, s:b, s:s, s:I, s:o, s:s}", "done",
                     bound->what.kind == BINDING_ASSIGN ? "assign" : "replace", "sensor",
                     done->sensor, "address", done->address, "was", done->was[0] ? done->was : NULL,
                     "runner", done->runner, "kind", known ? bound->what.what : NULL, "heard",
                     bound->heard, "file", done->file, "line", (json_int_t)done->line, "overridden",
                     over_json(done), "next", next);
}

static json_t *forgotten_json(const struct binding_answer *done)
{
    return json_pack("{s:s, s:s, s:s?, s:s, s:s}", "done", "forget", "sensor", done->sensor,
                     "address", done->address[0] ? done->address : NULL, "file", done->file, "next",
                     "It is let go. What it recorded stays, and the name is free.");
}

static void on_bound(void *userdata, const struct binding_answer *done)
{
    struct bound *bound = userdata;

    if (done->code)
        verbs_fail(bound->answer, done->code, done->argument, done->message,
                   done->allowed[0] ? done->allowed : NULL);
    else
        command_answer_data(bound->answer, bound->what.kind == BINDING_FORGET
                                               ? forgotten_json(done)
                                               : bound_json(bound, done));
    free(bound);
}

static void bind_it(const struct bound *asked)
{
    struct bound *bound = malloc(sizeof(*bound));

    if (!bound) {
        verbs_fail(asked->answer, "no_memory", NULL, "Out of memory", NULL);
        return;
    }
    *bound = *asked;
    bound->verbs->bind(bound->verbs->userdata, &bound->what, on_bound, bound);
}

/* ---- the device -------------------------------------------------------------------------------- */

static bool take_address(struct bound *bound, const json_t *arguments)
{
    const char *text = verbs_text(arguments, "address");

    if (!address_is_valid(text)) {
        verbs_fail(bound->answer, "bad_argument", "address", "This is not the address of a device",
                   "an address such as C0:DE:00:00:00:01; scan shows them");
        return false;
    }
    for (size_t i = 0; i < sizeof(bound->what.address); i++)
        bound->what.address[i] = (char)toupper((unsigned char)text[i]);
    return true;
}

/* false: it has another address in a few minutes. */
static bool note_heard(struct bound *bound, const struct sensors_heard *heard)
{
    bound->heard = true;
    if (!bound->what.what[0])
        snprintf(bound->what.what, sizeof(bound->what.what), "%s", naming_kind(heard->services));
    if (!heard->changing_address)
        return true;
    verbs_fail(bound->answer, "unavailable", "address",
               "The address of this device changes every few minutes, as phones' and some watches' "
               "do",
               "its lasting one: pair it with bluetoothctl, and scan again");
    return false;
}

static bool look_it_up(struct bound *bound, const json_t *arguments)
{
    _cleanup_free_ struct sensors_heard *heard = calloc(HEARD_MAX, sizeof(*heard));
    size_t n = heard ? sensors_heard(bound->verbs->sensors, heard, HEARD_MAX) : 0;

    if (!take_address(bound, arguments))
        return false;
    for (size_t i = 0; i < n; i++)
        if (strcmp(heard[i].address, bound->what.address) == 0)
            return note_heard(bound, &heard[i]);
    if (!bound->what.what[0])
        snprintf(bound->what.what, sizeof(bound->what.what), NAMING_UNKNOWN);
    return true;
}

/* ---- whose ------------------------------------------------------------------------------------- */

static bool refuse_runner(struct bound *bound, const char *code, const char *message)
{
    const struct conf *conf = bound->verbs->conf;
    char allowed[COMMAND_ALLOWED_MAX] = "auto";
    size_t length = strlen(allowed);

    for (size_t i = 0; i < conf->n_runners && length < sizeof(allowed); i++)
        length += (size_t)snprintf(allowed + length, sizeof(allowed) - length, " | %s",
                                   conf->runners[i].id);
    if (conf->n_runners == 0)
        snprintf(allowed, sizeof(allowed),
                 "auto; or a [Runner] section in the configuration first, and its name");
    verbs_fail(bound->answer, code, "runner", message, allowed);
    return false;
}

static bool take_runner(struct bound *bound, const json_t *arguments)
{
    const struct conf *conf = bound->verbs->conf;
    const char *given = verbs_text(arguments, "runner");

    if (!given[0] && naming_is_shared(bound->what.what))
        given = "auto";
    else if (!given[0] && conf->n_runners == 1)
        given = conf->runners[0].id;
    else if (!given[0])
        return refuse_runner(bound, "missing_argument", "Whose is it?");
    if (strcmp(given, "auto") != 0 && conf_find_runner(conf, given) == conf->n_runners)
        return refuse_runner(bound, "not_found", "There is no such runner");
    snprintf(bound->what.runner, sizeof(bound->what.runner), "%s", given);
    return true;
}

/* ---- the verbs --------------------------------------------------------------------------------- */

void verbs_run_assign(void *context, const json_t *arguments, struct command_answer *answer)
{
    const char *name = verbs_text(arguments, "name");
    struct bound bound = { .verbs = context, .answer = answer, .what = { .kind = BINDING_ASSIGN } };

    if (name[0] && !conf_id_is_valid(name)) {
        verbs_fail(answer, "bad_argument", "name", "This cannot be the name of a sensor",
                   "1 to 31 of a-z, 0-9, _ and -");
        return;
    }
    snprintf(bound.what.sensor, sizeof(bound.what.sensor), "%s", name);
    snprintf(bound.what.what, sizeof(bound.what.what), "%s", verbs_text(arguments, "kind"));
    if (look_it_up(&bound, arguments) && take_runner(&bound, arguments))
        bind_it(&bound);
}

void verbs_run_replace(void *context, const json_t *arguments, struct command_answer *answer)
{
    struct bound bound = { .verbs = context,
                           .answer = answer,
                           .what = { .kind = BINDING_REPLACE } };

    snprintf(bound.what.sensor, sizeof(bound.what.sensor), "%s", verbs_text(arguments, "sensor"));
    if (look_it_up(&bound, arguments))
        bind_it(&bound);
}

void verbs_run_forget(void *context, const json_t *arguments, struct command_answer *answer)
{
    struct bound bound = { .verbs = context, .answer = answer, .what = { .kind = BINDING_FORGET } };

    snprintf(bound.what.sensor, sizeof(bound.what.sensor), "%s", verbs_text(arguments, "sensor"));
    bind_it(&bound);
}
