/* SPDX-License-Identifier: MIT */
/* A file of the import folder, now: it is answered when it is through. */
#include "daemon/commands/verbs_private.h"

#include <errno.h>
#include "daemon/import/name.h"

static void on_imported(void *userdata, const struct import_answer *done)
{
    struct command_answer *answer = userdata;

    if (done->code)
        verbs_fail(answer, done->code, done->argument, done->message,
                   done->allowed[0] ? done->allowed : NULL);
    else
        command_answer_data(answer, done->data);
}

static void refuse(struct command_answer *answer, int error)
{
    if (error == -EBUSY)
        verbs_fail(answer, "busy", NULL, "Another file is being asked for: try again", NULL);
    else if (error == -ENOENT)
        verbs_fail(answer, "unavailable", "file", "There is no import folder to look in",
                   "Folder= in [Import]");
    else if (error == -ETIMEDOUT)
        verbs_fail(answer, "unavailable", "file", "The import folder does not answer",
                   "the same again once it does");
    else
        verbs_fail(answer, "unavailable", "file", "No file can be imported now",
                   "see problems in status");
}

void verbs_run_import(void *context, const json_t *arguments, struct command_answer *answer)
{
    const struct verbs *verbs = context;
    const char *name = verbs_text(arguments, "file");
    size_t runner;
    int r;

    if (!import_name_is_way(name)) {
        verbs_fail(
            answer, "bad_argument", "file", "This is not the name of a file that is whole",
            "a name, or one in at most two folders below the runner's, none with a dot in front");
        return;
    }
    if (!verbs_which_runner(verbs, arguments, answer, &runner))
        return;
    r = import_now(verbs->import, verbs->conf->runners[runner].id, name, on_imported, answer);
    if (r < 0)
        refuse(answer, r);
}
