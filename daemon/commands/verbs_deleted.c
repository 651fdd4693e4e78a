/* SPDX-License-Identifier: MIT */
/* A session that is to go for good, or not after all. */
#include "daemon/commands/verbs_private.h"

#include <stdio.h>
#include <time.h>
#include "daemon/entries/deleted.h"
#include "daemon/util.h"

struct deleting {
    struct command_answer *answer;
    bool undo;
};

static json_t *time_json(int64_t usec)
{
    time_t seconds = (time_t)(usec / 1000000);
    struct tm utc;
    char text[32];

    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&seconds, &utc));
    return json_string(text);
}

/* Until then it can come back; null: nobody knows what time it is. */
static json_t *until_json(const struct deleting *deleting, const struct correction_answer *done)
{
    return deleting->undo || !done->deleted_usec
               ? json_null()
               : time_json(done->deleted_usec + DELETED_KEPT_USEC);
}

static void on_done(void *userdata, const struct correction_answer *done)
{
    struct deleting *deleting = userdata;

    if (done->code)
        verbs_fail(deleting->answer, done->code, done->argument, done->message,
                   done->allowed[0] ? done->allowed : NULL);
    else
        command_answer_data(deleting->answer,
                            json_pack("{s:s, s:s, s:o}", "done", deleting->undo ? "undo" : "delete",
                                      "id", done->id, "until", until_json(deleting, done)));
    free(deleting);
}

void verbs_run_delete(void *context, const json_t *arguments, struct command_answer *answer)
{
    const struct verbs *verbs = context;
    bool undo = json_is_true(json_object_get(arguments, "undo"));
    struct correction what = { .kind = undo ? CORRECTION_UNDELETE : CORRECTION_DELETE };
    struct deleting *deleting;
    size_t runner;

    if (verbs_text(arguments, "runner")[0]) {
        if (!verbs_which_runner(verbs, arguments, answer, &runner))
            return;
        snprintf(what.runner, sizeof(what.runner), "%s", verbs->conf->runners[runner].id);
    }
    deleting = calloc(1, sizeof(*deleting));
    if (!deleting) {
        verbs_fail(answer, "no_memory", NULL, "Out of memory", NULL);
        return;
    }
    *deleting = (struct deleting){ .answer = answer, .undo = undo };
    snprintf(what.id, sizeof(what.id), "%s", verbs_text(arguments, "id"));
    verbs->correct(verbs->userdata, &what, on_done, deleting);
}
