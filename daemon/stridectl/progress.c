/* SPDX-License-Identifier: MIT */
#include "daemon/stridectl/progress.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "daemon/stridectl/bars.h"
#include "daemon/stridectl/terminal.h"
#include "daemon/stridectl/text.h"
#include "daemon/util.h"

#define BAR_LONGEST    40
#define BAR_SHORTEST   5
#define WHAT_COLUMNS   24
#define FIGURE_COLUMNS 32  /* "100 %  4294967296 of 4294967296" */
#define STEPS          200 /* of a whole: finer is no difference to see */

void progress_begin(struct progress *progress, const char *what)
{
    const char *term = getenv("TERM");

    *progress = (struct progress){
        .what = what,
        .columns = term && strcmp(term, "dumb") != 0 ? terminal_columns(STDERR_FILENO) : 0,
        .drawn = -1,
    };
}

static void draw(const struct progress *progress, double done, double of)
{
    _cleanup_free_ char *what = text_fit(progress->what, WHAT_COLUMNS);
    int left = progress->columns - 1 - (what ? text_columns(what) : 0) - 2 - FIGURE_COLUMNS - 2;
    char bar[BAR_BYTES_MAX], line[BAR_BYTES_MAX + 200];
    _cleanup_free_ char *fitted = NULL;

    bar_of_share(bar, of > 0 ? done / of : 0, left < BAR_LONGEST ? left : BAR_LONGEST);
    if (of > 0)
        snprintf(line, sizeof(line), "%s  %s%s%3.0f %%  %.0f of %.0f", what ? what : "",
                 left >= BAR_SHORTEST ? bar : "", left >= BAR_SHORTEST ? "  " : "",
                 floor(fmin(done / of, 1) * 100), done, of);
    else
        snprintf(line, sizeof(line), "%s  %.0f", what ? what : "", done);
    fitted = text_fit(line, progress->columns - 1); /* a full line would begin the next one */
    fprintf(stderr, "\r%s\x1b[K", fitted ? fitted : "");
    fflush(stderr);
}

void progress_at(struct progress *progress, double done, double of)
{
    int step = of > 0 ? (int)(fmin(done / of, 1) * STEPS) : (int)fmin(done, 1e9);

    if (!progress->columns || step == progress->drawn)
        return;
    draw(progress, done, of);
    progress->drawn = step;
}

void progress_end(struct progress *progress)
{
    if (!progress || !progress->columns || progress->drawn < 0)
        return;
    fprintf(stderr, "\r\x1b[K");
    fflush(stderr);
    progress->drawn = -1;
}
