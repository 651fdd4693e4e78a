/* SPDX-License-Identifier: MIT */
/* What is kept of a runner, for a person; and a schema as it is, for a file. */
#include <stdio.h>
#include "daemon/stridectl/tables.h"

/* ---- history ------------------------------------------------------------------------------------ */

static const struct {
    const char *key, *title;
    enum unit unit;
} figures[] = {
    { "distance_m", "RUNNING", UNIT_FAR },    { "moving_s", "TIME", UNIT_TIME },
    { "longest_run_m", "LONGEST", UNIT_FAR }, { "downhill_drop_m", "DESCENT", UNIT_HIGH },
    { "ascent_m", "ASCENT", UNIT_HIGH },      { "walked_m", "WALKED", UNIT_FAR },
};
#define FIGURES (sizeof(figures) / sizeof(figures[0]))

static json_t *week_row(const json_t *week, bool imperial)
{
    json_t *row = json_object();
    char text[32];

    json_object_update(row, (json_t *)week);
    for (size_t i = 0; i < FIGURES; i++)
        json_object_set_new(row, figures[i].key,
                            json_string(stridectl_figure(json_object_get(week, figures[i].key),
                                                         figures[i].unit, imperial, text)));
    return row;
}

void stridectl_print_history(const json_t *data)
{
    bool imperial = stridectl_is_imperial(data);
    char titles[FIGURES][32];
    struct column columns[FIGURES + 4] = { { "week", "WEEK" }, { "runs", "RUNS" } };
    json_t *rows = json_array(), *week;
    size_t n = 2, i;

    for (i = 0; i < FIGURES; i++) {
        snprintf(titles[i], sizeof(titles[i]), "%s/%s", figures[i].title,
                 stridectl_unit(figures[i].unit, imperial));
        columns[n++] = (struct column){ figures[i].key, titles[i] };
    }
    columns[n] = (struct column){ "trimp", "HEART LOAD" };
    json_array_foreach(json_object_get(data, "weeks"), i, week)
        json_array_append_new(rows, week_row(week, imperial));
    stridectl_print_table(rows, columns);
    json_decref(rows);
}

/* ---- schema ------------------------------------------------------------------------------------- */

static const struct column payload_columns[] = {
    { "payload", "PAYLOAD" },
    { "topic", "TOPIC" },
    { "about", "ABOUT" },
    { NULL, NULL },
};

void stridectl_print_schema(const json_t *data)
{
    const json_t *schema = json_object_get(data, "schema");

    if (schema) {
        json_dumpf(schema, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(12));
        printf("\n");
    } else {
        stridectl_print_table(json_object_get(data, "payloads"), payload_columns);
    }
}
