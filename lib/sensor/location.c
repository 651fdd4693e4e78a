/* SPDX-License-Identifier: MIT */
#include "lib/sensor/barometer.h"
#include "lib/sensor/location.h"

void location_init(struct location *location)
{
    *location = (struct location){ 0 };
}

static bool is_measured(const struct location *location, const struct location_speed *packet)
{
    switch (packet->status) {
    case POSITION_STATUS_OK:
        return true;
    case POSITION_STATUS_NONE:
        return !location->tells_status;
    case POSITION_STATUS_ESTIMATED:
    case POSITION_STATUS_LAST_KNOWN:
        break;
    }
    return false;
}

enum decode_result location_feed(struct location *location, const struct location_speed *packet,
                                 uint64_t now_usec, struct sample *ret)
{
    bool by_pressure = packet->elevation_source == ELEVATION_FROM_PRESSURE;
    struct sample sample = { .t_usec = now_usec,
                             .source =
                                 by_pressure ? SAMPLE_SOURCE_BAROMETER : SAMPLE_SOURCE_LOCATION };
    double altitude_m = packet->elevation_cm / 100.0;

    location->tells_status |= packet->status != POSITION_STATUS_NONE;
    if ((packet->has & LOCATION_ELEVATION) && (by_pressure || is_measured(location, packet))) {
        if (altitude_m < ALTITUDE_MIN_M || altitude_m > ALTITUDE_MAX_M)
            return DECODE_OUT_OF_RANGE;
        sample.altitude_m = altitude_m;
        sample.has = SAMPLE_ALTITUDE;
    }
    *ret = sample;
    return DECODE_OK;
}
