/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What the files behind sensors.h share. Each calls only those above it, but for link_feed(), by which
 * answers come back to the machine:
 *
 *   set.c           finding one of the set, waking the round
 *   nearby.c        who was heard in the air
 *   report.c        what is told of a sensor and of the radio
 *   read.c          what is read of a sensor once per connection
 *   subscription.c  what a sensor is to tell by itself
 *   link.c          one sensor's machine carried out on BlueZ: connect, prove
 *   company.c       who runs with whom
 *   requests.c      what a person asks for
 *   mend.c          a bluetoothd that crashed, an adapter that is stuck
 *   round.c         the one timer and what it does: company, radio, deadlines
 *   sensors.c       life, and what comes in
 */
#include "daemon/bluez/bluez.h"
#include "daemon/clock.h"
#include "daemon/sensors/characteristics.h"
#include "daemon/sensors/machine/sensor.h"
#include "daemon/sensors/powercycle.h"
#include "daemon/sensors/radio.h"
#include "daemon/sensors/revival.h"
#include "daemon/sensors/sensors.h"

struct link {                /* one configured sensor */
    struct sensors *sensors; /* borrowed, outlives us */
    struct sensor machine;
    size_t index;     /* in conf.sensors[] */
    uint32_t id;      /* for the cookies of calls: never used twice */
    uint32_t attempt; /* which link the pending calls belong to; older answers are ignored */
    char address[18];
    int runner;
    /* the link */
    uint64_t asked;             /* number of the answer that will prove it, 0 = none awaited */
    uint64_t partial_usec;      /* since when only some of what we want shows, 0 = not so */
    unsigned pending, accepted; /* subscriptions */
    uint32_t subscribed;        /* bits of rows of sensor_table() */
    uint32_t called
        [SENSOR_NOTIFY_MAX]; /* by row: number of the characteristic of the last call, 0 = none */
    uint32_t armed;          /* rows that bluetoothd has us down for, which outlives the link */
    size_t next_read;        /* row */
    /* learnt */
    uint64_t seen_usec; /* advert or packet */
    uint64_t signal_usec;
    int signal_dbm;
    double battery_pct;
    char manufacturer[64], model[64], firmware[64];
    struct payload_sensor shown, told;  /* as asked for last, as on_change told last */
    uint64_t told_usec, told_seen_usec; /* when, and the sign of life it told */
};

struct tracked { /* of one runner: their session, and when they were last seen moving */
    bool open, asked;
    uint64_t end_usec, motion_usec;
};

struct sensors {
    sd_event *event;
    const struct conf *conf; /* borrowed */
    struct sensors_callbacks callbacks;
    void *userdata;
    struct bluez *bluez;
    int bus_error; /* why there is no bus; 0: there is, or it went */
    struct radio radio;
    struct revival revival;
    struct powercycle cycle;
    char cycled[18];      /* address of the adapter, while it is under way */
    uint32_t radio_epoch; /* answers about an older discovery are ignored */
    bool filter_set;
    bool ready; /* adapter and bluetoothd were there when on_status told last */
    char unavailable_said[PAYLOAD_TEXT_MAX]; /* "": nothing was wrong */
    bool just_came; /* bluetoothd or adapter: links that are found now are adopted */
    bool begun;     /* the loop ran since the configuration was taken: changes may be told */
    struct clock_timer *timer;
    uint64_t armed_usec;
    struct link **links;
    size_t n_links;
    uint32_t last_id;
    struct tracked runners[CONF_RUNNERS_MAX]; /* as in conf.runners[] */
    uint64_t shared_motion_usec;              /* of Runner=auto sensors */
    uint64_t started_usec;                    /* asked bluetoothd last, while it has not answered */
    uint64_t starting_usec; /* since when it has not answered, 0 = it has, or is not there */
    /* commands */
    uint64_t scan_usec; /* start of the last scan that a person asked for, 0 = none */
    sensors_scan_handler scan_handler;
    void *scan_userdata;
    bool stopping;
    uint64_t stop_usec;
    void (*stop_handler)(void *userdata);
    void *stop_userdata;
    uint64_t health_digest;
};

#define MOVING_USEC 30000000ULL /* a belt that moved so lately moves */

/* ---- set.c ---- */
void sensors_wake(struct sensors *sensors, uint64_t at_usec); /* the round, at the latest then */
struct link *link_of(struct sensors *sensors, struct bluez_device *device);
/* Every call carries a cookie of the sensor's id and the attempt it belongs to, so that a reply which
 * comes after we gave up on that link, or after a reload took the sensor away, is dropped instead of
 * taken for the new link's. row: of sensor_table(), or 0. */
uint64_t link_cookie(const struct link *link, size_t row);
struct link *link_of_cookie(struct sensors *sensors, uint64_t cookie);
/* NULL if the reply is about a link that we have given up */
struct link *link_of_attempt(struct sensors *sensors, uint64_t cookie);

/* ---- nearby.c ---- */
bool sensors_is_changing(const struct bluez_device *device); /* its address is, every few minutes */
void sensors_add_unknown(const struct sensors *sensors, struct payload_health *health,
                         uint64_t now_usec);

/* ---- report.c ---- */
/* on_change, if anything of it changed; if only the last sign of life did, once a minute */
void link_show(struct link *link);
uint64_t link_show_usec(const struct link *link); /* when it should be shown again, CLOCK_NEVER */
void sensors_show_health(struct sensors *sensors);
/* Why no sensor can be reached, as a plain sentence; "" = they can. */
void sensors_unavailable_text(const struct sensors *sensors, char *ret, size_t size);
/* Once each, to the log; that the bus is gone is said by who lost it. */
void sensors_say_unavailable(struct sensors *sensors);

/* ---- read.c ---- */
void link_read_next(struct link *link);

/* ---- subscription.c ---- */
void link_subscribe(struct link *link, uint64_t now_usec);
/* Those that came since, be it in the place of one that went. */
void link_subscribe_new(struct link *link, const struct bluez_device *device);
void link_renew(struct link *link); /* those that the machine names */
/* Nobody waits for that; the calls of one device are done in order. */
void link_unsubscribe(struct link *link);
/* What is gone of the device bluetoothd has us down for no longer. */
void link_disarm(struct link *link, const struct bluez_device *device, uint32_t changes);
bool link_has_lost_services(const struct link *link, const struct bluez_device *device);

/* ---- link.c ---- */
int link_new(struct link **ret, struct sensors *sensors, const struct conf_sensor *conf,
             size_t index);
void link_set_conf(struct link *link, const struct conf_sensor *conf, size_t index);
void link_feed(struct link *link, const struct sensor_event *event, uint64_t now_usec);
/* text is whatever bluetoothd said. */
void link_feed_outcome(struct link *link, enum sensor_event_kind kind, enum bluez_outcome outcome,
                       const char *text, uint64_t now_usec);
void link_feed_kind(struct link *link, enum sensor_event_kind kind, uint64_t now_usec);
void link_on_device(struct link *link, const struct bluez_device *device, uint32_t changes,
                    uint64_t now_usec);
void link_on_answer(struct link *link, uint64_t number, uint64_t now_usec);
void link_on_value(struct link *link, uint16_t uuid, const uint8_t *bytes, size_t length,
                   uint64_t now_usec);

/* ---- company.c ---- */
struct house { /* who streams and moves, by runner; the last place is Runner=auto's */
    bool pod_streams[CONF_RUNNERS_MAX + 1];
    bool belt_moves[CONF_RUNNERS_MAX + 1];
    bool any_pod, any_belt, any_open, any_asked;
    uint64_t any_motion_usec, any_end_usec;
    unsigned links;
    uint64_t belt_until_usec; /* when the belts that move now will not, unless they move again */
};

size_t sensors_place_of(int runner);
void sensors_look_around(const struct sensors *sensors, struct house *house, uint64_t now_usec);
struct sensor_company sensors_company_of(const struct sensors *sensors, const struct house *house,
                                         const struct link *link);

/* ---- requests.c ---- */
void sensors_finish_scan(struct sensors *sensors, int error);
void sensors_check_requests(struct sensors *sensors, uint64_t now_usec);

/* ---- mend.c ---- */
void sensors_mend_status(struct sensors *sensors, uint64_t now_usec); /* of bluez, as it changes */
uint64_t sensors_mend(struct sensors *sensors, uint64_t now_usec);    /* when to come again */

/* ---- round.c ---- */
void sensors_on_timer(void *userdata, uint64_t now_usec);
