/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * `stridectl report`: twelve weeks with all that was said of them and why, as text, or as a page that
 * stands for itself: nothing is fetched, no script is needed.
 */
#include <stdbool.h>

struct report_options { /* NULL: not given */
    const char *runner;
    const char *html; /* a file for the page; "-": stdout */
    const char *from; /* a file with the answers, as --json prints them, in place of the daemon */
    bool as_json;     /* the answers themselves */
};
/* How the program ends. */
int report(const struct report_options *options);
