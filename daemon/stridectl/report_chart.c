/* SPDX-License-Identifier: MIT */
/*
 * Drawings of the report, in SVG: a bar a calendar week, and beside them the seven days that the
 * rules judge, with what is usual and the limit, which are of these alone. Each says in words what it
 * shows, and the table below has its figures.
 *
 *       24    28    0    31    12     28.5
 *       █     █    _    █     ▒       █ ┄ usual
 *      8 Feb     22 Feb      8 Mar   7 days
 */
#include "daemon/stridectl/report_private.h"

#include <math.h>
#include <string.h>
#include "daemon/stridectl/figures.h"
#include "daemon/stridectl/html.h"
#include "daemon/stridectl/measures.h"

#define WIDTH       360.0
#define HEIGHT      190.0
#define TOP         22.0 /* room for a figure above the highest bar */
#define BOTTOM      24.0
#define SIDE        6.0  /* for the ends of what is written below the first and the last */
#define GAP         16.0 /* between the weeks and the seven days */
#define SLOTS_LEAST 8    /* a week alone is no wall */
#define BAR_SHARE   0.72 /* of its slot */
#define HEADROOM    1.2  /* times the limit is the end of a meter */

static const struct {
    const char *key, *id, *title;
    size_t measure; /* in measures[] */
} charts[REPORT_CHARTS] = {
    [REPORT_DISTANCE] = { "distance_m", "distance", "Running, week by week", 0 },
    [REPORT_DESCENT] = { "downhill_drop_m", "descent", "Descent, week by week", 2 },
};

const char *report_class(const char *verdict)
{
    static const char *const judged[] = { "ok", "caution", "warning" };

    for (size_t i = 0; verdict && i < sizeof(judged) / sizeof(judged[0]); i++)
        if (strcmp(verdict, judged[i]) == 0)
            return judged[i];
    return "none";
}

/* ---- figures ------------------------------------------------------------------------------------ */

struct drawing {
    FILE *out;
    const struct report *report;
    enum report_chart chart;
    const json_t *weeks, *days; /* days: the measure of the seven days */
    size_t n;
    double highest, slot;
};

static const json_t *measure_of(const struct report *report, size_t i)
{
    return json_object_get(json_object_get(json_object_get(report->week, "week"), "measures"),
                           measures[i].key);
}

static enum unit unit_of(const struct drawing *drawing)
{
    return measures[charts[drawing->chart].measure].unit;
}

static double week_value(const struct drawing *drawing, size_t i)
{
    return stridectl_number(
        json_object_get(json_array_get(drawing->weeks, i), charts[drawing->chart].key));
}

static double days_value(const struct drawing *drawing, const char *key)
{
    return stridectl_number(json_object_get(drawing->days, key));
}

/* Above the bar of a week there is room for three characters or four; the table has all of it. */
static void short_figure(const struct drawing *drawing, const json_t *value, char ret[32])
{
    bool far = unit_of(drawing) == UNIT_FAR, imperial = drawing->report->imperial;
    double unit_m = far ? (imperial ? METRES_A_MILE : 1000) : (imperial ? METRES_A_FOOT : 1);
    double shown = json_number_value(value) / unit_m;

    if (shown >= 1e6)
        snprintf(ret, 32, "%.0e", shown); /* nobody's, and yet no wider than its bar */
    else if (shown >= 999.5)
        snprintf(ret, 32, shown < 99950 ? "%.1fk" : "%.0fk", shown / 1000);
    else
        snprintf(ret, 32, far && shown > 0 && shown < 9.95 ? "%.1f" : "%.0f", shown);
}

static double height_of(const struct drawing *drawing, double value)
{
    return value / drawing->highest * (HEIGHT - TOP - BOTTOM);
}

/* The middle of the i-th slot; the seven days are the one behind the last week. */
static double middle_of(const struct drawing *drawing, size_t i)
{
    return SIDE + drawing->slot * ((double)i + 0.5) + (i == drawing->n ? GAP : 0);
}

/* ---- in words ----------------------------------------------------------------------------------- */

static void describe_week(const struct drawing *drawing, size_t i)
{
    const json_t *week = json_array_get(drawing->weeks, i);
    char day[32], figure[32];

    stridectl_day(json_string_value(json_object_get(week, "start")), false, day);
    html_put(drawing->out, "%s: %s; ", day,
             stridectl_figure_and_unit(json_object_get(week, charts[drawing->chart].key),
                                       unit_of(drawing), drawing->report->imperial, figure));
}

static void describe(const struct drawing *drawing)
{
    const char *verdict = json_string_value(json_object_get(drawing->days, "verdict"));
    bool imperial = drawing->report->imperial;
    char total[32], usual[32], limit[32];

    fputs("By the first day of each week: ", drawing->out);
    for (size_t i = 0; i < drawing->n; i++)
        describe_week(drawing, i);
    html_put(drawing->out, "the last seven days: %s, usual %s, limit %s, %s.",
             stridectl_figure_and_unit(json_object_get(drawing->days, "total"), unit_of(drawing),
                                       imperial, total),
             stridectl_figure_and_unit(json_object_get(drawing->days, "reference"),
                                       unit_of(drawing), imperial, usual),
             stridectl_figure_and_unit(json_object_get(drawing->days, "limit"), unit_of(drawing),
                                       imperial, limit),
             measure_verdict(verdict));
}

/* ---- bars --------------------------------------------------------------------------------------- */

/* What is not known has no bar, and says so. */
static void draw_bar(const struct drawing *drawing, size_t i, const json_t *value,
                     const char *class)
{
    double middle = middle_of(drawing, i), width = drawing->slot * BAR_SHARE;
    double height = json_is_number(value) ? height_of(drawing, json_number_value(value)) : 0;
    char figure[32] = "?";

    if (i == drawing->n && json_is_number(value)) /* beside its limit, to the same digit */
        stridectl_figure(value, unit_of(drawing), drawing->report->imperial, figure);
    else if (json_is_number(value))
        short_figure(drawing, value, figure);
    if (height > 0)
        fprintf(drawing->out,
                "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" "
                "rx=\"1.5\"/>",
                class, middle - width / 2, HEIGHT - BOTTOM - height, width, height);
    fprintf(drawing->out, "<text class=\"value\" x=\"%.1f\" y=\"%.1f\">", middle,
            HEIGHT - BOTTOM - height - 4);
    html_put(drawing->out, "%s</text>\n", figure);
}

static void draw_label(const struct drawing *drawing, size_t i, const char *text)
{
    fprintf(drawing->out, "<text x=\"%.1f\" y=\"%.1f\">", middle_of(drawing, i), HEIGHT - 8);
    html_put(drawing->out, "%s</text>", text);
}

/* Every second week has room for its day. */
static void draw_week(const struct drawing *drawing, size_t i)
{
    const json_t *week = json_array_get(drawing->weeks, i);
    bool last = i + 1 == drawing->n;
    char day[32];

    stridectl_day(json_string_value(json_object_get(week, "start")), false, day);
    if ((drawing->n - 1 - i) % 2 == 0)
        draw_label(drawing, i, day);
    draw_bar(drawing, i, json_object_get(week, charts[drawing->chart].key), last ? "part" : "bar");
}

static void draw_mark(const struct drawing *drawing, const char *key, const char *class)
{
    double value = days_value(drawing, key), middle = middle_of(drawing, drawing->n);
    double y = HEIGHT - BOTTOM - height_of(drawing, value);

    if (!isnan(value))
        fprintf(drawing->out,
                "<line class=\"%s\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>\n", class,
                middle - drawing->slot / 2 - 1, middle + drawing->slot / 2 + 1, y, y);
}

static void draw_days(const struct drawing *drawing)
{
    const char *verdict = json_string_value(json_object_get(drawing->days, "verdict"));
    char class[32];

    snprintf(class, sizeof(class), "fill-%s", report_class(verdict));
    draw_label(drawing, drawing->n, "7 days");
    draw_bar(drawing, drawing->n, json_object_get(drawing->days, "total"), class);
    draw_mark(drawing, "reference", "usual");
    draw_mark(drawing, "limit", "limit");
}

/* ---- chart -------------------------------------------------------------------------------------- */

static void measure_all(struct drawing *drawing)
{
    static const char *const keys[] = { "total", "reference", "limit" };

    for (size_t i = 0; i < drawing->n; i++)
        drawing->highest = fmax(drawing->highest, week_value(drawing, i));
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        drawing->highest = fmax(drawing->highest, days_value(drawing, keys[i]));
    if (!(drawing->highest > 0))
        drawing->highest = 1; /* nothing is drawn with it */
    drawing->slot = (WIDTH - GAP - 2 * SIDE) / fmax((double)drawing->n + 1, SLOTS_LEAST);
}

static bool knows_all(const struct drawing *drawing)
{
    for (size_t i = 0; i < drawing->n; i++)
        if (isnan(week_value(drawing, i)))
            return false;
    return true;
}

static void print_caption(const struct drawing *drawing)
{
    bool imperial = drawing->report->imperial;
    char usual[32], limit[32];

    html_put(drawing->out, "<figcaption>In %s; the pale one is this week so far%s. ",
             stridectl_unit(unit_of(drawing), imperial),
             knows_all(drawing) ? "" : "; a ? stands where no session told it");
    if (isnan(days_value(drawing, "limit")))
        fputs("There is no limit to draw: without a verdict none is known.", drawing->out);
    else
        html_put(drawing->out,
                 "The seven days are what the rules judge: <span class=\"key dashed\"></span>usual "
                 "%s, <span class=\"key\"></span>limit %s.",
                 stridectl_figure_and_unit(json_object_get(drawing->days, "reference"),
                                           unit_of(drawing), imperial, usual),
                 stridectl_figure_and_unit(json_object_get(drawing->days, "limit"),
                                           unit_of(drawing), imperial, limit));
    fputs("</figcaption></figure>\n", drawing->out);
}

void report_print_chart(FILE *out, const struct report *report, enum report_chart chart)
{
    struct drawing drawing = { .out = out,
                               .report = report,
                               .chart = chart,
                               .weeks = json_object_get(report->history, "weeks"),
                               .days = measure_of(report, charts[chart].measure) };

    drawing.n = json_array_size(drawing.weeks);
    measure_all(&drawing);
    fprintf(out,
            "<figure><h3>%s</h3>\n<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" "
            "aria-labelledby=\"%s-title %s-desc\"><title id=\"%s-title\">%s</title>"
            "<desc id=\"%s-desc\">",
            charts[chart].title, WIDTH, HEIGHT, charts[chart].id, charts[chart].id,
            charts[chart].id, charts[chart].title, charts[chart].id);
    describe(&drawing);
    fprintf(out, "</desc>\n<line class=\"base\" x1=\"0\" x2=\"%.0f\" y1=\"%.1f\" y2=\"%.1f\"/>\n",
            WIDTH, HEIGHT - BOTTOM, HEIGHT - BOTTOM);
    for (size_t i = 0; i < drawing.n; i++)
        draw_week(&drawing, i);
    draw_days(&drawing);
    fputs("</svg>\n", out);
    print_caption(&drawing);
}

/* ---- meter -------------------------------------------------------------------------------------- */

void report_print_meter(FILE *out, const struct report *report, size_t i)
{
    const json_t *figures = measure_of(report, i);
    double total = stridectl_number(json_object_get(figures, "total"));
    double usual = stridectl_number(json_object_get(figures, "reference"));
    double limit = stridectl_number(json_object_get(figures, "limit"));
    double end = fmax(fmax(total, HEADROOM * limit), usual);
    const char *class = report_class(json_string_value(json_object_get(figures, "verdict")));

    /* without a limit there is nothing that it fills; the words beside it say all of it */
    fputs("<svg class=\"meter\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" "
          "aria-hidden=\"true\"><rect class=\"track\" width=\"100\" height=\"10\"/>",
          out);
    if (!isnan(limit) && end > 0) {
        if (total > 0)
            fprintf(out, "<rect class=\"fill-%s\" width=\"%.2f\" height=\"10\"/>", class,
                    total / end * 100);
        if (!isnan(usual))
            fprintf(out,
                    "<line class=\"usual\" vector-effect=\"non-scaling-stroke\" x1=\"%.2f\" "
                    "x2=\"%.2f\" y1=\"0\" y2=\"10\"/>",
                    usual / end * 100, usual / end * 100);
        fprintf(out,
                "<line class=\"limit\" vector-effect=\"non-scaling-stroke\" x1=\"%.2f\" "
                "x2=\"%.2f\" y1=\"0\" y2=\"10\"/>",
                limit / end * 100, limit / end * 100);
    }
    fputs("</svg>\n", out);
}
