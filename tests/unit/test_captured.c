/* SPDX-License-Identifier: MIT */
/*
 * Our decoders against packets of real devices: what the people who captured them say is in them,
 * and what Wireshark reads in them. The captures are not part of the project (their licences differ):
 * where they are not there, this is skipped and says so.
 */
#include "hex.h"
#include <jansson.h>
#include <math.h>
#include "lib/gatt/cycling_power.h"
#include "lib/gatt/device_info.h"
#include "lib/gatt/fitness_machine_feature.h"
#include "lib/gatt/heart_rate.h"
#include "lib/gatt/inclination_range.h"
#include "lib/gatt/machine_status.h"
#include "lib/gatt/pressure.h"
#include "lib/gatt/rsc.h"
#include "lib/gatt/treadmill.h"
#include "lib/sensor/stream.h"

static FILE *open_shared(const char *name)
{
    const char *shared = getenv("STRIDED_SHARED"), *root = getenv("STRIDED_SOURCE_ROOT");
    char path[4096];
    FILE *file;

    snprintf(path, sizeof path, "%s%s/%s",
             shared ? shared
             : root ? root
                    : ".",
             shared ? "" : "/../shared", name);
    file = fopen(path, "re");
    if (!file) {
        print_message("skipped: %s is not there\n", name);
        skip();
    }
    return file;
}

/* Calls `check` for each row of the characteristic; returns how many there were. */
static int for_each_payload(const char *uuid, void (*check)(json_t *row, struct packet packet))
{
    FILE *file = open_shared("data/ble/payloads.jsonl");
    char line[16384];
    int n = 0;

    while (fgets(line, sizeof line, file)) {
        json_t *row = json_loads(line, 0, NULL);
        assert_non_null(row);
        if (strcmp(json_string_value(json_object_get(row, "uuid")), uuid) == 0) {
            const char *hex = json_string_value(json_object_get(row, "hex"));
            print_message("%s %s\n", uuid, hex);
            check(row, packet_of(hex));
            n++;
        }
        json_decref(row);
    }
    fclose(file);
    return n;
}

static json_t *wireshark(json_t *row)
{
    const char *key;
    json_t *value;
    json_object_foreach(row, key, value)
    {
        if (strncmp(key, "wireshark", 9) == 0)
            return value;
    }
    return NULL;
}

/* Compares when the source says anything of it; the tolerance is the source's rounding. */
static void agree(json_t *said, const char *key, bool has, double value, double within)
{
    json_t *number = json_object_get(said, key);
    if (!number)
        return;
    if (!has || !(value - json_number_value(number) <= within &&
                  json_number_value(number) - value <= within))
        fail_msg("%s: %g, they say %g", key, has ? value : NAN, json_number_value(number));
}

static void check_heart_rate(json_t *row, struct packet packet)
{
    struct heart_rate frame;
    json_t *other = wireshark(row), *beats = json_object_get(other, "rr_1024ths");

    assert_int_equal(heart_rate_decode(packet.bytes, packet.length, &frame), DECODE_OK);
    assert_non_null(other);
    agree(json_object_get(row, "decoded"), "bpm", true, frame.bpm, 0);
    agree(other, "bpm", true, frame.bpm, 0);
    assert_int_equal(frame.n_rr, json_array_size(beats));
    for (int i = 0; i < frame.n_rr; i++)
        assert_int_equal(frame.rr_1024[i], json_integer_value(json_array_get(beats, (size_t)i)));
    assert_int_equal(frame.contact != HEART_RATE_CONTACT_UNSUPPORTED,
                     strcmp(json_string_value(json_object_get(other, "sensor_support")), "True") ==
                         0);
    assert_int_equal(frame.contact == HEART_RATE_CONTACT_YES,
                     strcmp(json_string_value(json_object_get(other, "sensor_contact")), "True") ==
                         0);
}

static void check_rsc(json_t *row, struct packet packet)
{
    struct rsc rsc;
    json_t *said = json_object_get(row, "decoded"), *other = wireshark(row);
    bool stride, total;

    assert_int_equal(rsc_decode(packet.bytes, packet.length, &rsc), DECODE_OK);
    assert_non_null(other);
    stride = rsc.has & RSC_STRIDE_LENGTH;
    total = rsc.has & RSC_TOTAL_DISTANCE;
    agree(said, "speed_kmh", true, rsc.speed_256 / 256.0 * 3.6, 0.0001);
    agree(said, "speed_m_s", true, rsc.speed_256 / 256.0, 0);
    agree(said, "cadence", true, rsc.cadence, 0);
    agree(said, "distance_m", total, rsc.total_distance_dm / 10.0, 1e-9);
    agree(said, "stride_cm", stride, rsc.stride_length_cm, 0);
    agree(other, "instantaneous_speed", true, rsc.speed_256, 0);
    agree(other, "instantaneous_cadence", true, rsc.cadence, 0);
    agree(other, "instantaneous_stride_length", stride, rsc.stride_length_cm, 0);
    agree(other, "total_distance", total, rsc.total_distance_dm, 0);
    assert_int_equal(stride, !!json_object_get(other, "instantaneous_stride_length"));
    assert_int_equal(total, !!json_object_get(other, "total_distance"));
}

static void check_treadmill(json_t *row, struct packet packet)
{
    struct treadmill_record r;
    enum decode_result result = treadmill_decode(packet.bytes, packet.length, &r);
    json_t *said = json_object_get(row, "decoded");
    uint32_t has;

    assert_true(decode_is_usable(result));
    has = r.has;
    agree(said, "speed_kmh", has & TREADMILL_SPEED, r.speed / 100.0, 1e-9);
    agree(said, "avg_speed_kmh", has & TREADMILL_AVERAGE_SPEED, r.average_speed / 100.0, 1e-9);
    agree(said, "distance_m", has & TREADMILL_TOTAL_DISTANCE, r.total_distance_m, 0);
    agree(said, "inclination_pct", has & TREADMILL_INCLINATION, r.inclination / 10.0, 1e-9);
    agree(said, "elapsed_s", has & TREADMILL_ELAPSED, r.elapsed_s, 0);
    agree(said, "remaining_s", has & TREADMILL_REMAINING, r.remaining_s, 0);
    agree(said, "energy_kcal", has & TREADMILL_ENERGY, r.energy_kcal, 0);
    agree(said, "energy_per_hour", has & TREADMILL_ENERGY_PER_HOUR, r.energy_per_hour_kcal, 0);
    agree(said, "energy_per_min", has & TREADMILL_ENERGY_PER_MINUTE, r.energy_per_minute_kcal, 0);
    agree(said, "heart_rate", has & TREADMILL_HEART_RATE, r.heart_rate_bpm, 0);
    agree(said, "power_w", has & TREADMILL_POWER, r.power_w, 0);
    agree(said, "steps", has & TREADMILL_STEPS, r.steps, 0);
}

static void check_power(json_t *row, struct packet packet)
{
    struct cycling_power power;
    json_t *said = json_object_get(row, "decoded"), *other = wireshark(row);
    bool torque, crank;

    assert_int_equal(cycling_power_decode(packet.bytes, packet.length, &power), DECODE_OK);
    assert_non_null(other);
    torque = power.has & CYCLING_POWER_TORQUE;
    crank = power.has & CYCLING_POWER_CRANK;
    agree(said, "power", true, power.power_w, 0);
    agree(said, "crank_revs", crank, power.crank_revolutions, 0);
    agree(other, "instantaneous_power", true, power.power_w, 0);
    agree(other, "accumulated_torque", torque, power.torque_32_nm, 0);
    agree(other, "crank_revolution_data_cumulative_crank_revolutions", crank,
          power.crank_revolutions, 0);
    agree(other, "crank_revolution_data_last_crank_event_time", crank, power.crank_event_1024, 0);
    assert_int_equal(torque, !!json_object_get(other, "accumulated_torque"));
}

static void check_pressure(json_t *row, struct packet packet)
{
    uint32_t dpa;

    assert_int_equal(pressure_decode(packet.bytes, packet.length, &dpa), DECODE_OK);
    agree(json_object_get(row, "decoded"), "pressure_hpa", true, dpa / 1000.0, 1e-9);
}

static void check_others(json_t *row, struct packet packet)
{
    const char *uuid = json_string_value(json_object_get(row, "uuid"));
    struct fitness_machine_feature feature;
    struct inclination_range range;
    enum machine_status status;
    char text[64];

    if (strcmp(uuid, "2acc") == 0)
        assert_int_equal(fitness_machine_feature_decode(packet.bytes, packet.length, &feature),
                         DECODE_OK);
    if (strcmp(uuid, "2ad5") == 0) {
        assert_int_equal(inclination_range_decode(packet.bytes, packet.length, &range), DECODE_OK);
        assert_int_equal(range.minimum, 0);
        assert_int_equal(range.maximum, 0);
    }
    if (strcmp(uuid, "2ada") == 0) {
        bool started = packet.bytes[0] == 4;
        assert_int_equal(machine_status_decode(packet.bytes, packet.length, &status),
                         started ? DECODE_OK : DECODE_UNKNOWN);
        if (started)
            assert_int_equal(status, MACHINE_STATUS_STARTED);
    }
    if (strcmp(uuid, "2a29") == 0) {
        json_t *said = json_object_get(row, "decoded");
        assert_int_equal(device_info_text(packet.bytes, packet.length, text, sizeof text),
                         DECODE_OK);
        assert_string_equal(text, json_string_value(json_object_get(said, "text")));
    }
}

static void test_heart_rate(void **state)
{
    assert_true(for_each_payload("2a37", check_heart_rate) >= 8);
}

static void test_rsc(void **state)
{
    assert_true(for_each_payload("2a53", check_rsc) >= 3);
}

static void test_treadmill(void **state)
{
    assert_true(for_each_payload("2acd", check_treadmill) >= 173);
}

static void test_power(void **state)
{
    assert_true(for_each_payload("2a63", check_power) >= 2);
}

static void test_pressure(void **state)
{
    assert_true(for_each_payload("2a6d", check_pressure) >= 1);
}

static void test_others(void **state)
{
    assert_true(for_each_payload("2acc", check_others) >= 3);
    assert_true(for_each_payload("2ad5", check_others) >= 1);
    assert_true(for_each_payload("2ada", check_others) >= 2);
    assert_true(for_each_payload("2a29", check_others) >= 1);
}

/* ---- 162 packets of a Urevo E1L: 0, 10, 30, 40 m while its belt runs at 0.6 m/s --- */

static struct {
    struct stream stream;
    double distance_m, steps, last_cadence, first_s;
    int packets;
} urevo;

static void replay_urevo(json_t *row, struct packet packet)
{
    double t = json_number_value(json_object_get(row, "t"));
    struct sample sample;
    bool has_sample;

    if (t <= 0)
        return;
    if (urevo.packets++ == 0)
        urevo.first_s = t;
    assert_int_equal(stream_feed(&urevo.stream, 0x2ACD, packet.bytes, packet.length,
                                 (uint64_t)((t - urevo.first_s) * 1e6), &sample, &has_sample),
                     DECODE_OK);
    if (!has_sample)
        return;
    assert_true(sample.distance_m >= 0 && sample.distance_m < 12);
    urevo.distance_m += sample.distance_m;
    urevo.steps += sample.has & SAMPLE_STEPS ? sample.steps : 0;
    if (sample.has & SAMPLE_CADENCE)
        urevo.last_cadence = sample.cadence_spm;
}

static void test_urevo_replay(void **state)
{
    const struct conf_sensor sensor = { .factor = 1.0 };

    memset(&urevo, 0, sizeof urevo);
    stream_init(&urevo.stream, &sensor, POD_UNIT_UNDECIDED);
    for_each_payload("2acd", replay_urevo);
    assert_int_equal(urevo.packets, 162);
    print_message("%.2f m, %.0f steps, %.1f spm\n", urevo.distance_m, urevo.steps,
                  urevo.last_cadence);
    assert_near(urevo.distance_m, 41, 1); /* the time at each speed; the machine counts 40 */
    assert_near(urevo.steps, 77, 0);      /* its counter went from 2 to 79 */
    assert_near(urevo.last_cadence, 72, 15);
}

/* ---- the unit rule against the reference implementation --------------------------------------- */

static void test_cadence_vectors(void **state)
{
    FILE *file = open_shared("vectors/cadence.json");
    json_t *root = json_loadf(file, 0, NULL), *cases = json_object_get(root, "cases"), *row;
    size_t i;

    fclose(file);
    assert_true(json_array_size(cases) >= 10);
    json_array_foreach(cases, i, row)
    {
        json_t *input = json_object_get(row, "input");
        double raw = json_number_value(json_object_get(input, "median_raw"));
        double speed = json_number_value(json_object_get(input, "median_speed"));
        json_t *factor = json_object_get(json_object_get(row, "expected"), "factor");
        if (unit_rule(raw, speed) != (int)json_number_value(factor))
            fail_msg("%s", json_string_value(json_object_get(row, "name")));
    }
    json_decref(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_heart_rate),   cmocka_unit_test(test_rsc),
        cmocka_unit_test(test_treadmill),    cmocka_unit_test(test_power),
        cmocka_unit_test(test_pressure),     cmocka_unit_test(test_others),
        cmocka_unit_test(test_urevo_replay), cmocka_unit_test(test_cadence_vectors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
