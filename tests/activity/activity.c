/* SPDX-License-Identifier: MIT */
/*
 * What lib/activity makes of files, one line each for a test to read: the verdict on the file, and
 * for each session what the file states and what its samples add up to.
 *
 * usage: activity [--any-date] [--facts | --write FIT] FILE...
 *   --any-date  believe every date
 *   --facts     every fact of the first reading, one line each, instead
 *   --write     the facts of a file as a FIT file, instead
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "lib/activity/fit_write.h"
#include "lib/activity/outline_verdict.h"
#include "lib/activity/reader.h"
#include "lib/activity/relief.h"
#include "lib/activity/totals.h"

static struct outline outline;
static struct totals totals;
static struct relief relief;
static struct ends ends;

static void read_file(const char *path, struct activity_sink sink)
{
    static struct reader reader;
    uint8_t bytes[65536];
    size_t n;
    FILE *file = fopen(path, "rbe");

    if (!file) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        exit(EXIT_FAILURE);
    }
    reader_init(&reader, &sink, NULL);
    while ((n = fread(bytes, 1, sizeof(bytes), file)) > 0 && reader_feed(&reader, bytes, n))
        ;
    reader_end(&reader);
    reader_done(&reader);
    fclose(file);
}

/* One reading, two listeners. */
static void hear_both(void *context, const struct activity_fact *fact)
{
    const struct activity_sink *sinks = context;

    activity_emit(&sinks[0], fact);
    activity_emit(&sinks[1], fact);
}

/* ---- totals ---------------------------------------------------------------------------------- */

static void key(const char *name, double value)
{
    if (!isnan(value))
        printf(", \"%s\": %.4f", name, value);
}

static void print_totals(const struct totals_session *session, int i)
{
    printf("\"samples\": %" PRIu64, session->n_samples);
    key("distance_m", session->distance_m);
    key("timer_s", session->n_samples > 1 ? session->timer_s : NAN);
    key("heart_rate_mean_bpm", totals_heart_rate_bpm(session));
    key("heart_rate_points_bpm", totals_mean_over_points(&session->heart_rate_bpm));
    key("cycles_mean_per_min", totals_mean_over_time(&session->cycles_per_min));
    key("cycles_points_per_min", totals_mean_over_points(&session->cycles_per_min));
    key("cadence_mean_spm", totals_cadence_spm(&totals, i));
}

static void print_relief(const struct terrain_figures *figures)
{
    printf("\"source\": \"%s\"", terrain_source_name(figures->source));
    key("altitude_m", figures->altitude_m);
    key("ascent_m", figures->ascent_m);
    key("descent_m", figures->descent_m);
    key("downhill_drop_m", figures->downhill.drop_m);
    key("downhill_distance_m", figures->downhill.distance_m);
    key("downhill_s", figures->downhill.time_s);
    key("downhill_steps", figures->downhill.steps);
    key("walked_drop_m", figures->downhill.walked_m);
    key("steep_share", figures->steep_share);
    key("graded_speed_m_s", figures->graded_speed_m_s);
}

static void print_session(int i)
{
    const struct outline_session *session = &outline.sessions[i];
    const struct activity_session *stated = &session->stated;

    printf("%s{\"sport\": \"%s\", \"class\": \"%s\", \"start_s\": %" PRId64 ", \"stated\": {"
           "\"is\": %s",
           i ? ", " : "", activity_sport_name(stated->sport),
           activity_class_name(activity_class_of(stated->sport)), session->start_usec / 1000000,
           session->is_stated ? "true" : "false");
    key("elapsed_s", stated->elapsed_s);
    key("timer_s", stated->timer_s);
    key("distance_m", stated->distance_m);
    key("heart_rate_mean_bpm", stated->heart_rate_mean_bpm);
    key("heart_rate_max_bpm", stated->heart_rate_max_bpm);
    key("cycles_mean_per_min", stated->cycles_mean_per_min);
    key("cycles", stated->cycles);
    key("ascent_m", stated->ascent_m);
    key("descent_m", stated->descent_m);
    printf("}, \"records\": {");
    print_totals(&totals.sessions[i], i);
    printf("}, \"relief\": {");
    print_relief(&relief.sessions[i].figures);
    printf("}}");
}

static const char *const verdicts[] = {
    [OUTLINE_OK] = "ok",
    [OUTLINE_TROUBLE] = "trouble",
    [OUTLINE_E_TROUBLE] = "refused",
    [OUTLINE_E_KIND] = "kind",
    [OUTLINE_E_NOTHING] = "nothing",
    [OUTLINE_E_UNDATED] = "undated",
    [OUTLINE_E_FUTURE] = "undated",
};

static void print_totals_of(const char *path, const struct outline_limits *limits)
{
    struct relief_settings settings = relief_settings();
    enum outline_verdict verdict;
    struct activity_sink sinks[2];
    char reason[OUTLINE_REASON_MAX];

    outline_init(&outline, limits);
    read_file(path, outline_sink(&outline));
    outline_finish(&outline);
    verdict = outline_judge(&outline);
    totals_init(&totals, &outline);
    ends_init(&ends, &outline);
    settings.ends = &ends;
    relief_init(&relief, &outline, &settings);
    sinks[0] = totals_sink(&totals);
    sinks[1] = ends_sink(&ends);
    if (verdict != OUTLINE_E_TROUBLE) {
        read_file(path, (struct activity_sink){ hear_both, sinks });
        read_file(path, relief_sink(&relief));
    }
    totals_finish(&totals);
    relief_finish(&relief);
    outline_reason(&outline, verdict, reason);
    printf("{\"verdict\": \"%s\", \"reason\": \"%s\", \"kind\": \"%s\", \"maker\": \"%s\", "
           "\"product\": \"%s\", \"barometer\": %s, \"samples\": %" PRIu64 ", \"late\": %" PRIu64
           ", \"troubles\": %d, \"sessions\": [",
           verdicts[verdict], reason, activity_kind_name(outline.file.kind), outline.file.maker,
           outline.file.product, outline.barometer ? "true" : "false", outline.n_samples,
           totals.n_late, outline.n_troubles);
    for (int i = 0; i < outline.n_sessions; i++)
        print_session(i);
    printf("]}\n");
}

/* ---- facts ----------------------------------------------------------------------------------- */

static void print_fact(void *context, const struct activity_fact *fact)
{
    static const char *const names[] = { "file", "sample",  "place", "heart",  "beats",  "timer",
                                         "lap",  "session", "sport", "device", "trouble" };
    const struct activity_sample *s = &fact->sample;

    printf("%s %d %.3f", names[fact->type], fact->part,
           fact->t_usec == ACTIVITY_NO_TIME ? NAN : (double)fact->t_usec / 1e6);
    if (fact->type == ACTIVITY_SAMPLE || fact->type == ACTIVITY_PLACE)
        printf(" %.7f %.7f %.2f %.2f %.3f %.3f %.0f %.0f %.1f", s->latitude_deg, s->longitude_deg,
               s->altitude_m, s->distance_m, s->speed_m_s, s->cycles_per_min, s->heart_rate_bpm,
               s->power_w, s->temperature_c);
    else if (fact->type == ACTIVITY_HEART)
        printf(" %.0f", fact->heart_rate_bpm);
    else if (fact->type == ACTIVITY_TIMER)
        printf(" %s", fact->running ? "start" : "stop");
    else if (fact->type == ACTIVITY_SESSION)
        printf(" %s %.3f %.3f", activity_sport_name(fact->session.sport), fact->session.timer_s,
               fact->session.distance_m);
    else if (fact->type == ACTIVITY_LAP)
        printf(" %.3f %.2f", fact->lap.timer_s, fact->lap.distance_m);
    else if (fact->type == ACTIVITY_DEVICE)
        printf(" %s %s%s", fact->device.maker, fact->device.product,
               fact->device.barometer ? " barometer" : "");
    else if (fact->type == ACTIVITY_TROUBLE)
        printf(" %s, byte %" PRIu64 " (%s)", activity_trouble_text(fact->trouble.kind),
               fact->trouble.at_byte, fact->trouble.detail);
    printf("\n");
}

/* ---- writing --------------------------------------------------------------------------------- */

struct copy {
    struct fit_plan plan;
    struct fit_writer writer;
    int64_t created_usec;
};

static void count_fact(void *context, const struct activity_fact *fact)
{
    struct copy *copy = context;

    fit_plan_count(&copy->plan, fact);
    if (!copy->created_usec && fact->t_usec != ACTIVITY_NO_TIME)
        copy->created_usec = fact->t_usec;
}

static void write_fact(void *context, const struct activity_fact *fact)
{
    fit_write_fact(&((struct copy *)context)->writer, fact);
}

static void write_bytes(void *context, const uint8_t *bytes, size_t length)
{
    if (fwrite(bytes, 1, length, context) != length) {
        perror("write");
        exit(EXIT_FAILURE);
    }
}

static void write_fit(const char *to, const char *path)
{
    struct copy copy = { .created_usec = 0 };
    FILE *file = fopen(to, "wbe");

    if (!file) {
        perror(to);
        exit(EXIT_FAILURE);
    }
    read_file(path, (struct activity_sink){ count_fact, &copy });
    fit_write_begin(&copy.writer, &copy.plan, copy.created_usec, write_bytes, file);
    read_file(path, (struct activity_sink){ write_fact, &copy });
    if (!fit_write_end(&copy.writer) || fclose(file) != 0) {
        fprintf(stderr, "%s: not whole\n", to);
        exit(EXIT_FAILURE);
    }
}

int main(int argc, char **argv)
{
    struct outline_limits limits = { OUTLINE_OLDEST_USEC, (int64_t)time(NULL) * 1000000 };
    const char *to = NULL;
    bool facts = false;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--any-date") == 0)
            limits = (struct outline_limits){ INT64_MIN + 1, INT64_MAX };
        else if (strcmp(argv[i], "--facts") == 0)
            facts = true;
        else if (strcmp(argv[i], "--write") == 0 && i + 1 < argc)
            to = argv[++i];
        else if (to)
            write_fit(to, argv[i]);
        else if (facts)
            read_file(argv[i], (struct activity_sink){ print_fact, NULL });
        else
            print_totals_of(argv[i], &limits);
    }
    return EXIT_SUCCESS;
}
