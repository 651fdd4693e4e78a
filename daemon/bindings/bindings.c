/* SPDX-License-Identifier: MIT */
#include "daemon/bindings/private.h"

#include <errno.h>
#include <string.h>
#include "daemon/config/config.h"
#include "daemon/log.h"
#include "daemon/util.h"

struct change {
    struct bindings *bindings;
    char *text; /* the worker's until it is written */
    size_t length;
    enum binding_kind kind;
    struct binding_answer answer;
    binding_done done; /* NULL: whoever waited was answered */
    void *userdata;
};

struct bindings {
    struct bindings_parts parts;
    struct change *under_way;
    bool stopping;
};

static void tell(struct change *change)
{
    if (change->done)
        change->done(change->userdata, &change->answer);
    change->done = NULL;
}

static void say(const struct change *change)
{
    const struct binding_answer *answer = &change->answer;

    if (change->kind == BINDING_FORGET)
        log_info("%s is not ours any more, as a person said", answer->sensor);
    else
        log_info("%s is %s from now on, as a person said", answer->sensor, answer->address);
}

/* ---- on the disk ------------------------------------------------------------------------------- */

static int run_write(void *data)
{
    const struct change *change = data;

    return config_write_assigned(change->bindings->parts.state_dir, change->text, change->length);
}

static void take(struct change *change, int result)
{
    const struct bindings_parts *parts = &change->bindings->parts;
    struct binding_answer *answer = &change->answer;

    if (result < 0) {
        log_warning_errno(result, "Failed to write %s: %m", answer->file);
        bindings_refuse(answer, "unavailable", NULL, "%s could not be written: %s", answer->file,
                        strerror(-result));
    } else if (parts->reload(parts->userdata) < 0) {
        bindings_refuse(answer, "unavailable", NULL,
                        "It is written, but the configuration as a whole cannot be taken now: the "
                        "one before stays in force");
        bindings_allow(answer, "strided --check-config says what is wrong; then systemctl reload "
                               "strided");
    } else {
        say(change);
    }
}

static void on_written(void *data, int result)
{
    struct change *change = data;

    change->bindings->under_way = NULL;
    if (!change->bindings->stopping)
        take(change, result);
    tell(change);
    free(change->text);
    free(change);
}

static void refuse_now(const char *code, const char *message, binding_done done, void *userdata)
{
    struct binding_answer answer = { 0 };

    bindings_refuse(&answer, code, NULL, "%s", message);
    done(userdata, &answer);
}

static int write_it(struct bindings *bindings, struct change *change)
{
    int r =
        worker_post(bindings->parts.worker, &(struct worker_job){ run_write, on_written, change });

    if (r >= 0)
        bindings->under_way = change;
    return r;
}

void bindings_change(struct bindings *bindings, const struct binding *what, binding_done done,
                     void *userdata)
{
    struct change *change;

    if (bindings->under_way) {
        refuse_now("busy", "Another sensor is being bound: try again", done, userdata);
        return;
    }
    change = calloc(1, sizeof(*change));
    if (!change) {
        refuse_now("no_memory", "Out of memory", done, userdata);
        return;
    }
    *change = (struct change){
        .bindings = bindings, .kind = what->kind, .done = done, .userdata = userdata
    };
    change->text = bindings_checked(&bindings->parts, what, &change->answer, &change->length);
    if (change->text && write_it(bindings, change) >= 0)
        return;
    if (change->text)
        bindings_refuse(&change->answer, "no_memory", NULL, "Out of memory");
    tell(change);
    free(change->text);
    free(change);
}

/* ---- life -------------------------------------------------------------------------------------- */

int bindings_new(struct bindings **ret, const struct bindings_parts *parts)
{
    struct bindings *bindings = calloc(1, sizeof(*bindings));

    if (!bindings)
        return -ENOMEM;
    bindings->parts = *parts;
    *ret = bindings;
    return 0;
}

void bindings_stop(struct bindings *bindings)
{
    if (!bindings)
        return;
    bindings->stopping = true;
    if (!bindings->under_way)
        return;
    bindings_refuse(&bindings->under_way->answer, "unavailable", NULL, "strided is stopping");
    tell(bindings->under_way);
}

struct bindings *bindings_free(struct bindings *bindings)
{
    free(bindings);
    return NULL;
}
