/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * One session: recorded facts in, figures out. Live, after a crash and in a replay it is fed the
 * same records in the same order and gives the same figures: whatever is shown or stored of a run
 * depends on its recording alone.
 *
 *            first fact                     10 s standing, or 30 s of silence
 *   (empty) ------------> RUNNING <------------------------------------------> PAUSED
 *                            |              the next step                         |
 *                            +-------------------- E record ----------------------+--> ENDED, DISCARDED
 *
 * When a session begins and ends is not decided here but by the tracker, which writes it as a record.
 * Times are microseconds on the axis of the recording (recording.h).
 */
#include "lib/metrics/heart_load.h"
#include "lib/metrics/window.h"
#include "lib/payload.h"
#include "lib/recording.h"
#include "lib/sensor/stream.h"
#include "lib/training/counter.h"
#include "lib/training/gait.h"
#include "lib/training/gauges.h"
#include "lib/training/ground.h"
#include "lib/training/motion.h"

#define SESSION_IDLE_USEC         (600 * UINT64_C(1000000)) /* ten idle minutes end a session */
#define SESSION_SPEED_WINDOW_USEC (5 * UINT64_C(1000000))
#define SESSION_BY_COMMAND        "command" /* why it began, of a RECORD_BEGIN */
#define SESSION_NEVER             UINT64_MAX

struct session_sensor {
    bool declared;
    struct conf_sensor conf; /* name, address, unit, factor as recorded */
    struct stream stream;
};

struct session_local { /* what a RECORD_LOCAL of its runner says; "": none does */
    char runner[CONF_ID_MAX];
    int64_t start_s;
    int32_t offset_s;
};

struct session {
    /* identity, as recorded */
    struct conf_runner runner; /* id "" = unassigned; the profile in force at the start */
    struct session_sensor sensors[RECORDING_SENSORS_MAX];
    struct recording_axis axis;
    struct session_local local;

    /* course */
    bool begun, told, over, discarded; /* told: the event of its start is in the store */
    bool asked;                        /* a person began it */
    enum record_end how;               /* it ended, once it is over */
    char why[RECORDING_WHY_MAX];       /* it began, then: it ended */
    uint64_t begin_usec, end_usec;
    uint64_t now_usec;         /* of the latest fact or tick */
    uint64_t last_effort_usec; /* heart rate at or above half the reserve */
    uint64_t last_heart_sample_usec;

    /* sums */
    struct counter distance, steps;
    struct motion motion;
    struct gait gait;
    struct heart_load heart, heart_then; /* then: when the runner was last active */
    struct ground ground;

    /* now */
    struct window speed_m_s;
    struct gauges gauges;
    double heart_rate_bpm;
    uint64_t heart_rate_usec;
    int heart_sensor; /* that said so, its number in the recording */
};

void session_init(struct session *session);
/* Of one whose recording is fed from its start to its end once more: the figures of its hills look
 * ahead as well, and hold once it is over. All others are the same. */
void session_init_final(struct session *session);
/* One record, in order of time. Records of undeclared sensors and after the end change nothing. */
void session_apply(struct session *session, const struct record *record);
/* Time passes without a fact: pauses are seen. */
void session_tick(struct session *session, uint64_t t_usec);

/* When the session is to end for idleness if nothing happens: ten minutes after the last movement,
 * or, of one that never moved, after the last effort of the heart. */
uint64_t session_idle_at(const struct session *session);
/* When it began, and, once it is over, when it ended. */
uint64_t session_began(const struct session *session);
uint64_t session_ended(const struct session *session);
/* Seconds east of UTC at the moment it began, by the zone its runner had then; false: its recording does
 * not say so of this runner and this moment. start_usec: UTC. */
bool session_local_offset(const struct session_local *local, const char *runner, int64_t start_usec,
                          int32_t *ret_s);
/* What the end of it is dated: the last movement or effort. */
uint64_t session_last_activity(const struct session *session);

enum session_state session_state(const struct session *session);
enum session_kind session_kind(const struct session *session);

/* Figures at t_usec (the session's latest time if that is later). `left_today`, `t`, `clock`,
 * `session` and `day` are the caller's to fill. */
void session_live(const struct session *session, uint64_t t_usec, struct payload_live *ret);
void session_summary(const struct session *session, uint64_t t_usec, struct payload_session *ret);
