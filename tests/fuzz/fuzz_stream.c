/* SPDX-License-Identifier: MIT */
/*
 * A sensor's whole life: the input is a list of events for one stream.
 *
 *   first byte   b0..1 cadence unit from the config, b2..3 unit kept from earlier, b4 Factor 1.5
 *   then each    u8 what (0..5 a characteristic, 6 link up, 7 link down, 8..12 a characteristic,
 *                13.. time goes on),
 *                u8 time since the event before in 0.1 s, u8 length, bytes
 *
 * However wild the bytes: what comes out is finite, never negative, within what is possible, and no
 * more distance than the time allows.
 */
#include <math.h>
#include <stdint.h>
#include <string.h>
#include "lib/bytes.h"
#include "lib/sensor/limits.h"
#include "lib/sensor/stream.h"
#include "require.h"

static const uint16_t uuids[] = { GATT_RSC_MEASUREMENT,   GATT_HEART_RATE_MEASUREMENT,
                                  GATT_TREADMILL_DATA,    GATT_MACHINE_STATUS,
                                  GATT_INCLINATION_RANGE, GATT_BATTERY_LEVEL };
static const uint16_t more_uuids[] = { GATT_CYCLING_POWER_MEASUREMENT, GATT_PRESSURE,
                                       GATT_ELEVATION, GATT_TEMPERATURE, GATT_LOCATION_AND_SPEED };
#define MORE_FROM 8
#define TIME_FROM 13

static void check_motion(const struct sample *sample)
{
    if (sample->has & SAMPLE_SPEED)
        require(sample->speed_m_s >= 0 && sample->speed_m_s <= SENSOR_SPEED_MAX_M_S);
    if (sample->has & SAMPLE_CADENCE)
        require(sample->cadence_spm >= 0 && sample->cadence_spm <= 510);
    if (sample->has & SAMPLE_STEPS)
        require(sample->steps >= 0 && isfinite(sample->steps));
    if (sample->has & SAMPLE_DISTANCE)
        require(sample->distance_m >= 0 && isfinite(sample->distance_m));
    if (sample->has & SAMPLE_STEP_LENGTH)
        require(sample->step_length_m > 0 && sample->step_length_m < 3);
    if (sample->has & SAMPLE_GRADE)
        require(fabs(sample->grade_pct) <= 45);
    if (sample->has & SAMPLE_MACHINE_CLIMB)
        require(sample->machine_ascent_m >= 0 && sample->machine_descent_m >= 0);
}

static void check_surroundings(const struct sample *sample)
{
    if (sample->has & SAMPLE_POWER)
        require(sample->power_w >= 0 && sample->power_w <= 3000);
    if (sample->has & SAMPLE_PRESSURE)
        require(sample->pressure_pa >= 30000 && sample->pressure_pa <= 110000);
    if (sample->has & SAMPLE_ALTITUDE)
        require(sample->altitude_m >= -500 && sample->altitude_m <= 9000);
    if (sample->has & SAMPLE_TEMPERATURE)
        require(sample->temperature_c >= -50 && sample->temperature_c <= 80);
}

static void check_heart(const struct sample *sample)
{
    if (sample->has & SAMPLE_HEART_RATE)
        require(sample->heart_rate_bpm >= 30 && sample->heart_rate_bpm <= 240);
    if (sample->has & SAMPLE_NO_CONTACT)
        require(!(sample->has & (SAMPLE_HEART_RATE | SAMPLE_RR)));
    require(sample->n_rr >= 0 && sample->n_rr <= SAMPLE_RR_MAX);
    require((sample->n_rr > 0) == !!(sample->has & SAMPLE_RR));
}

struct life {
    struct stream stream;
    uint64_t now_usec;
    double distance_m;
    uint64_t packets;
    enum pod_unit unit;
};

static void feed(struct life *life, uint16_t uuid, const uint8_t *bytes, size_t length)
{
    struct sample sample;
    bool has_sample;
    enum decode_result result =
        stream_feed(&life->stream, uuid, bytes, length, life->now_usec, &sample, &has_sample);

    require(decode_result_name(result));
    life->packets++;
    if (has_sample) {
        require(sample.source != SAMPLE_SOURCE_NONE && sample.t_usec == life->now_usec);
        check_motion(&sample);
        check_surroundings(&sample);
        check_heart(&sample);
        life->distance_m += sample.has & SAMPLE_DISTANCE ? sample.distance_m : 0;
    }
    /* once decided, for ever; and only with its evidence */
    require(life->unit == POD_UNIT_UNDECIDED || life->unit == stream_unit(&life->stream));
    life->unit = stream_unit(&life->stream);
    require((life->unit == POD_UNIT_UNDECIDED) == (stream_evidence(&life->stream)[0] == '\0'));
}

static void live(struct life *life, struct bytes *bytes)
{
    uint8_t what, tenths, length;

    while (pull_u8(bytes, &what) && pull_u8(bytes, &tenths) && pull_u8(bytes, &length)) {
        size_t n = length < bytes->left ? length : bytes->left;
        life->now_usec += tenths * UINT64_C(100000) * (what >= TIME_FROM ? 60 : 1);
        if (what < 6)
            feed(life, uuids[what], bytes->at, n);
        else if (what < MORE_FROM)
            stream_link(&life->stream, what == 6, life->now_usec);
        else if (what < TIME_FROM)
            feed(life, more_uuids[what - MORE_FROM], bytes->at, n);
        pull_skip(bytes, n);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t length)
{
    struct bytes bytes = bytes_of(at, length);
    struct conf_sensor sensor = { 0 };
    struct life life = { .now_usec = 1000000 };
    uint64_t start = life.now_usec;
    uint8_t setup;
    double most;

    if (!pull_u8(&bytes, &setup))
        return 0;
    sensor.cadence_unit = (enum conf_cadence_unit)((setup & 3) % 3);
    sensor.factor = setup & 16 ? 1.5 : 1.0;
    stream_init(&life.stream, &sensor, (enum pod_unit)((setup >> 2 & 3) % 3));
    life.unit = stream_unit(&life.stream);
    live(&life, &bytes);
    /* bunched packets may each bring the 2 s of slack that the odometer allows for jitter; two
     * parts of a device (RSC before its belt was seen) may each tell a distance */
    most = 2 * SENSOR_SPEED_MAX_M_S * (double)(life.now_usec - start) / 1e6 +
           SENSOR_SPEED_MAX_M_S * 5 * (double)life.packets + 250;
    require(life.distance_m <= most);
    return 0;
}
