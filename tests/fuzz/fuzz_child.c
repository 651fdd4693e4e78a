/* SPDX-License-Identifier: MIT */
/*
 * What the process that reads files says through its pipe: it was fed by a stranger, so it may say
 * anything. The input is laid over what it says of a good file:
 *
 *   u8 b0 what: a report, a way; the rest how many sessions, or places
 *   then each    u8 part (255: the head, else a session or place), u16 byte in it, u8 kind, value
 *
 * What is sound is stored whole, comes back as it was, and is told; all else is nonsense.
 */
#include <jansson.h>
#include <math.h>
#include <string.h>
#include "daemon/import/result.h"
#include "daemon/log.h"
#include "daemon/store/columns.h"
#include "daemon/store/tables.h"
#include "daemon/util.h"
#include "lib/activity/report.h"
#include "lib/activity/way.h"
#include "lib/bytes.h"
#include "require.h"

#define HASH        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define MOMENT      INT64_C(1750000000000000) /* 2025-06-15T15:06:40Z */
#define CHANGES_MAX 100

static struct db db;
static struct tz zones[3];

/* ---- the input --------------------------------------------------------------------------------- */

static void good_report(struct report *report, uint32_t n)
{
    memset(report, 0, sizeof(*report));
    report->magic = REPORT_MAGIC;
    report->n_sessions = n;
    report->verdict = n > 0 ? OUTLINE_OK : OUTLINE_E_UNDATED;
    strcpy(report->maker, "garmin");
    strcpy(report->product, "fenix 7");
    for (uint32_t i = 0; i < n; i++) {
        struct report_session *s = &report->sessions[i];

        s->sport = ACTIVITY_SPORT_RUNNING;
        s->start_usec = MOMENT + i * INT64_C(3600000000);
        s->end_usec = s->start_usec + INT64_C(1800000000);
        s->n_samples = 1800;
        s->elapsed_s = s->moving_s = 1800;
        s->distance_m = 5000;
        s->cadence_mean_spm = 160;
        hills_init(&s->hills);
        level_init(&s->level);
    }
}

static void good_way(struct way *way, uint32_t n)
{
    memset(way, 0, sizeof(*way));
    way->magic = WAY_MAGIC;
    way->n = n + 2;
    for (uint32_t i = 0; i < way->n; i++)
        way->places[i] = (struct route_place){ 10.0 * i, 100 + i % 7 };
    way->length_m = way->places[way->n - 1].distance_m;
}

static size_t pull_value(struct bytes *bytes, uint8_t value[static 8])
{
    static const double numbers[] = { NAN, INFINITY, -INFINITY, -0.0, -1, 1, 0.5, 1e300, 1e6, 254 };
    static const int64_t integers[] = { -1,
                                        0,
                                        1,
                                        INT64_MIN,
                                        INT64_MAX,
                                        REPORT_TIME_MAX_USEC,
                                        REPORT_TIME_MAX_USEC + INT64_C(86400000000) };
    uint8_t kind = 0, which = 0;
    size_t n;

    (void)(pull_u8(bytes, &kind) && pull_u8(bytes, &which));
    if (kind % 4 == 0) {
        memcpy(value, &numbers[which % ELEMENTSOF(numbers)], 8);
        return 8;
    }
    if (kind % 4 == 1) {
        memcpy(value, &integers[which % ELEMENTSOF(integers)], 8);
        return kind & 4 ? 4 : 8;
    }
    if (kind % 4 == 2) {
        value[0] = which;
        return 1;
    }
    n = which % 8 < bytes->left ? which % 8 : bytes->left;
    memcpy(value, bytes->at, n);
    pull_skip(bytes, n);
    return n;
}

/* A change within `size` bytes from `part` on. */
static void lay_over(uint8_t *part, size_t size, struct bytes *bytes)
{
    uint8_t value[8];
    uint16_t at = 0;
    size_t n;

    (void)pull_le16(bytes, &at);
    n = pull_value(bytes, value);
    at = (uint16_t)(at % size);
    memcpy(part + at, value, n < size - at ? n : size - at);
}

/* ---- a report ---------------------------------------------------------------------------------- */

static void check_json(char *text)
{
    json_t *json = text ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;

    require(json_is_object(json));
    json_decref(json);
    free(text);
}

static bool same_number(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

/* A row is in the database as it was given, and not left out as one that is not valid. */
static void check_stored(const struct store_session *row)
{
    struct store_session stored;
    sqlite3_stmt *s;

    require(session_row_select(&db, "WHERE id = ?", &s) == SQLITE_OK);
    sqlite3_bind_text(s, 1, row->session.id, -1, SQLITE_STATIC);
    require(sqlite3_step(s) == SQLITE_ROW && session_row_read(s, &stored));
    sqlite3_finalize(s);
    require(stored.session.start_usec == row->session.start_usec &&
            stored.session.end_usec == row->session.end_usec);
    require(stored.session.kind == row->session.kind && stored.samples == row->samples);
    require(same_number(stored.session.distance_m, row->session.distance_m));
    require(same_number(stored.session.hills.drop_m, row->session.hills.drop_m));
    require(strcmp(stored.device, row->device) == 0 && strcmp(stored.sport, row->sport) == 0);
}

static void run_sql(const char *sql)
{
    require(sqlite3_exec(db.sqlite, sql, NULL, NULL, NULL) == SQLITE_OK);
}

static void store(const struct result *result, const struct store_event *event)
{
    struct store_imported imported = result_rows(result);
    struct put *put;

    imported.events = event;
    imported.n_events = 1;
    require(import_table_make_put(&put, &imported) >= 0);
    run_sql("BEGIN");
    require(put->apply(&db, put->rows) == SQLITE_OK);
    put_free(put);
    for (size_t i = 0; i < result->n_sessions; i++)
        check_stored(&result->sessions[i]);
    run_sql("ROLLBACK");
}

static void check_result(const struct report *report, const struct tz *tz)
{
    const struct folder_file file = { .name = "run.fit" };
    static struct result result;
    static struct said nothing;
    static struct days no_days;
    struct store_event event;
    struct choice *choice;

    memset(&result, 0, sizeof(result));
    result_init(&result, &file, "anna", HASH, MOMENT);
    if (report_is_taken(report))
        result_take(&result, report, &nothing, &no_days, tz);
    else
        result_refuse(&result, "%s", report->reason);
    require(result.n_sessions == report->n_sessions);
    require(choice_new(&choice) >= 0 && result_choose(&result, choice) >= 0);
    require(result_event(&result, &event) >= 0);
    store(&result, &event);
    check_json(event.body);
    choice_free(choice);
}

static void check_report(struct bytes *bytes, uint8_t what)
{
    static struct report report;
    uint32_t n = (what >> 1) % 4;
    uint8_t part;

    good_report(&report, n);
    require(report_is_sound(&report));
    for (int i = 0; i < CHANGES_MAX && pull_u8(bytes, &part); i++)
        if (part == 255 || n == 0)
            lay_over((uint8_t *)&report, offsetof(struct report, sessions), bytes);
        else
            lay_over((uint8_t *)&report.sessions[part % n], sizeof(report.sessions[0]), bytes);
    if (report_is_sound(&report))
        check_result(&report, &zones[(what >> 5) % ELEMENTSOF(zones)]);
}

/* ---- a way ------------------------------------------------------------------------------------- */

static void follow(struct way *way)
{
    struct route route = { .places = way->places, .size = ROUTE_SIZE_MAX, .n = way->n };
    double step_m = way->length_m / 64 + 0.1;

    for (double at_m = 0; at_m <= way->length_m + 1; at_m += step_m) {
        double height_m = route_altitude_m(&route, at_m);
        require(isnan(height_m) || (height_m >= -500 && height_m <= 9000));
        require(at_m < way->places[0].distance_m || at_m > way->length_m || !isnan(height_m));
    }
}

static void check_way(struct bytes *bytes, uint8_t what)
{
    static struct way way;
    uint32_t n = (what >> 1) % 64;
    uint8_t part;

    good_way(&way, n);
    require(way_is_sound(&way));
    for (int i = 0; i < CHANGES_MAX && pull_u8(bytes, &part); i++)
        if (part == 255)
            lay_over((uint8_t *)&way, offsetof(struct way, places), bytes);
        else
            lay_over((uint8_t *)&way.places[part % (n + 2)], sizeof(way.places[0]), bytes);
    if (way_is_sound(&way) && way.verdict == WAY_OK)
        follow(&way);
}

/* ---- the target -------------------------------------------------------------------------------- */

static void begin(void)
{
    static const char *const rules[] = { "UTC0", "<+14>-14", "CET-1CEST,M3.5.0,M10.5.0/3" };

    log_set_max_level(LOG_EMERG);
    for (size_t i = 0; i < ELEMENTSOF(zones); i++) {
        tz_init_utc(&zones[i]);
        require(tz_parse_rule(&zones[i].rule, rules[i], strlen(rules[i])));
    }
    db.state = DB_OPEN;
    require(sqlite3_open(":memory:", &db.sqlite) == SQLITE_OK);
    require(db_migrate(&db, 0, 1) == SQLITE_OK);
    require(session_row_prepare(&db) == SQLITE_OK && event_table_prepare(&db) == SQLITE_OK);
    require(import_table_prepare(&db) == SQLITE_OK && level_table_prepare(&db) == SQLITE_OK);
    require(unjudged_table_prepare(&db) == SQLITE_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t length)
{
    struct bytes bytes = bytes_of(at, length);
    uint8_t what;

    if (!db.sqlite)
        begin();
    if (!pull_u8(&bytes, &what))
        return 0;
    if (what & 1)
        check_way(&bytes, what);
    else
        check_report(&bytes, what);
    return 0;
}
