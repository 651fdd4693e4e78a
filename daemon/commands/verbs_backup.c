/* SPDX-License-Identifier: MIT */
/* A copy of the database, now. */
#include "daemon/commands/verbs_private.h"

#include <errno.h>
#include <string.h>

static const char *why(int error)
{
    switch (error) {
    case -ENOENT:
        return "There is no database to copy";
    case -EBADMSG:
        return "The database, or its copy, is not sound: see problems in status";
    case -EAGAIN:
        return "The date is not known, which a copy is called by";
    case -ENOSPC:
        return "The disk has no room for a copy";
    default:
        return strerrordesc_np(-error);
    }
}

static void refuse(struct command_answer *answer, int error)
{
    if (error == -EBUSY)
        verbs_fail(answer, "busy", NULL, "A copy is being made already", NULL);
    else
        verbs_fail(answer, "unavailable", NULL, why(error), NULL);
}

static void on_made(void *userdata, int result, const struct backup *made)
{
    struct command_answer *answer = userdata;

    if (result < 0)
        refuse(answer, result);
    else
        command_answer_data(answer, json_pack("{s:s, s:I}", "name", made->name, "size_bytes",
                                              (json_int_t)made->size));
}

void verbs_run_backup(void *context, const json_t *arguments, struct command_answer *answer)
{
    const struct verbs *verbs = context;
    int r = verbs->backup(verbs->userdata, on_made, answer);

    if (r < 0)
        refuse(answer, r);
}
