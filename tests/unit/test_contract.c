/* SPDX-License-Identifier: MIT */
/* The rows themselves: each must be complete, inside its struct, and say what the design says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "lib/contract.h"
#include "lib/terrain/source.h"

static const struct contract_row *find(enum contract_kind kind, const char *path)
{
    size_t n;
    const struct contract_row *rows = contract_rows(kind, &n);

    for (size_t i = 0; i < n; i++)
        if (strcmp(rows[i].path, path) == 0)
            return &rows[i];
    return NULL;
}

static void test_keys_of_the_design(void **state)
{
    static const struct {
        enum contract_kind kind;
        const char *keys; /* in the order published */
    } rows[] = {
        { CONTRACT_INFO, "version machine runners sensors " },
        { CONTRACT_HEALTH, "t clock events_waiting events_dropped rss_bytes anon_bytes adapter "
                           "bluetoothd broker_losses loop_stall_ms signal_dbm unknown problems " },
        { CONTRACT_SENSOR, "name kind runner address state reason battery_pct manufacturer model "
                           "firmware cadence_unit drops malformed truncated last_seen " },
        { CONTRACT_LIVE,
          "t clock session state elapsed_s moving_s distance_m speed_m_s pace_s_per_km cadence_spm "
          "cadence_target_spm step_length_m steps heart_rate_bpm heart_rate_reserve_pct zone trimp "
          "edwards power_w temperature_c rr_artefact_pct dfa_alpha1 grade_pct downhill_drop_m "
          "downhill_distance_m downhill_time_s downhill_steps downhill_steep_pct ascent_m "
          "grade_adjusted_pace_s_per_km knee_load_steps left_today.distance_m left_today.moving_s "
          "left_today.downhill_drop_m left_today.run_distance_m left_today.run_descent_m "
          "source.distance source.cadence source.grade source.heart_rate " },
        { CONTRACT_SESSION,
          "id runner kind state day start end elapsed_s moving_s distance_m steps cadence_mean_spm "
          "cadence_max_spm heart_rate_mean_bpm heart_rate_max_bpm zone_s trimp edwards ascent_m "
          "downhill_drop_m downhill_distance_m downhill_time_s downhill_steps downhill_steep_pct "
          "grade_adjusted_pace_s_per_km knee_load_steps altitude_coverage_pct gaps_s "
          "source.distance source.cadence source.grade "
          "source.heart_rate " },
        { CONTRACT_WEEK, "t day time_zone notify_at measures walked " },
        { CONTRACT_NOTE, "session day effort surface shoes " },
        { CONTRACT_ALERT, "rule verdict since value reference limit left_today ratio coverage_pct "
                          "unit evidence sentence explain " },
        { CONTRACT_NOTICE, "news alert " },
        { CONTRACT_IMPORT, "file hash verdict reason sessions changed " },
        { CONTRACT_EVENT, "id at kind runner body " },
        { CONTRACT_RESPONSE, "status data error transaction " },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char keys[1024] = "";
        size_t n;
        const struct contract_row *row = contract_rows(rows[i].kind, &n);
        for (size_t k = 0; k < n; k++) {
            strcat(keys, row[k].path);
            strcat(keys, " ");
        }
        assert_string_equal(keys, rows[i].keys);
    }
}

static void test_what_holds_at_the_moment_ends_with_the_session(void **state)
{
    static const char instant[] =
        "speed_m_s pace_s_per_km cadence_spm step_length_m heart_rate_bpm heart_rate_reserve_pct "
        "zone power_w temperature_c rr_artefact_pct dfa_alpha1 grade_pct "
        "grade_adjusted_pace_s_per_km ";
    struct payload_live live;
    char marked[1024] = "";
    size_t n;
    const struct contract_row *rows = contract_rows(CONTRACT_LIVE, &n);

    payload_live_init(&live);
    memset(live.session, 'x', sizeof(live.session) - 1);
    live.state = SESSION_ENDED;
    for (size_t i = 0; i < n; i++)
        if (rows[i].type == CONTRACT_NUMBER)
            memcpy((char *)&live + rows[i].offset, &(double){ (double)i }, sizeof(double));
    contract_clear_instant(CONTRACT_LIVE, &live);
    for (size_t i = 0; i < n; i++) {
        double value;
        if (rows[i].type != CONTRACT_NUMBER)
            continue;
        memcpy(&value, (char *)&live + rows[i].offset, sizeof(value));
        assert_true(rows[i].instant ? isnan(value) : value == (double)i);
        if (rows[i].instant)
            strcat(strcat(marked, rows[i].path), " ");
    }
    assert_string_equal(marked, instant);
    assert_int_equal(strlen(live.session), sizeof(live.session) - 1);
    assert_int_equal(live.state, SESSION_ENDED);
    for (int kind = 0; kind < CONTRACT_KINDS; kind++) { /* a mark that nobody honours is none */
        rows = contract_rows((enum contract_kind)kind, &n);
        for (size_t i = 0; i < n; i++)
            assert_true(!rows[i].instant ||
                        (rows[i].type == CONTRACT_NUMBER && kind == CONTRACT_LIVE));
    }
}

static void check_entity(const struct contract_row *row, const struct contract_entity *entity)
{
    bool number = row->type == CONTRACT_NUMBER || row->type == CONTRACT_NUMBERS ||
                  row->type == CONTRACT_NUMBER_MAP || /* how many there are: */
                  (row->type == CONTRACT_OBJECTS && entity->template);
    const char *class = entity->device_class ? entity->device_class : "";

    if (!entity->platform)
        return;
    assert_non_null(entity->name);
    if (strcmp(entity->platform, "binary_sensor") == 0)
        assert_non_null(entity->template); /* it must say which values are ON */
    else
        assert_string_equal(entity->platform, "sensor");
    if (entity->state_class)
        assert_true(number);
    if (entity->shown == CONTRACT_SHOWN_KM)
        assert_string_equal(row->unit, "m");
    if (entity->shown == CONTRACT_SHOWN_MINUTES || entity->shown == CONTRACT_SHOWN_HOURS)
        assert_string_equal(row->unit, "s");
    if (entity->shown != CONTRACT_SHOWN_AS_PUBLISHED)
        assert_true(number && !entity->template);
    if (entity->rule)
        assert_in_range(rule_by_name(entity->rule), 0, RULES - 1);
    if (strcmp(class, "enum") == 0)
        assert_true(row->type == CONTRACT_ENUM || row->type == CONTRACT_WORD);
    if (strcmp(class, "timestamp") == 0)
        assert_true(row->type == CONTRACT_TIME_S || row->type == CONTRACT_TIME_MS);
}

static void check_row(const struct contract_row *row, size_t size)
{
    print_message("%s\n", row->path);
    assert_true(row->offset < size);
    assert_true(row->offset + row->size * (row->count ? row->count : 1) <= size);
    assert_non_null(row->description);
    assert_int_equal(row->description[strlen(row->description) - 1], '.');
    if (row->type == CONTRACT_NUMBER || row->type == CONTRACT_NUMBERS) {
        assert_true(row->min < row->max);
        assert_in_range(row->decimals, 0, 4);
    }
    if (row->type == CONTRACT_ENUM || row->type == CONTRACT_WORD)
        assert_non_null(contract_word(row, 0));
    for (size_t i = 0; i < CONTRACT_ENTITIES_MAX; i++)
        check_entity(row, &row->entities[i]);
    for (size_t i = 0; row->type == CONTRACT_GROUP && i < row->n_rows; i++)
        check_row(&row->rows[i], size - row->offset);
}

static void test_every_row_is_complete(void **state)
{
    for (enum contract_kind kind = 0; kind < CONTRACT_KINDS; kind++) {
        size_t n;
        const struct contract_row *rows = contract_rows(kind, &n);
        assert_non_null(contract_kind_name(kind));
        assert_non_null(contract_kind_topic(kind));
        assert_non_null(contract_kind_description(kind));
        for (size_t i = 0; i < n; i++)
            check_row(&rows[i], contract_kind_size(kind));
    }
    assert_null(contract_kind_name(CONTRACT_KINDS));
}

/* What lies in a folder below is told apart from its namesake beside. */
static void test_a_file_is_told_with_the_folders_below_its_runners(void **state)
{
    assert_string_equal(find(CONTRACT_IMPORT, "file")->description,
                        "Name of the file, with the folders below the runner's.");
}

/* The keys of each measure, and that each has a place of its own in the struct. */
static void test_the_measures_of_a_week(void **state)
{
    const struct contract_row *measures = find(CONTRACT_WEEK, "measures");
    static const char *const names[] = { "distance_m", "moving_s", "downhill_drop_m",
                                         "downhill_distance_m" };
    struct payload_week week;

    payload_week_init(&week);
    assert_int_equal(measures->n_rows, 4);
    for (size_t i = 0; i < 4; i++) {
        const struct contract_row *measure = &measures->rows[i];
        char keys[256] = "";
        assert_string_equal(measure->path, names[i]);
        for (size_t k = 0; k < measure->n_rows; k++) {
            strcat(strcat(keys, measure->rows[k].path), " ");
            if (measure->rows[k].type == CONTRACT_NUMBER)
                assert_true(isnan(*(double *)(void *)((char *)&week + measures->offset +
                                                      measure->offset + measure->rows[k].offset)));
        }
        assert_string_equal(keys, "total reference limit left_today frees_tomorrow ratio verdict "
                                  "evidence coverage_pct calendar_week calendar_total ");
    }
    for (size_t i = 1; i < 4; i++)
        assert_int_equal(measures->rows[i].offset - measures->rows[i - 1].offset,
                         sizeof(struct payload_measure));
}

static void test_impossible_zeros_are_out_of_range(void **state)
{
    static const struct {
        enum contract_kind kind;
        const char *path;
        bool zero; /* may it be 0? */
    } rows[] = {
        { CONTRACT_LIVE, "heart_rate_bpm", false },
        { CONTRACT_LIVE, "pace_s_per_km", false },
        { CONTRACT_LIVE, "step_length_m", false },
        { CONTRACT_SESSION, "heart_rate_mean_bpm", false },
        { CONTRACT_SESSION, "heart_rate_max_bpm", false },
        { CONTRACT_LIVE, "speed_m_s", true },
        { CONTRACT_LIVE, "distance_m", true },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct contract_row *row = find(rows[i].kind, rows[i].path);
        assert_int_equal(contract_accepts(row, 0), rows[i].zero);
        assert_true(contract_accepts(row, row->min));
        assert_true(contract_accepts(row, row->max));
        assert_false(contract_accepts(row, row->max + 1));
        assert_false(contract_accepts(row, NAN));
        assert_false(contract_accepts(row, INFINITY));
    }
}

static void test_rounding_to_the_row(void **state)
{
    const struct contract_row *grade = find(CONTRACT_LIVE, "grade_pct");    /* 1 decimal */
    const struct contract_row *bpm = find(CONTRACT_LIVE, "heart_rate_bpm"); /* none */

    assert_true(contract_round(grade, 1.25) == 1.3);
    assert_true(contract_round(grade, -0.04) == 0);
    assert_false(signbit(contract_round(grade, -0.04)));
    assert_true(contract_round(bpm, 149.5) == 150);
    assert_true(isnan(contract_round(bpm, NAN)));
}

static void test_words_end(void **state)
{
    const struct contract_row *clock = find(CONTRACT_LIVE, "clock");
    const struct contract_row *grade = find(CONTRACT_LIVE, "source.grade");

    assert_string_equal(contract_word(clock, CLOCK_SYNCED), "synced");
    assert_null(contract_word(clock, CLOCK_SYNCED + 1));
    assert_null(contract_word(clock, SIZE_MAX));
    assert_string_equal(contract_word(grade, 6), "configured");
    assert_string_equal(contract_word(grade, 7), "file");
    assert_null(contract_word(grade, 8));
    assert_null(contract_word(grade, 9));
    assert_null(contract_word(find(CONTRACT_LIVE, "t"), 0));
    /* whoever may tell a grade is named */
    for (int i = TERRAIN_NONE + 1; i < TERRAIN_SOURCES; i++)
        assert_string_equal(contract_word(grade, (size_t)i - 1),
                            terrain_source_name((enum terrain_source)i));
}

static void test_a_fresh_payload_knows_nothing(void **state)
{
    struct payload_live live;
    struct payload_session session;
    struct payload_sensor sensor;
    struct payload_health health;
    struct payload_alert alert;

    memset(&alert, 0x55, sizeof(alert));
    payload_alert_init(&alert);
    memset(&live, 0x55, sizeof(live));
    memset(&session, 0x55, sizeof(session));
    memset(&sensor, 0x55, sizeof(sensor));
    memset(&health, 0x55, sizeof(health));
    payload_live_init(&live);
    payload_session_init(&session);
    payload_sensor_init(&sensor);
    payload_health_init(&health);

    const struct {
        enum contract_kind kind;
        const void *payload;
    } rows[] = { { CONTRACT_LIVE, &live },
                 { CONTRACT_SESSION, &session },
                 { CONTRACT_SENSOR, &sensor },
                 { CONTRACT_ALERT, &alert },
                 { CONTRACT_HEALTH, &health } };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t n;
        const struct contract_row *row = contract_rows(rows[i].kind, &n);
        for (size_t k = 0; k < n; k++) {
            const char *at = (const char *)rows[i].payload + row[k].offset;
            print_message("%s\n", row[k].path);
            if (row[k].type == CONTRACT_NUMBER)
                assert_true(isnan(*(const double *)(const void *)at));
            else if (row[k].type == CONTRACT_STRING || row[k].type == CONTRACT_WORD)
                assert_int_equal(*at, '\0');
            else if (row[k].n_offset)
                assert_int_equal(*(const char *)((const char *)rows[i].payload + row[k].n_offset),
                                 0);
        }
    }
    assert_null(session_state_name(live.state));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys_of_the_design),
        cmocka_unit_test(test_what_holds_at_the_moment_ends_with_the_session),
        cmocka_unit_test(test_every_row_is_complete),
        cmocka_unit_test(test_a_file_is_told_with_the_folders_below_its_runners),
        cmocka_unit_test(test_the_measures_of_a_week),
        cmocka_unit_test(test_impossible_zeros_are_out_of_range),
        cmocka_unit_test(test_rounding_to_the_row),
        cmocka_unit_test(test_words_end),
        cmocka_unit_test(test_a_fresh_payload_knows_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
