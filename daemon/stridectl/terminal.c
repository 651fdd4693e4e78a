/* SPDX-License-Identifier: MIT */
#include "daemon/stridectl/terminal.h"

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "daemon/util.h"

#define DRAWN_COLUMNS   80
#define COLUMNS_HIGHEST 10000

static struct terminal found;

/* ---- what it is --------------------------------------------------------------------------------- */

int terminal_columns(int fd)
{
    struct winsize size;

    if (!isatty(fd))
        return 0;
    return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : DRAWN_COLUMNS;
}

int terminal_columns_wanted(int fd)
{
    const char *text = getenv("COLUMNS");
    long columns = text ? strtol(text, NULL, 10) : 0;

    return columns > 0 && columns <= COLUMNS_HIGHEST ? (int)columns : terminal_columns(fd);
}

static bool takes_colours(void)
{
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

    return isatty(STDOUT_FILENO) && !(no && *no) && term && strcmp(term, "dumb") != 0;
}

void terminal_begin(enum terminal_when colour)
{
    setlocale(LC_CTYPE, "");
    found = (struct terminal){
        .columns = terminal_columns_wanted(STDOUT_FILENO),
        .colour = colour == TERMINAL_ALWAYS || (colour == TERMINAL_AUTO && takes_colours()),
        .utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0,
    };
}

const struct terminal *terminal(void)
{
    return &found;
}

void terminal_set(const struct terminal *other)
{
    found = *other;
}

int terminal_room(void)
{
    return found.columns ? found.columns : DRAWN_COLUMNS;
}

/* ---- colours ------------------------------------------------------------------------------------ */

const char *terminal_ink(enum terminal_ink ink)
{
    static const char *const codes[] = {
        [TERMINAL_PLAIN] = "",         [TERMINAL_BOLD] = "\x1b[1m",    [TERMINAL_DIM] = "\x1b[2m",
        [TERMINAL_GREEN] = "\x1b[32m", [TERMINAL_YELLOW] = "\x1b[33m", [TERMINAL_RED] = "\x1b[31m",
    };

    return found.colour ? codes[ink] : "";
}

const char *terminal_end(enum terminal_ink ink)
{
    return found.colour && ink != TERMINAL_PLAIN ? "\x1b[0m" : "";
}

static const struct {
    enum terminal_ink ink;
    const char *words[16];
} inks[] = {
    { TERMINAL_GREEN, { "ok", "streaming", "running", "online", "imported", "good" } },
    { TERMINAL_YELLOW,
      { "caution", "seen", "waiting", "connecting", "silent", "paused", "unassigned",
        "insufficient_history", "insufficient_data", "no_baseline" } },
    { TERMINAL_RED, { "warning", "unavailable", "refused", "offline", "failed" } },
    { TERMINAL_DIM, { "-", "off", "absent", "released", "ended", "discarded" } },
};

enum terminal_ink terminal_ink_of(const char *word)
{
    for (size_t i = 0; i < ELEMENTSOF(inks); i++)
        for (const char *const *w = inks[i].words; *w; w++)
            if (strcmp(*w, word) == 0)
                return inks[i].ink;
    return TERMINAL_PLAIN;
}
