/* SPDX-License-Identifier: MIT */
/*
 * The rules over years that never were: how often they speak to runners who do nothing out of the
 * ordinary, and how soon to those who do. The table is printed; the bounds are asserted.
 *
 * A message is all that goes out as an event: a crossing, a reminder, and that something is over.
 * `announced` asks for what warns, a crossing or a reminder, of weekly distance or time: any rule at
 * all would be found within days by chance alone.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/training/announce.h"
#include "tests/backtest/runner.h"

#define SEEDS     100
#define YEARS     2
#define DAYS      (YEARS * 365)
#define KEPT_NEAR 0.5   /* sums of logarithms differ between machines in their last digit */
#define FIRST_DAY 20003 /* 2024-10-07, a Monday */
#define DAY_S     86400
#define NEWS      (ANNOUNCE_RETRACTED + 1) /* retracted is nothing here: no session is discarded */

#define N(a) (sizeof(a) / sizeof((a)[0]))

struct year { /* of one seed; sums over DAYS */
    int messages[RULES][NEWS];
    int message_days[YEARS];
    int onset_day[RULES]; /* first warned on or after RUNNER_ONSET_DAY; -1 */
    int runs_to[RULES];   /* running days from the onset to it, its own included */
};

struct engine {
    struct ledger ledger;
    struct outing outings[DAYS];
    struct rule_settings settings;
    struct announce states[RULES];
};

static struct engine engine;
static int failures;

static void start(void)
{
    memset(&engine, 0, sizeof(engine));
    ledger_init(&engine.ledger, engine.outings, DAYS);
    rule_settings_init(&engine.settings);
}

static void put(int day, const struct runner_session *session)
{
    struct outing run = { .key = (uint32_t)day, .day = FIRST_DAY + day, .kind = OUTING_RUN };

    run.start_s = (int64_t)run.day * DAY_S + 18 * 3600;
    run.elapsed_s = (uint32_t)session->moving_s;
    outing_set_figures(&run, &(struct outing_figures){ .distance_m = session->distance_m,
                                                       .moving_s = session->moving_s,
                                                       .steps = NAN,
                                                       .heart_load = NAN,
                                                       .altitude_m = session->distance_m,
                                                       .ascent_m = session->drop_m,
                                                       .drop_m = session->drop_m,
                                                       .downhill_m = session->drop_m * 15,
                                                       .knee_steps = NAN });
    if (ledger_put(&engine.ledger, &run) != 0)
        abort();
}

static void feed(int day, enum announce_cause cause, enum announce_news news[RULES])
{
    struct verdict_time time = { .today = FIRST_DAY + day,
                                 .now_s = (int64_t)(FIRST_DAY + day) * DAY_S +
                                          (cause == ANNOUNCE_MIDNIGHT ? 0 : 20 * 3600),
                                 .week_start = 1 };
    struct verdict verdicts[RULES];

    for (enum rule_id id = 0; id < RULES; id++)
        verdict_judge(&engine.ledger, NULL, &engine.settings, &time, id, &verdicts[id]);
    announce_feed_all(engine.states, &engine.settings, verdicts, cause, time.now_s, news);
}

/* Whether anything was told. */
static bool note(struct year *year, int day, int runs, const enum announce_news news[RULES])
{
    bool any = false;

    for (enum rule_id id = 0; id < RULES; id++) {
        bool warns = news[id] == ANNOUNCE_CROSSED || news[id] == ANNOUNCE_REMINDED;

        any |= news[id] != ANNOUNCE_NOTHING;
        year->messages[id][news[id]]++;
        if (warns && day >= RUNNER_ONSET_DAY && year->onset_day[id] < 0) {
            year->onset_day[id] = day - RUNNER_ONSET_DAY;
            year->runs_to[id] = runs;
        }
    }
    return any;
}

static void live(enum runner_kind kind, uint64_t seed, struct year *ret)
{
    enum announce_news news[RULES];
    struct runner runner;
    int runs = 0;

    *ret = (struct year){ 0 };
    memset(ret->onset_day, -1, sizeof(ret->onset_day));
    start();
    runner_init(&runner, kind, seed);
    for (int day = 0; day < DAYS; day++) {
        struct runner_session session;
        bool any;

        feed(day, ANNOUNCE_MIDNIGHT, news);
        any = note(ret, day, runs, news);
        if (runner_day(&runner, day, &session)) {
            runs += day >= RUNNER_ONSET_DAY;
            put(day, &session);
            feed(day, ANNOUNCE_RUN, news);
            any |= note(ret, day, runs, news);
        }
        ret->message_days[day / 365] += any;
    }
}

/* ---- Tables */

static void expect(bool holds, enum runner_kind who, const char *what)
{
    printf("  %s  %s: %s\n", holds ? "holds" : "FAILS", runner_name(who), what);
    failures += !holds;
}

/* Of one kind of runner, means over the seeds, a year. */
struct row {
    double days;
    double most_days;      /* of the seed with most */
    double most_in_a_year; /* of the worst year of any seed */
    double messages[RULES][NEWS];
};

static struct row summarize(const struct year years[SEEDS])
{
    struct row row = { 0 };

    for (int s = 0; s < SEEDS; s++) {
        double days = 0;

        for (int y = 0; y < YEARS; y++) {
            days += years[s].message_days[y];
            row.most_in_a_year = fmax(row.most_in_a_year, years[s].message_days[y]);
        }
        row.days += days / YEARS / SEEDS;
        row.most_days = fmax(row.most_days, days / YEARS);
        for (enum rule_id id = 0; id < RULES; id++)
            for (enum announce_news news = 0; news < NEWS; news++)
                row.messages[id][news] += (double)years[s].messages[id][news] / YEARS / SEEDS;
    }
    return row;
}

static const enum announce_news news_shown[] = { ANNOUNCE_CROSSED, ANNOUNCE_REMINDED,
                                                 ANNOUNCE_CLEARED };

/* The columns of a rule, as wide as its name or its figures. */
static int rule_width(enum rule_id id)
{
    int name = (int)strlen(rule_get(id)->id);

    return name > 14 ? name : 14;
}

static void print_head(void)
{
    printf("\nA year: days with a message (of the seed with most, of the worst year of any), then "
           "messages by rule:\ncrossed / reminded / over.\n%-10s %18s",
           "", "days");
    for (enum rule_id id = 0; id < RULES; id++)
        printf(" %*s", rule_width(id), rule_get(id)->id);
    printf("\n");
}

static void print_row(enum runner_kind kind, const struct row *row)
{
    printf("%-10s %5.1f (%4.1f, %4.1f)", runner_name(kind), row->days, row->most_days,
           row->most_in_a_year);
    for (enum rule_id id = 0; id < RULES; id++) {
        const double *messages = row->messages[id];

        printf(" %*s%4.1f /%4.1f /%4.1f", rule_width(id) - 14, "", messages[news_shown[0]],
               messages[news_shown[1]], messages[news_shown[2]]);
    }
    printf("\n");
}

/* The table as it is kept beside the rules: whoever changes them, changes it. */
static void compare_kept(const char *path, enum runner_kind kind, const struct row *row)
{
    char line[500], name[20];
    FILE *file = fopen(path, "re");
    bool found = false;

    while (file && !found && fgets(line, sizeof(line), file)) {
        double days, most, worst;
        int at = 0;
        char *rest = line;

        if (sscanf(line, "%19s %lf (%lf, %lf)%n", name, &days, &most, &worst, &at) != 4 ||
            strcmp(name, runner_name(kind)) != 0)
            continue;
        found = fabs(days - row->days) < KEPT_NEAR;
        rest += at;
        for (enum rule_id id = 0; id < RULES; id++)
            for (size_t i = 0; i < N(news_shown); i++) {
                found &= fabs(strtod(rest, &rest) - row->messages[id][news_shown[i]]) < KEPT_NEAR;
                rest += strspn(rest, " /");
            }
    }
    if (file)
        fclose(file);
    if (!found) {
        printf("  FAILS  %s says something else of %s\n", path, runner_name(kind));
        failures++;
    }
}

static void tables(const char *kept)
{
    static struct year years[SEEDS];
    struct row rows[RUNNER_KINDS];

    print_head();
    for (enum runner_kind kind = RUNNER_STEADY; kind <= RUNNER_HOLIDAY; kind++) {
        for (int s = 0; s < SEEDS; s++)
            live(kind, (uint64_t)s + 1, &years[s]);
        rows[kind] = summarize(years);
        print_row(kind, &rows[kind]);
    }
    printf("\n");
    expect(rows[RUNNER_STEADY].days <= 30, RUNNER_STEADY,
           "a message on at most 30 days a year, in the mean");
    expect(rows[RUNNER_STEADY].most_days <= 40, RUNNER_STEADY, "no seed over 40 days a year");
    for (enum runner_kind kind = RUNNER_BUILDING; kind <= RUNNER_HOLIDAY; kind++)
        expect(rows[kind].days > rows[RUNNER_STEADY].days, kind, "told more often than steady");
    for (enum runner_kind kind = RUNNER_STEADY; kind <= RUNNER_HOLIDAY; kind++)
        compare_kept(kept, kind, &rows[kind]);
}

/* ---- How soon */

/* Seeds in which one of these rules spoke within so many days, or running days, of the onset. */
static int within(const struct year years[SEEDS], const enum rule_id *rules, size_t n, int days,
                  int runs)
{
    int count = 0;

    for (int s = 0; s < SEEDS; s++) {
        bool told = false;

        for (size_t i = 0; i < n; i++) {
            const struct year *year = &years[s];
            enum rule_id id = rules[i];

            told |=
                year->onset_day[id] >= 0 && year->onset_day[id] < days && year->runs_to[id] <= runs;
        }
        count += told;
    }
    return count;
}

static const enum rule_id by_distance[] = { RULE_WEEKLY_DISTANCE };
static const enum rule_id by_volume[] = { RULE_WEEKLY_DISTANCE, RULE_WEEKLY_TIME };
static const enum rule_id by_any[] = { RULE_WEEKLY_DISTANCE, RULE_WEEKLY_TIME,
                                       RULE_WEEKLY_DOWNHILL, RULE_SPIKE_DISTANCE,
                                       RULE_SPIKE_DESCENT,   RULE_FIRST_DESCENT,
                                       RULE_UPHILL_BASE };

static void print_soon(const char *label, const struct year years[SEEDS], int days, int runs)
{
    printf("  %-34s %3d by weekly_distance, %3d with weekly_time, %3d by any rule\n", label,
           within(years, by_distance, N(by_distance), days, runs),
           within(years, by_volume, N(by_volume), days, runs),
           within(years, by_any, N(by_any), days, runs));
}

static void soon(void)
{
    static struct year ramp[SEEDS], doubled[SEEDS];

    for (int s = 0; s < SEEDS; s++) {
        live(RUNNER_RAMP, (uint64_t)s + 1, &ramp[s]);
        live(RUNNER_DOUBLED, (uint64_t)s + 1, &doubled[s]);
    }
    printf("\nOf %d seeds, announced:\n", SEEDS);
    print_soon("+15 % a week within 14 days", ramp, 14, DAYS);
    print_soon("+15 % a week within 28 days", ramp, 28, DAYS);
    print_soon("doubled week within 3 running days", doubled, DAYS, 3);
    print_soon("doubled week within 7 days", doubled, 7, DAYS);
    expect(within(ramp, by_volume, N(by_volume), 14, DAYS) >= 90, RUNNER_RAMP,
           "within 14 days in 90 of 100, by a weekly rule of volume");
    expect(within(ramp, by_volume, N(by_volume), 28, DAYS) == SEEDS, RUNNER_RAMP,
           "within 28 days in all");
    expect(within(doubled, by_volume, N(by_volume), DAYS, 3) >= 95, RUNNER_DOUBLED,
           "within 3 running days in 95 of 100");
    expect(within(doubled, by_volume, N(by_volume), 7, DAYS) == SEEDS, RUNNER_DOUBLED,
           "within 7 days in all");
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: backtest KEPT_TABLE\n");
        return 2;
    }
    runner_print(stdout);
    tables(argv[1]);
    soon();
    return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
