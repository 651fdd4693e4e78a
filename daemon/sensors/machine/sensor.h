/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The connection machine of one sensor: when to want its link, when to leave it to somebody else, when
 * to give up a dead one. It knows no bus and reads no clock: events and the time go in, actions come
 * out, so every rule is a row of a test.
 *
 *                 advert                 Grace over,            turn from
 *   ABSENT ────────────────────> SEEN ── advert, wanted ─> WAITING ── radio.c ─> CONNECTING
 *     ^  ^                        │                         │  ^                  │      │
 *     │  └── adverts stopped ─────┴─────────────────────────┘  │ failed: backoff  │      │ proven,
 *     │                                                        └──────────────────┘      │ subscribed
 *     │ quiet for 60 s, or motion,               idle, asked                             v
 *     └── or session ─────────── RELEASED <──────────────────────── SILENT <──10 s──> STREAMING
 *                                                                      └──── lost ───────┴─> ABSENT
 *   any ── adapter or bluetoothd gone ──> UNAVAILABLE ── back ──> ABSENT
 *
 * A link that BlueZ has without our asking (adopted) enters CONNECTING at its second step, PROVING. What
 * proves to have nothing that we can read goes from there to RELEASED.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "daemon/bluez/call.h"
#include "daemon/sensors/machine/channel.h"
#include "lib/conf.h"
#include "lib/gatt/gatt.h"
#include "lib/payload.h"

#define SENSOR_NEVER UINT64_MAX

enum sensor_event_kind {
    SENSOR_EV_TICK,          /* a deadline, or `company` changed */
    SENSOR_EV_ADVERT,        /* heard just now */
    SENSOR_EV_BURST,         /* a whole scan burst of ours is over */
    SENSOR_EV_AVAILABLE,     /* adapter and bluetoothd are there */
    SENSOR_EV_UNAVAILABLE,   /* text: why not */
    SENSOR_EV_TURN,          /* the one Connect at a time is yours */
    SENSOR_EV_LINK_FOUND,    /* BlueZ shows it connected; flag: at our start, or bluetoothd's */
    SENSOR_EV_CONNECT_REPLY, /* outcome, text */
    SENSOR_EV_PROVEN,        /* a complete answer shows the link and what we want on it */
    SENSOR_EV_UNPROVEN,      /* a complete answer does not; flag: it shows the link at least */
    SENSOR_EV_FOREIGN,       /* a complete answer shows the link, and nothing that we can read */
    SENSOR_EV_SUBSCRIBED,    /* uuid */
    SENSOR_EV_ONE_REFUSED,   /* one of the subscriptions: uuid */
    SENSOR_EV_REFUSED,       /* no characteristic could be subscribed: outcome, text */
    SENSOR_EV_PACKET, /* a notification of this link: uuid; flag: all that is to be subscribed shows */
    SENSOR_EV_SERVICES_LOST, /* what we had subscribed is gone, the link is not */
    SENSOR_EV_LINK_DOWN,     /* BlueZ shows it not connected, or without the device */
    SENSOR_EV_RELEASE,       /* let go until until_usec; text: why, NULL = asked for */
};

struct sensor_event {
    enum sensor_event_kind kind;
    enum bluez_outcome outcome;
    const char *text; /* borrowed */
    bool flag;
    uint64_t until_usec;
    uint16_t uuid;
};

enum sensor_action {
    SENSOR_DO_CONNECT = 1u << 0,
    SENSOR_DO_UNSUBSCRIBE =
        1u << 1, /* what bluetoothd would subscribe to for us at the next link, too */
    SENSOR_DO_DISCONNECT = 1u << 2, /* also cancels a Connect */
    SENSOR_DO_REMOVE = 1u << 3,     /* RemoveDevice, unless it is paired or trusted */
    SENSOR_DO_PROVE = 1u << 4,      /* ask for a complete answer */
    SENSOR_DO_SUBSCRIBE = 1u << 5,
    SENSOR_DO_RENEW = 1u << 6,     /* the subscriptions in `renew` */
    SENSOR_DO_LINK_UP = 1u << 7,   /* tell above: usable */
    SENSOR_DO_LINK_DOWN = 1u << 8, /* tell above: no longer */
};

/* What goes on around the sensor, as far as its runner is concerned; kept up by sensors.c. */
struct sensor_company {
    bool session_open, session_asked; /* asked: by a person, who may have a sensor on request */
    bool mover_streams;        /* a pod of the runner, or a shared treadmill with a moving belt */
    uint64_t motion_usec;      /* last step or belt movement of the runner's, 0 = none yet */
    uint64_t session_end_usec; /* 0 = none yet */
    unsigned links;            /* on the adapter, anybody's */
};

enum sensor_step { SENSOR_DIALLING, SENSOR_PROVING, SENSOR_SUBSCRIBING }; /* of CONNECTING */

enum sensor_scan { SENSOR_SCAN_NONE, SENSOR_SCAN_SLOW, SENSOR_SCAN_FAST };

struct sensor {
    char name[CONF_ID_MAX];
    /* rules */
    enum conf_connect connect;
    uint64_t grace_usec, idle_usec; /* idle 0: as is usual for what it is */
    uint32_t services;              /* enum bluez_service, 0 = not known yet */
    struct sensor_company company;
    uint32_t seed; /* of the jitter */
    /* state */
    enum sensor_state state;
    enum sensor_step step;
    char reason[PAYLOAD_TEXT_MAX];
    uint64_t since_usec;    /* of the state */
    uint64_t deadline_usec; /* when to tick at the latest */
    /* the air */
    uint64_t heard_usec;  /* last advert, 0 = none that counts */
    uint64_t run_usec;    /* first advert of this row of adverts */
    uint64_t wanted_usec; /* since when a link is wanted, 0 = it is not */
    uint64_t life_usec;   /* last sign of life, for the pace of scanning */
    bool heard_in_burst;
    unsigned quiet_bursts;
    /* the link */
    bool linked;  /* BlueZ has, or may be making, a link */
    bool usable;  /* LINK_UP was told */
    bool adopted; /* the last link was, so that it may be another program's */
    bool closing; /* our Disconnect is under way */
    uint64_t closing_usec, replied_usec, link_usec, packet_usec;
    uint64_t asked_usec;  /* PROVING: when a complete answer was asked for last */
    uint64_t moved_usec;  /* last step or belt movement of its own, 0 = none yet; by sensors.c */
    uint64_t effort_usec; /* last beat of a heart that works hard */
    struct channels channels;
    uint16_t renew[CHANNELS_MAX]; /* for SENSOR_DO_RENEW */
    size_t n_renew;
    bool lacks;         /* the reason says what does not come */
    uint64_t ours_usec; /* last moment we had a usable link: no Grace while that is fresh */
    /* trouble */
    unsigned turns;      /* at the one Connect, since the last link that could be used */
    uint64_t turn_usec;  /* the last of all */
    uint64_t tried_usec; /* the last that failed while nobody else was to have it */
    unsigned failures;   /* since the last link that stood */
    unsigned not_ready;  /* NotReady answers, in a row */
    unsigned unproven;   /* links without services, in a row */
    unsigned foreign;    /* links with nothing that we can read, in a row */
    bool stray; /* a Connect of ours may be pending that we lost, in a crash or with the bus */
    uint64_t busy_from_usec,
        busy_usec;         /* InProgress answers in a row: the first, the last; 0 = none */
    unsigned silent_turns; /* links cut for silence, in a row */
    unsigned mute_ends;    /* links lost as soon as we had subscribed, in a row */
    bool read_first;       /* the switches, before they are thrown: it ended the link otherwise */
    unsigned early_drops;  /* links lost 25 to 40 s after they came, in a row */
    uint64_t retry_usec;   /* not before */
    unsigned full_links;   /* so many left no place on the adapter, 0 = it was not short of one */
    uint64_t drops;
    char problem[PAYLOAD_TEXT_MAX]; /* plain sentence, "" = none */
    /* let go */
    uint64_t released_until_usec; /* by a person, 0 = not */
    bool let_go;                  /* RELEASED for idleness, or as it has nothing for us */
    const char *let_go_why;       /* the reason then; of static storage */
};

void sensor_init(struct sensor *x, const struct conf_sensor *conf, uint32_t seed,
                 uint64_t now_usec);
void sensor_set_rules(struct sensor *x, const struct conf_sensor *conf);

/* Returns enum sensor_action bits, to be carried out in the order of the enum. */
uint32_t sensor_feed(struct sensor *x, const struct sensor_event *event, uint64_t now_usec);

bool sensor_is_ready(const struct sensor *x, uint64_t now_usec); /* for SENSOR_EV_TURN */
bool sensor_is_dialling(
    const struct sensor *x); /* holds the one turn: connecting, or not yet proven */
/* Forgotten and looked for anew, twice, and it still does not connect */
bool sensor_is_past_help(const struct sensor *x);
enum sensor_scan sensor_scan(const struct sensor *x, uint64_t now_usec);
enum gatt_kind sensor_kind(uint32_t services); /* of enum bluez_service */
