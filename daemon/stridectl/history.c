/* SPDX-License-Identifier: MIT */
/*
 * Weeks of the past as bars, each measure's longest as long as there is room: how they went up and
 * down, beside the figures. Nothing is judged, and what no session told is '-' without a bar.
 */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include "daemon/stridectl/bars.h"
#include "daemon/stridectl/figures.h"
#include "daemon/stridectl/tables.h"
#include "daemon/stridectl/terminal.h"
#include "daemon/stridectl/text.h"
#include "daemon/util.h"

#define BAR_SHORTEST 4
#define BAR_LONGEST  40

enum { RUNS = -1, WEEK = -2 };

/* From the left; spare: left out where there is no room, the highest first. */
static const struct cell {
    const char *key, *title;
    int unit; /* of enum unit, or one of the two above */
    bool bar;
    int spare;
} cells[] = {
    { "week", "WEEK", WEEK },
    { "runs", "RUNS", RUNS, .spare = 2 },
    { "distance_m", "RUNNING", UNIT_FAR, .bar = true },
    { "moving_s", "TIME", UNIT_TIME, .spare = 3 },
    { "downhill_drop_m", "DESCENT", UNIT_HIGH, .bar = true },
    { "ascent_m", "ASCENT", UNIT_HIGH, .spare = 6 },
    { "longest_run_m", "LONGEST", UNIT_FAR, .spare = 4 },
    { "walked_m", "WALKED", UNIT_FAR, .spare = 5 },
};
#define CELLS ELEMENTSOF(cells)

struct page {
    const json_t *weeks;
    bool imperial;
    bool out[CELLS];
    int width[CELLS]; /* of the figures */
    double most[CELLS];
    int bar;
};

static const char *title(const struct page *page, size_t c, char ret[32])
{
    if (cells[c].unit < 0)
        return cells[c].title;
    snprintf(ret, 32, "%s/%s", cells[c].title,
             stridectl_unit((enum unit)cells[c].unit, page->imperial));
    return ret;
}

static const char *text(const struct page *page, size_t c, const json_t *week, char ret[32])
{
    const json_t *value = json_object_get(week, cells[c].key);

    if (cells[c].unit < 0)
        return stridectl_shown(value, ret, 32);
    return stridectl_figure(value, (enum unit)cells[c].unit, page->imperial, ret);
}

/* ---- how wide ----------------------------------------------------------------------------------- */

static void measure(struct page *page, size_t c)
{
    char buffer[32];
    size_t i;
    json_t *week;

    page->width[c] = cells[c].bar ? 0 : text_columns(title(page, c, buffer));
    json_array_foreach(page->weeks, i, week)
    {
        int width = text_columns(text(page, c, week, buffer));

        page->width[c] = width > page->width[c] ? width : page->width[c];
        page->most[c] = fmax(page->most[c], stridectl_number(json_object_get(week, cells[c].key)));
    }
}

/* What is left to each of the bars. */
static int bar_room(const struct page *page)
{
    int room = terminal_room() + 2, bars = 0;

    for (size_t c = 0; c < CELLS; c++)
        if (!page->out[c]) {
            room -= page->width[c] + 2 + cells[c].bar;
            bars += cells[c].bar;
        }
    return room / bars;
}

static void fit(struct page *page)
{
    while (page->bar = bar_room(page), page->bar < BAR_SHORTEST * 3) {
        size_t spared = CELLS;

        for (size_t c = 0; c < CELLS; c++)
            if (!page->out[c] && cells[c].spare > (spared < CELLS ? cells[spared].spare : 0))
                spared = c;
        if (spared == CELLS)
            break;
        page->out[spared] = true;
    }
    page->bar = page->bar < BAR_SHORTEST  ? BAR_SHORTEST
                : page->bar > BAR_LONGEST ? BAR_LONGEST
                                          : page->bar;
}

/* ---- print -------------------------------------------------------------------------------------- */

static bool is_last(const struct page *page, size_t c)
{
    while (++c < CELLS)
        if (!page->out[c])
            return false;
    return true;
}

static void print_head(const struct page *page)
{
    char buffer[32];

    printf("%s", terminal_ink(TERMINAL_BOLD));
    for (size_t c = 0; c < CELLS; c++) {
        bool left = cells[c].bar || cells[c].unit == WEEK;

        if (!page->out[c] && is_last(page, c))
            printf("  %*s", left ? 0 : page->width[c], title(page, c, buffer));
        else if (!page->out[c])
            printf("%s%*s", c ? "  " : "",
                   (left ? -1 : 1) * (page->width[c] + (cells[c].bar ? page->bar + 1 : 0)),
                   title(page, c, buffer));
    }
    printf("%s\n", terminal_end(TERMINAL_BOLD));
}

static void print_week(const struct page *page, const json_t *week)
{
    char bar[BAR_BYTES_MAX], buffer[32];

    for (size_t c = 0; c < CELLS; c++) {
        if (page->out[c])
            continue;
        printf("%s", c ? "  " : "");
        if (cells[c].bar) {
            double value = stridectl_number(json_object_get(week, cells[c].key));

            bar_of_share(bar, page->most[c] > 0 ? value / page->most[c] : 0, page->bar);
            printf("%s ", bar);
        }
        printf("%*s", (cells[c].unit == WEEK ? -1 : 1) * page->width[c],
               text(page, c, week, buffer));
    }
    printf("\n");
}

void stridectl_print_history(const json_t *data)
{
    struct page page = { .weeks = json_object_get(data, "weeks"),
                         .imperial = stridectl_is_imperial(data) };
    char day[32], note[80];
    size_t i;
    json_t *week;

    if (json_array_size(page.weeks) == 0) {
        printf("There is no session yet.\n");
        return;
    }
    for (size_t c = 0; c < CELLS; c++)
        measure(&page, c);
    fit(&page);
    print_head(&page);
    json_array_foreach(page.weeks, i, week) print_week(&page, week);
    stridectl_day(json_string_value(json_object_get(data, "day")), true, day);
    snprintf(note, sizeof(note), "The last one is this week so far, to %s.", day);
    printf("\n");
    text_print(note, terminal()->columns, 0, "");
}
