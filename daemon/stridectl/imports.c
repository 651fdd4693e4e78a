/* SPDX-License-Identifier: MIT */
#include "daemon/stridectl/imports.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "daemon/stridectl/ask.h"
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

#define SHOWN_AFTER 2 /* seconds: most are through before */

struct following {
    struct progress progress;
    int seconds;
};

static int on_second(void *userdata)
{
    struct following *following = userdata;
    int number = interrupt_pending();

    if (++following->seconds >= SHOWN_AFTER)
        progress_at(&following->progress, following->seconds, 0);
    return number ? EXIT_SIGNALLED + number : 0;
}

static bool is_under_way(const json_t *answer)
{
    const char *code = json_string_value(json_object_get(json_object_get(answer, "error"), "code"));

    return code && strcmp(code, "under_way") == 0;
}

int imports_ask(const json_t *arguments, json_t **ret)
{
    struct following following = { .seconds = 0 };
    int r;

    interrupt_heed();
    progress_begin(&following.progress, "reading it, seconds:");
    do {
        json_decref(*ret);
        *ret = NULL;
        r = ask_patiently("import", arguments, on_second, &following, ret);
        if (r == 0 && is_under_way(*ret)) /* however fast that was said */
            r = on_second(&following);
    } while (r == 0 && is_under_way(*ret));
    progress_end(&following.progress);
    if (r > EXIT_SIGNALLED)
        fprintf(stderr, "stridectl: it goes on; stridectl imports tells what became of it\n");
    return r;
}
