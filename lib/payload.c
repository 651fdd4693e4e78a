/* SPDX-License-Identifier: MIT */
/*
 * The words of the published enums, and structs in which nothing is known yet.
 *
 * A value without a name (what *_init puts where an enum has no word for 'not known') is published
 * as null where the contract allows it, and is a mistake that is counted where it does not.
 */
#include "lib/payload.h"
#include <stdarg.h>
#include <stdio.h>

#define N(words) (sizeof(words) / sizeof((words)[0]))

static const char *word(const char *const *words, size_t n, size_t i)
{
    return i < n ? words[i] : NULL;
}

const char *clock_state_name(enum clock_state state)
{
    static const char *const words[] = { [CLOCK_UNSET] = "unset",
                                         [CLOCK_ASSUMED] = "assumed",
                                         [CLOCK_RTC] = "rtc",
                                         [CLOCK_SYNCED] = "synced" };
    return word(words, N(words), state);
}

const char *session_kind_name(enum session_kind kind)
{
    static const char *const words[] = { [SESSION_RUN] = "run",
                                         [SESSION_WALK] = "walk",
                                         [SESSION_HEART_RATE] = "heart_rate",
                                         [SESSION_OTHER] = "other" };
    return word(words, N(words), kind);
}

const char *session_state_name(enum session_state state)
{
    static const char *const words[] = { [SESSION_RUNNING] = "running",
                                         [SESSION_PAUSED] = "paused",
                                         [SESSION_ENDED] = "ended",
                                         [SESSION_DISCARDED] = "discarded",
                                         [SESSION_UNASSIGNED] = "unassigned" };
    return word(words, N(words), state);
}

const char *sensor_state_name(enum sensor_state state)
{
    static const char *const words[] = {
        [SENSOR_ABSENT] = "absent",       [SENSOR_SEEN] = "seen",
        [SENSOR_WAITING] = "waiting",     [SENSOR_CONNECTING] = "connecting",
        [SENSOR_STREAMING] = "streaming", [SENSOR_SILENT] = "silent",
        [SENSOR_RELEASED] = "released",   [SENSOR_UNAVAILABLE] = "unavailable",
    };
    return word(words, N(words), state);
}

const char *event_kind_name(enum event_kind kind)
{
    static const char *const words[] = {
        [EVENT_ALERT] = "alert",
        [EVENT_SESSION_START] = "session_start",
        [EVENT_SESSION_END] = "session_end",
        [EVENT_IMPORT] = "import",
        [EVENT_SENSOR] = "sensor",
        [EVENT_CUE] = "cue",
        [EVENT_PAIN] = "pain",
        [EVENT_PHASE] = "phase",
        [EVENT_COMMAND] = "command",
        [EVENT_RETRACTED] = "retracted",
    };
    return word(words, N(words), kind);
}

bool event_kind_is_sent(enum event_kind kind)
{
    static const bool sent[] = {
        [EVENT_ALERT] = true,  [EVENT_SESSION_START] = true, [EVENT_SESSION_END] = true,
        [EVENT_IMPORT] = true, [EVENT_RETRACTED] = true,
    };
    return (size_t)kind < N(sent) && sent[kind];
}

void payload_live_init(struct payload_live *live)
{
    *live = (struct payload_live){
        .clock = CLOCK_UNSET,
        .state = (enum session_state) - 1,
        .elapsed_s = NAN,
        .moving_s = NAN,
        .distance_m = NAN,
        .speed_m_s = NAN,
        .pace_s_per_km = NAN,
        .cadence_spm = NAN,
        .cadence_target_spm = NAN,
        .step_length_m = NAN,
        .steps = NAN,
        .heart_rate_bpm = NAN,
        .heart_rate_reserve_pct = NAN,
        .zone = NAN,
        .trimp = NAN,
        .edwards = NAN,
        .power_w = NAN,
        .temperature_c = NAN,
        .rr_artefact_pct = NAN,
        .dfa_alpha1 = NAN,
        .grade_pct = NAN,
        .left_today = { NAN, NAN, NAN, NAN, NAN },
    };
    hills_init(&live->hills);
}

void payload_session_init(struct payload_session *session)
{
    *session = (struct payload_session){
        .kind = (enum session_kind) - 1,
        .state = (enum session_state) - 1,
        .elapsed_s = NAN,
        .moving_s = NAN,
        .distance_m = NAN,
        .steps = NAN,
        .cadence_mean_spm = NAN,
        .cadence_max_spm = NAN,
        .heart_rate_mean_bpm = NAN,
        .heart_rate_max_bpm = NAN,
        .zone_s = { NAN, NAN, NAN, NAN, NAN },
        .trimp = NAN,
        .edwards = NAN,
        .gaps_s = NAN,
    };
    hills_init(&session->hills);
}

void payload_sensor_init(struct payload_sensor *sensor)
{
    *sensor = (struct payload_sensor){
        .state = SENSOR_ABSENT, .battery_pct = NAN, .drops = NAN, .malformed = NAN, .truncated = NAN
    };
}

void payload_health_init(struct payload_health *health)
{
    *health = (struct payload_health){
        .clock = CLOCK_UNSET,
        .events_waiting = NAN,
        .events_dropped = NAN,
        .rss_bytes = NAN,
        .anon_bytes = NAN,
        .broker_losses = NAN,
        .loop_stall_ms = NAN,
    };
}

void payload_health_add(struct payload_health *health, const char *format, ...)
{
    va_list args;
    char *sentence;

    if (health->n_problems >= HEALTH_PROBLEMS_MAX)
        return;
    sentence = health->problems[health->n_problems];
    va_start(args, format);
    vsnprintf(sentence, PAYLOAD_TEXT_MAX, format, args);
    va_end(args);
    health->n_problems += sentence[0] != '\0';
}

void payload_week_init(struct payload_week *week)
{
    static const struct payload_measure unknown = { .total = NAN,
                                                    .reference = NAN,
                                                    .limit = NAN,
                                                    .left_today = NAN,
                                                    .frees_tomorrow = NAN,
                                                    .ratio = NAN,
                                                    .verdict = (enum verdict_word) - 1,
                                                    .coverage_pct = NAN,
                                                    .calendar_total = NAN };

    *week = (struct payload_week){ .measures = { unknown, unknown, unknown, unknown },
                                   .walked = { NAN, NAN, NAN, NAN } };
}

void payload_note_init(struct payload_note *note)
{
    *note = (struct payload_note){ 0 };
    note_init(&note->note);
}

void payload_alert_init(struct payload_alert *alert)
{
    *alert = (struct payload_alert){ .rule = (enum rule_id) - 1,
                                     .verdict = (enum verdict_word) - 1,
                                     .value = NAN,
                                     .reference = NAN,
                                     .limit = NAN,
                                     .left_today = NAN,
                                     .ratio = NAN,
                                     .coverage_pct = NAN };
}
