/* SPDX-License-Identifier: MIT */
/* What a person asks of the sensors: let one go, listen around, stop. Asking only leaves a mark; the
 * round sees it through. */
#include <errno.h>
#include "daemon/sensors/set.h"

#define STOP_USEC 3000000ULL

void sensors_finish_scan(struct sensors *sensors, int error)
{
    sensors_scan_handler handler = sensors->scan_handler;
    sensors->radio.person_until_usec = 0;
    sensors->scan_handler = NULL;
    if (handler)
        handler(sensors->scan_userdata, error);
}

int sensors_release(struct sensors *sensors, size_t sensor, uint64_t for_usec, uint64_t now_usec)
{
    if (sensor >= sensors->n_links)
        return -EINVAL;
    struct sensor_event event = { .kind = SENSOR_EV_RELEASE,
                                  .until_usec = for_usec > SENSOR_NEVER - now_usec
                                                    ? SENSOR_NEVER
                                                    : now_usec + for_usec };
    link_feed(sensors->links[sensor], &event, now_usec);
    return 0;
}

int sensors_scan(struct sensors *sensors, uint64_t for_usec, sensors_scan_handler handler,
                 void *userdata)
{
    uint64_t now_usec = clock_now_usec();
    if (bluez_status(sensors->bluez) != BLUEZ_READY || sensors->stopping)
        return -ENODEV;
    if (sensors->scan_handler)
        return -EBUSY;
    sensors->scan_usec = now_usec;
    sensors->radio.person_until_usec = now_usec + for_usec;
    sensors->scan_handler = handler;
    sensors->scan_userdata = userdata;
    sensors_wake(sensors, now_usec);
    return 0;
}

int sensors_stop(struct sensors *sensors, void (*handler)(void *userdata), void *userdata)
{
    uint64_t now_usec = clock_now_usec();
    struct sensor_event event = { .kind = SENSOR_EV_RELEASE,
                                  .text = "strided stops",
                                  .until_usec = SENSOR_NEVER };
    sensors->stopping = true;
    sensors->stop_usec = now_usec + STOP_USEC;
    sensors->stop_handler = handler;
    sensors->stop_userdata = userdata;
    sensors_finish_scan(sensors, -ECANCELED); /* whoever waits for it is told while we still can */
    for (size_t i = 0; i < sensors->n_links; i++)
        link_feed(sensors->links[i], &event, now_usec);
    sensors_wake(sensors, now_usec);
    return 0;
}

static bool is_all_down(const struct sensors *sensors)
{
    for (size_t i = 0; i < sensors->n_links; i++)
        if (sensors->links[i]->machine.closing)
            return false;
    return sensors->radio.scan == RADIO_OFF && sensors->cycle.phase == POWERCYCLE_AT_REST;
}

void sensors_check_requests(struct sensors *sensors, uint64_t now_usec)
{
    if (sensors->scan_handler && now_usec >= sensors->radio.person_until_usec)
        sensors_finish_scan(sensors, 0);
    if (sensors->stop_handler && (now_usec >= sensors->stop_usec || is_all_down(sensors))) {
        void (*handler)(void *userdata) = sensors->stop_handler;
        sensors->stop_handler = NULL;
        handler(sensors->stop_userdata);
    }
}
