/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * How far a long import or export is, on stderr: a line that is drawn again in its place, and gone in
 * the end. Only on a terminal; elsewhere nothing is written.
 *
 *   runs.csv  ████████████▌              48 %  120 of 250
 */
#include <stdbool.h>

struct progress {
    const char *what; /* borrowed */
    int columns;      /* of the terminal; 0: there is none */
    int drawn;        /* what stands there, in steps; -1: nothing */
};

void progress_begin(struct progress *progress, const char *what);
/* So many of so many; of: 0 where nobody knows. Drawn only when it looks different. */
void progress_at(struct progress *progress, double done, double of);
/* Takes the line away; NULL, and one that was never drawn, are fine. */
void progress_end(struct progress *progress);
