/* SPDX-License-Identifier: MIT */
/* A recording, followed until it is over. */
#include "daemon/stridectl/record.h"

#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>
#include "daemon/stridectl/ask.h"
#include "daemon/stridectl/interrupt.h"
#include "daemon/stridectl/stridectl.h"

static json_int_t whole(const json_t *data, const char *key)
{
    return json_integer_value(json_object_get(data, key));
}

static const char *text(const json_t *data, const char *key)
{
    const char *value = json_string_value(json_object_get(data, key));

    return value ? value : "-";
}

static void print_figures(const json_t *data)
{
    json_int_t lost = whole(data, "lost"), sensors = whole(data, "sensors");

    printf("%lld packets of %lld sensor%s, %lld KiB", (long long)whole(data, "packets"),
           (long long)sensors, sensors == 1 ? "" : "s",
           (long long)(whole(data, "bytes") + 1023) / 1024);
    if (lost > 0)
        printf(", %lld lost", (long long)lost);
}

static void print_clock(json_int_t seconds)
{
    printf("%lld:%02lld", (long long)seconds / 60, (long long)seconds % 60);
}

void stridectl_print_recording(const json_t *data)
{
    const char *ended = json_string_value(json_object_get(data, "ended"));

    if (json_is_true(json_object_get(data, "recording"))) {
        printf("Recording %s to %s\n",
               json_is_string(json_object_get(data, "sensor")) ? text(data, "sensor")
                                                               : "all sensors",
               text(data, "file"));
        print_figures(data);
        printf(" so far; ");
        print_clock(whole(data, "left_s"));
        printf(" min left (stridectl record stop ends it now)\n");
        return;
    }
    if (!ended) {
        printf("Nothing is being recorded.\n");
        return;
    }
    printf("%s: ", text(data, "file"));
    print_figures(data);
    printf(" in ");
    print_clock(whole(data, "elapsed_s"));
    printf(" min; %s.\n", ended);
    if (whole(data, "packets") == 0) {
        printf("No sensor was connected meanwhile; what each waits for: stridectl sensors\n");
        return;
    }
    /* whoever may ask for a recording need not be who may read the state folder */
    printf("What strided makes of it: sudo strided-replay %s\n"
           "A copy to be sent:        sudo strided-replay --anonymous copy.rec %s\n",
           text(data, "file"), text(data, "file"));
}

static void print_progress(const json_t *data)
{
    printf("\r\033[K");
    print_figures(data);
    printf(", ");
    print_clock(whole(data, "left_s"));
    printf(" min left; Ctrl-C ends it ");
    fflush(stdout);
}

static int ask_recording(const char *what, json_t **ret)
{
    json_t *arguments = json_pack("{s:s}", "do", what), *answer = NULL;
    int r = ask("record", arguments, &answer);

    json_decref(arguments);
    if (r == 0) {
        *ret = json_incref(json_object_get(answer, "data"));
        if (!json_is_object(*ret)) { /* it ended by itself in this moment */
            json_decref(*ret);
            *ret = NULL;
            r = EXIT_REFUSED;
        }
    }
    json_decref(answer);
    return r;
}

static int end_it(bool terminal)
{
    json_t *data = NULL;
    int r = ask_recording("stop", &data);

    if (r == EXIT_REFUSED)
        r = ask_recording("status", &data);
    if (terminal)
        printf("\r\033[K");
    if (r == 0)
        stridectl_print_recording(data);
    json_decref(data);
    return r;
}

int stridectl_follow_recording(void)
{
    bool terminal = isatty(STDOUT_FILENO), goes_on = true;
    int r = 0;

    fflush(stdout);
    while (r == 0 && goes_on) {
        json_t *data = NULL;

        if (interrupt_is_told())
            return end_it(terminal);
        r = ask_recording("status", &data);
        goes_on = r == 0 && json_is_true(json_object_get(data, "recording"));
        if (goes_on && terminal)
            print_progress(data);
        if (r == 0 && !goes_on) {
            if (terminal)
                printf("\r\033[K");
            stridectl_print_recording(data);
        }
        json_decref(data);
    }
    return r;
}
