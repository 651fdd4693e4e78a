/* SPDX-License-Identifier: MIT */
#include "daemon/stridectl/follow.h"

#include <stdbool.h>
#include <string.h>
#include "daemon/stridectl/ask.h"
#include "daemon/stridectl/interrupt.h"
#include "daemon/stridectl/progress.h"
#include "daemon/stridectl/stridectl.h"

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

int follow(const char *verb, const json_t *arguments, const char *what, json_t **ret)
{
    struct following following = { .seconds = 0 };
    int r;

    progress_begin(&following.progress, what);
    do {
        json_decref(*ret);
        *ret = NULL;
        r = ask_patiently(verb, arguments, on_second, &following, ret);
        if (r == 0 && is_under_way(*ret)) /* however fast that was said */
            r = on_second(&following);
    } while (r == 0 && is_under_way(*ret));
    progress_end(&following.progress);
    return r;
}
