/* SPDX-License-Identifier: MIT */
/*
 * The characteristics of one to eight bytes, each of the same bytes: what a sensor says of itself
 * beside what it measures. For each it is said here which lengths and values there is an answer
 * to, and that there is no other; of no answer nothing is written.
 */
#include <stdint.h>
#include <string.h>
#include "lib/gatt/battery.h"
#include "lib/gatt/body_sensor_location.h"
#include "lib/gatt/fitness_machine_feature.h"
#include "lib/gatt/inclination_range.h"
#include "lib/gatt/machine_status.h"
#include "lib/gatt/rsc_feature.h"
#include "lib/gatt/sensor_location.h"
#include "require.h"

#define UNTOUCHED 0xEE /* no answer of the decoders of one byte */

static void check_battery(const uint8_t *bytes, size_t length)
{
    uint8_t level = UNTOUCHED;
    enum decode_result result = battery_decode(bytes, length, &level);

    require((result == DECODE_SHORT) == (length < 1));
    require((result == DECODE_OK) == (length >= 1 && bytes[0] <= 100));
    require(level == (result == DECODE_OK ? bytes[0] : UNTOUCHED));
}

static void check_locations(const uint8_t *bytes, size_t length)
{
    uint8_t body = UNTOUCHED, sensor = UNTOUCHED;
    enum decode_result of_body = body_sensor_location_decode(bytes, length, &body);
    enum decode_result of_sensor = sensor_location_decode(bytes, length, &sensor);

    require((of_body == DECODE_SHORT) == (length < 1));
    require((of_sensor == DECODE_SHORT) == (length < 1));
    require((of_body == DECODE_OK) == (length >= 1 && bytes[0] <= 6));
    require((of_sensor == DECODE_OK) == (length >= 1 && bytes[0] <= 16));
    require(body == (of_body == DECODE_OK ? bytes[0] : UNTOUCHED));
    require(sensor == (of_sensor == DECODE_OK ? bytes[0] : UNTOUCHED));
    /* whatever is decoded has a name, and a name that ends */
    require(!body_sensor_location_name(body) == (of_body != DECODE_OK));
    require(!sensor_location_name(sensor) == (of_sensor != DECODE_OK));
    require(of_body != DECODE_OK || strlen(body_sensor_location_name(body)) > 0);
    require(of_sensor != DECODE_OK || strlen(sensor_location_name(sensor)) > 0);
}

static void check_features(const uint8_t *bytes, size_t length)
{
    struct fitness_machine_feature machine = { 7, 7, true };
    uint16_t pod = 7;
    enum decode_result of_pod = rsc_feature_decode(bytes, length, &pod);
    enum decode_result of_machine = fitness_machine_feature_decode(bytes, length, &machine);

    require(of_pod == (length >= 2 ? DECODE_OK : DECODE_SHORT));
    require(pod == (length >= 2 ? bytes[0] | bytes[1] << 8 : 7));
    require(of_machine == (length >= 8   ? DECODE_OK
                           : length >= 4 ? DECODE_TRUNCATED
                                         : DECODE_SHORT));
    require(length >= 4 || (machine.fields == 7 && machine.targets == 7 && machine.has_targets));
    require(length < 4 || machine.has_targets == (length >= 8));
    require(machine.has_targets || machine.targets == 0);
}

static void check_inclination(const uint8_t *bytes, size_t length)
{
    struct inclination_range range = { 7, -7, 7 };
    enum decode_result result = inclination_range_decode(bytes, length, &range);

    require((result == DECODE_SHORT) == (length < 6));
    require(result == DECODE_OK || result == DECODE_SHORT || result == DECODE_OUT_OF_RANGE);
    require((result == DECODE_OK) == (range.minimum <= range.maximum));
    require(result == DECODE_OK ||
            (range.minimum == 7 && range.maximum == -7 && range.increment == 7));
}

static void check_machine_status(const uint8_t *bytes, size_t length)
{
    const enum machine_status none = (enum machine_status)UNTOUCHED;
    enum machine_status status = none;
    enum decode_result result = machine_status_decode(bytes, length, &status);

    require(length >= 1 || result == DECODE_SHORT);
    require((result == DECODE_SHORT) == (length < 1 || (length < 2 && bytes[0] == 2)));
    require((result == DECODE_UNKNOWN) == (length >= 1 && (bytes[0] < 1 || bytes[0] > 4)));
    require((result == DECODE_OK) == (status != none));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    check_battery(bytes, length);
    check_locations(bytes, length);
    check_features(bytes, length);
    check_inclination(bytes, length);
    check_machine_status(bytes, length);
    return 0;
}
