/* SPDX-License-Identifier: MIT */
#include "daemon/stridectl/bars.h"

#include <math.h>
#include <string.h>
#include "daemon/stridectl/terminal.h"

#define HEADROOM 1.2 /* times the limit is the end of a measure's bar */

enum sign { SIGN_FULL, SIGN_EMPTY, SIGN_USUAL, SIGN_LIMIT, SIGNS };

static const char *text_of(enum sign sign)
{
    static const char *const blocks[] = { "█", "·", "╎", "┃" }, *const letters[] = { "#", ".", "|",
                                                                                     "!" };

    return (terminal()->utf8 ? blocks : letters)[sign];
}

const char *bar_usual(void)
{
    return text_of(SIGN_USUAL);
}

const char *bar_limit(void)
{
    return text_of(SIGN_LIMIT);
}

static int room(int columns)
{
    return columns < 0 ? 0 : columns > BAR_COLUMNS_MAX ? BAR_COLUMNS_MAX : columns;
}

/* ---- a share ------------------------------------------------------------------------------------ */

void bar_of_share(char ret[BAR_BYTES_MAX], double share, int columns)
{
    static const char *const eighths[] = { "", "▏", "▎", "▍", "▌", "▋", "▊", "▉" };
    bool fine = terminal()->utf8;
    int steps = fine ? 8 : 1, cells = room(columns);
    int filled = share > 0 ? (int)lround(fmin(share, 1) * cells * steps) : 0;

    if (share > 0 && filled == 0 && cells > 0)
        filled = 1;
    ret[0] = '\0';
    for (int i = 0; i < cells; i++) {
        int left = filled - i * steps;

        strcat(ret, left >= steps ? text_of(SIGN_FULL) : left > 0 && fine ? eighths[left] : " ");
    }
}

/* ---- a measure ---------------------------------------------------------------------------------- */

static int cell_of(double value, double end, int cells)
{
    int cell = (int)(value / end * cells);

    return cell < cells ? cell : cells - 1;
}

/* So far the fill goes: one cell behind a mark that was passed, not up to one that was not. */
static int past_mark(int filled, double value, double mark, double end, int cells)
{
    int cell;

    if (isnan(mark))
        return filled;
    cell = cell_of(mark, end, cells);
    if (value > mark)
        return filled > cell + 2 ? filled : cell + 2;
    return filled < cell ? filled : cell;
}

void bar_of_measure(char ret[BAR_BYTES_MAX], double value, double usual, double limit, int columns)
{
    int cells = room(columns), filled = 0, usual_cell = -1, limit_cell = -1;
    double end = fmax(fmax(value, HEADROOM * limit), usual); /* NAN loses */

    ret[0] = '\0';
    if (cells > 0 && end > 0) {
        filled = isnan(value) ? 0 : cell_of(value, end, cells) + (value >= end);
        filled = past_mark(filled, isnan(value) ? 0 : value, usual, end, cells);
        filled = past_mark(filled, isnan(value) ? 0 : value, limit, end, cells);
        usual_cell = isnan(usual) ? -1 : cell_of(usual, end, cells);
        limit_cell = isnan(limit) ? -1 : cell_of(limit, end, cells);
    }
    for (int i = 0; i < cells; i++)
        strcat(ret, text_of(i == limit_cell   ? SIGN_LIMIT /* it wins where both fall together */
                            : i == usual_cell ? SIGN_USUAL
                            : i < filled      ? SIGN_FULL
                                              : SIGN_EMPTY));
}
