/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The values behind every published topic, as plain structs. lib/contract.c has one row a key for
 * each of them (offset, type, range, unit, words): rendering, JSON Schema, Home Assistant entities
 * and the docs are all made from those rows.
 *
 * Absent is absent: a double that is NAN, a string that is "" and a time that is 0 are published as
 * null, never as 0 or as the last value.
 */
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/note.h"
#include "lib/terrain/hills.h"
#include "lib/training/rule.h"

#define EVENT_ID_MAX     40  /* bytes with the NUL */
#define SESSION_ID_MAX   64  /* bytes with the NUL; safe as a file name */
#define PAYLOAD_TEXT_MAX 256 /* bytes with the NUL; Home Assistant takes no state of over 255 */

enum clock_state { CLOCK_UNSET, CLOCK_ASSUMED, CLOCK_RTC, CLOCK_SYNCED };
enum session_kind { SESSION_RUN, SESSION_WALK, SESSION_HEART_RATE, SESSION_OTHER };
enum session_state {
    SESSION_RUNNING,
    SESSION_PAUSED,
    SESSION_ENDED,
    SESSION_DISCARDED,
    SESSION_UNASSIGNED
};

struct payload_source { /* names; "" = null; of the grade it is that of the hills */
    char distance[12];
    char cadence[12];
    char heart_rate[12];
};

/* runner/<r>/live and runner/<r>/now: the same keys, fast and slow */
struct payload_live {
    int64_t t_usec; /* UTC, microseconds since the epoch; 0 = not known (clock unset) */
    enum clock_state clock;
    char session[SESSION_ID_MAX];
    enum session_state state;
    double elapsed_s, moving_s, distance_m;
    double speed_m_s, pace_s_per_km, cadence_spm, cadence_target_spm, step_length_m, steps;
    double heart_rate_bpm, heart_rate_reserve_pct, zone, trimp, edwards;
    double power_w, temperature_c, rr_artefact_pct, dfa_alpha1;
    double grade_pct;
    struct hills hills; /* its pace and its source are those of this place, where they are known */
    struct {
        double distance_m, moving_s, downhill_drop_m, run_distance_m, run_descent_m;
    } left_today;
    struct payload_source source;
};

/* runner/<r>/session */
struct payload_session {
    char id[SESSION_ID_MAX];
    char runner[32]; /* "" = unassigned */
    enum session_kind kind;
    enum session_state state;
    char day[11]; /* local day it started, YYYY-MM-DD; "" while the clock is unset */
    int64_t start_usec, end_usec; /* UTC; 0 = not known, or not ended */
    double elapsed_s, moving_s, distance_m, steps;
    double cadence_mean_spm, cadence_max_spm, heart_rate_mean_bpm, heart_rate_max_bpm;
    double zone_s[5], trimp, edwards;
    struct hills hills;
    double gaps_s; /* time in which the motion source was silent and no odometer bridged it */
    struct payload_source source;
};

/* sensor/<s> */
enum sensor_state {
    SENSOR_ABSENT,      /* no advert heard */
    SENSOR_SEEN,        /* advertises; Grace or policy keeps us off, or it is not yet its turn */
    SENSOR_WAITING,     /* its turn comes: queued for the one Connect at a time, or backing off */
    SENSOR_CONNECTING,  /* Connect sent, or link up and services not yet proven */
    SENSOR_STREAMING,   /* subscribed, packets come */
    SENSOR_SILENT,      /* subscribed, no packets */
    SENSOR_RELEASED,    /* let go: idle, asked for, or another central's */
    SENSOR_UNAVAILABLE, /* nothing can be done now: no bluetoothd, no adapter, rfkill */
};

struct payload_sensor {
    char name[32];
    char kind[16];   /* gatt_kind_name; "" while unknown */
    char runner[32]; /* runner id, "auto" */
    char address[18];
    enum sensor_state state;
    char reason[PAYLOAD_TEXT_MAX];
    double battery_pct;
    char manufacturer[64], model[64], firmware[64];
    char cadence_unit[8]; /* steps, strides, "" while undecided */
    double drops, malformed, truncated;
    int64_t last_seen_usec; /* UTC */
};

/* health */
#define HEALTH_PROBLEMS_MAX 16
#define HEALTH_UNKNOWN_MAX  32
struct payload_unknown_device {
    char address[18];
    char name[64];
    char services[64]; /* "heart_rate running_speed_cadence" */
    double signal_dbm;
};
struct payload_health {
    int64_t t_usec;
    enum clock_state clock;
    double events_waiting, events_dropped, rss_bytes, anon_bytes;
    char adapter[PAYLOAD_TEXT_MAX];    /* "hci0 AA:BB:.. powered"; "" = none */
    char bluetoothd[PAYLOAD_TEXT_MAX]; /* "running"; "" = not on the bus */
    double broker_losses, loop_stall_ms;
    struct {
        char name[32];
        double dbm;
    } signal[256]; /* by sensor name; only sensors heard this minute */
    size_t n_signal;
    struct payload_unknown_device unknown[HEALTH_UNKNOWN_MAX];
    size_t n_unknown;
    char problems[HEALTH_PROBLEMS_MAX][PAYLOAD_TEXT_MAX]; /* plain sentences */
    size_t n_problems;
};

/* runner/<r>/week: the four measures that have a rule of their own */
struct payload_measure {
    double total, reference, limit, left_today, frees_tomorrow, ratio;
    enum verdict_word verdict;
    char evidence[2];
    double coverage_pct;
    char calendar_week[11]; /* its first day */
    double calendar_total;
};
struct payload_week {
    int64_t t_usec; /* UTC */
    char day[11];   /* the runner's today */
    char time_zone[64];
    char notify_at[8]; /* caution, warning */
    struct {
        struct payload_measure distance_m, moving_s, downhill_drop_m, downhill_distance_m;
    } measures;
    struct {
        double distance_m, moving_s, downhill_drop_m, downhill_distance_m;
    } walked;
};

/* runner/<r>/note: how the latest session was, as its runner says */
struct payload_note {
    char session[SESSION_ID_MAX]; /* "" = there is none yet */
    char day[11];
    struct note note;
};

/* runner/<r>/alert/<rule> */
#define PAYLOAD_SENTENCE_MAX 400
#define PAYLOAD_EXPLAIN_MAX  1000
struct payload_alert {
    enum rule_id rule;
    enum verdict_word verdict;
    int64_t since_usec; /* what was said of it stands since then; 0: nothing stands */
    double value, reference, limit, left_today, ratio, coverage_pct;
    char unit[4]; /* m, s; "" = none */
    char evidence[2];
    char sentence[PAYLOAD_SENTENCE_MAX];
    char explain[PAYLOAD_EXPLAIN_MAX];
};

/* The body of an event of kind `alert` */
struct payload_notice {
    char news[12]; /* crossed, reminded, cleared, retracted */
    struct payload_alert alert;
};

/* The body of an event of kind `import`: a file, and what became of it */
#define IMPORT_TOLD_MAX 24 /* sessions in one event: a body has 16 KiB */
struct payload_import_session {
    char id[SESSION_ID_MAX];
    enum session_kind kind;
    char sport[16]; /* the file's word for it */
    char day[11];   /* local day it started */
    int64_t start_usec;
    double elapsed_s, moving_s, distance_m;
    bool counts;
    char instead[SESSION_ID_MAX]; /* the same run, which counts in its place; "" = none */
};
struct payload_import_change { /* a session that was there before */
    char id[SESSION_ID_MAX];
    bool counts;
    char instead[SESSION_ID_MAX];
};
struct payload_import {
    char file[256];   /* with the folders below the runner's: "activities/1.fit" */
    char hash[65];    /* SHA-256 of its content */
    char verdict[12]; /* imported, partly, refused */
    char reason[240]; /* "" = nothing to say */
    struct payload_import_session sessions[IMPORT_TOLD_MAX];
    size_t n_sessions;
    struct payload_import_change changed[IMPORT_TOLD_MAX];
    size_t n_changed;
};

/* info */
struct payload_info {
    char version[32];
    char machine[40]; /* app-specific machine id, hex */
    char runners[32][32];
    size_t n_runners;
    char sensors[256][32];
    size_t n_sensors;
};

/* runner/<r>/event: the body is the fact's own JSON object, rendered by its module */
enum event_kind {
    EVENT_ALERT,
    EVENT_SESSION_START,
    EVENT_SESSION_END,
    EVENT_IMPORT,
    EVENT_SENSOR,
    EVENT_CUE,
    EVENT_PAIN,
    EVENT_PHASE,
    EVENT_COMMAND,
    EVENT_RETRACTED
};
struct payload_event {
    char id[EVENT_ID_MAX];
    int64_t at_usec; /* UTC */
    enum event_kind kind;
    char runner[32];  /* "" = nobody's (unassigned) */
    const char *body; /* JSON text of an object; borrowed */
};

/* response/<verb>: either data or error is there, never both */
struct payload_error {
    char code[32];
    char argument[32]; /* "" = none in particular */
    char message[320];
    char allowed[512]; /* "" = nothing to choose from */
};
struct payload_response {
    char status[8];                    /* ok, error */
    const char *data;                  /* JSON text of an object, NULL = null; borrowed */
    const struct payload_error *error; /* NULL = null; borrowed */
    char transaction[129];
};

/* A struct whose every value is unknown. An enum that has no word for it is -1: it has no name, which
 * is null where that is allowed; the kind and state of a session are for the caller to set. */
void payload_live_init(struct payload_live *live);
void payload_session_init(struct payload_session *session);
void payload_sensor_init(struct payload_sensor *sensor);
void payload_health_init(struct payload_health *health);
void payload_week_init(struct payload_week *week);
void payload_note_init(struct payload_note *note);
void payload_alert_init(struct payload_alert *alert);

/* One problem more; "" is none. What is beyond HEALTH_PROBLEMS_MAX is left out. */
void payload_health_add(struct payload_health *health, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Names as published; the single source of each enum's words. NULL past the end. */
const char *clock_state_name(enum clock_state state);
const char *session_kind_name(enum session_kind kind);
const char *session_state_name(enum session_state state);
const char *sensor_state_name(enum sensor_state state);
const char *event_kind_name(enum event_kind kind);

/* Whether it is sent at all so far: the others are words of the contract that nothing happens to yet. */
bool event_kind_is_sent(enum event_kind kind);
