/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Bars of characters: of what is so much of a whole, and of a measure that fills up beside what is
 * usual and what is the limit.
 *
 *      ████████████████╎████···┃····     146 m    118 m    168 m  ok
 *      ███████████████╎██████┃██████     230 m    118 m    168 m  warning
 *
 * Where the terminal has no such characters: ####|##..!....
 */
#include <stdbool.h>
#include <stddef.h>

#define BAR_COLUMNS_MAX 200
#define BAR_BYTES_MAX   (BAR_COLUMNS_MAX * 3 + 1) /* three bytes a cell, and the NUL */

/* What stands for usual and for the limit. */
const char *bar_usual(void);
const char *bar_limit(void);
/* share 0 to 1, to an eighth of a cell where there are such; any more of it than nothing shows. Blanks
 * follow, up to the columns. */
void bar_of_share(char ret[BAR_BYTES_MAX], double share, int columns);
/* NAN: not known, and not drawn. The fill goes on behind a mark when, and only when, the value is
 * beyond it: rounding to whole cells never tells of a limit that was not passed, and never hides one
 * that was. */
void bar_of_measure(char ret[BAR_BYTES_MAX], double value, double usual, double limit, int columns);
