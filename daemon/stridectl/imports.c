/* SPDX-License-Identifier: MIT */
#include "daemon/stridectl/imports.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "daemon/stridectl/ask.h"
#include "daemon/stridectl/follow.h"
#include "daemon/stridectl/interrupt.h"
#include "daemon/stridectl/progress.h"
#include "daemon/stridectl/stridectl.h"

#define STILL_MAX                                                                                  \
    20 /* seconds in which none came through: what is left is being written yet, or can't be read */

static json_int_t waiting_of(const json_t *answer)
{
    return json_integer_value(json_object_get(json_object_get(answer, "data"), "waiting"));
}

/* What strided does not answer any more is not waited for. */
static bool ask_again(json_t **answer)
{
    json_t *nothing = json_object(), *next = NULL;
    bool answered = ask("imports", nothing, &next) == 0;

    json_decref(nothing);
    if (!answered)
        return false;
    json_decref(*answer);
    *answer = next;
    return true;
}

void imports_follow(json_t **answer)
{
    json_int_t waiting = waiting_of(*answer), most = waiting, before;
    struct progress progress;
    int still_s = 0;

    if (waiting == 0 || !isatty(STDOUT_FILENO) || !isatty(STDERR_FILENO))
        return;
    interrupt_heed();
    progress_begin(&progress, "files");
    while (waiting > 0 && still_s < STILL_MAX) {
        progress_at(&progress, (double)(most - waiting), (double)most);
        if (interrupt_is_told() || !ask_again(answer))
            break;
        before = waiting;
        waiting = waiting_of(*answer);
        still_s = waiting < before ? 0 : still_s + 1;
        most = waiting > most ? waiting : most;
    }
    progress_end(&progress);
}

/* ---- one that is asked for ---------------------------------------------------------------------- */

int imports_ask(const json_t *arguments, json_t **ret)
{
    int r;

    interrupt_heed();
    r = follow("import", arguments, "reading it, seconds:", ret);
    if (r > EXIT_SIGNALLED)
        fprintf(stderr, "stridectl: it goes on; stridectl imports tells what became of it\n");
    return r;
}
