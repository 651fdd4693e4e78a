/* SPDX-License-Identifier: MIT */
/*
 * What is published of a runner. Ranges are physical: wide enough for any person and belt, and
 * without the zeros that only mean 'not known' (a heart rate, a pace, a step length of 0).
 *
 * Home Assistant takes what holds at the moment (the rows marked instant) from `now` and sums from
 * `session`, which is retained. Keys that nothing computes yet have no entity. What hills add up to is
 * worked out again at the end from both sides of each place and may fall then: it is a measurement
 * there, for a sum that falls is a new meter.
 */
#include "lib/contract_rows.h"
#include "lib/metrics/knee.h"

#define RUN_DAY_S      HILLS_TIME_MAX_S
#define RUN_DISTANCE_M HILLS_WAY_MAX_M

#define MEASURED(title, symbol)                                                                    \
    {                                                                                              \
        .platform = "sensor", .name = (title), .state_class = "measurement", .icon = (symbol)      \
    }
#define MEASURED_WHOLE(title, symbol)                                                              \
    {                                                                                              \
        .platform = "sensor", .name = (title), .state_class = "measurement", .icon = (symbol),     \
        .shown = CONTRACT_SHOWN_WHOLE                                                              \
    }
#define MEASURED_AS(title, class, how)                                                             \
    {                                                                                              \
        .platform = "sensor", .name = (title), .state_class = "measurement",                       \
        .device_class = (class), .shown = (how)                                                    \
    }
#define CLIMBED(title, symbol)                                                                     \
    {                                                                                              \
        .platform = "sensor", .name = (title), .state_class = "measurement",                       \
        .device_class = "distance", .icon = (symbol), .shown = CONTRACT_SHOWN_WHOLE                \
    }
/* There, but not enabled: what only some people look at. */
#define MEASURED_OFF(title, class, symbol, how)                                                    \
    {                                                                                              \
        .platform = "sensor", .name = (title), .state_class = "measurement",                       \
        .device_class = (class), .icon = (symbol), .disabled = true, .shown = (how)                \
    }
#define SOURCE_OFF(key, title, symbol)                                                             \
    {                                                                                              \
        .platform = "sensor", .id = (key), .name = (title), .device_class = "enum",                \
        .icon = (symbol), .category = "diagnostic", .disabled = true                               \
    }
#define SUMMED(title, symbol)                                                                      \
    {                                                                                              \
        .platform = "sensor", .name = (title), .state_class = "total_increasing", .icon = (symbol) \
    }
#define SUMMED_AS(title, class, how)                                                               \
    {                                                                                              \
        .platform = "sensor", .name = (title), .state_class = "total_increasing",                  \
        .device_class = (class), .shown = (how)                                                    \
    }

/* Where motion and heart beats may come from; "configured" is a person's word for the grade. */
static const char *const motion_words[] = { "belt", "pod", "strap", NULL };
static const char *const grade_words[] = { "belt", "incline",    "barometer", "elevation", "route",
                                           "gps",  "configured", "file",      NULL };
static const char *const heart_words[] = { "strap", "pod", "belt", NULL };
/* Of a session that is over, which may have come in as a file. */
static const char *const ended_motion_words[] = { "belt", "pod", "strap", "file", NULL };
static const char *const ended_distance_words[] = { "belt", "pod", "strap", "file", "hand", NULL };
static const char *const ended_heart_words[] = { "strap", "pod", "belt", "file", NULL };

/* The hills of a session, of whichever struct has them: what stays to be said is what they mean there. */
#define HILLS_ASCENT(s) NUMBER(s, hills.ascent_m, "ascent_m", 1, 0, HILLS_HEIGHT_MAX_M), .unit = "m"
#define HILLS_DROP(s)                                                                              \
    NUMBER(s, hills.drop_m, "downhill_drop_m", 1, 0, HILLS_HEIGHT_MAX_M), .unit = "m"
#define HILLS_DOWNHILL(s)                                                                          \
    NUMBER(s, hills.downhill_m, "downhill_distance_m", 1, 0, HILLS_WAY_MAX_M), .unit = "m"
#define HILLS_TIME(s)                                                                              \
    NUMBER(s, hills.downhill_s, "downhill_time_s", 1, 0, HILLS_TIME_MAX_S), .unit = "s"
#define HILLS_STEPS(s)                                                                             \
    NUMBER(s, hills.downhill_steps, "downhill_steps", 0, 0, HILLS_STEPS_MAX), .unit = "steps"
#define HILLS_STEEP(s) NUMBER(s, hills.steep_pct, "downhill_steep_pct", 0, 0, 100), .unit = "%"
#define HILLS_PACE(s)                                                                              \
    NUMBER(s, hills.pace_s_per_km, "grade_adjusted_pace_s_per_km", 0, HILLS_PACE_MIN_S,            \
           HILLS_PACE_MAX_S),                                                                      \
        .unit = "s/km"
#define HILLS_KNEE(s)                                                                              \
    NUMBER(s, hills.knee_load_steps, "knee_load_steps", 0, 0, HILLS_KNEE_MAX_STEPS), .unit = "ste" \
                                                                                             "ps"
#define HILLS_COVERAGE(s)                                                                          \
    NUMBER(s, hills.coverage_pct, "altitude_coverage_pct", 0, 0, 100), .unit = "%"
#define HILLS_SOURCE(s) WORD(s, hills.source, "source.grade", grade_words), .nullable = true

static const char *session_state_word(int value)
{
    return session_state_name((enum session_state)value);
}

static const char *session_kind_word(int value)
{
    return session_kind_name((enum session_kind)value);
}

static const char *event_kind_word(int value)
{
    return event_kind_name((enum event_kind)value);
}

#define LIVE(f, key, places, lowest, highest) NUMBER(payload_live, f, key, places, lowest, highest)

const struct contract_row contract_live_rows[] = {
    { TIME(payload_live, t_usec, "t", CONTRACT_TIME_MS), .nullable = true,
      .description = "When this was true; null while the clock is unset." },
    { ENUM(payload_live, clock, "clock", contract_clock_name),
      .description = "How far the machine's clock can be trusted." },
    { TEXT(payload_live, session, "session"), .nullable = true, .pattern = PATTERN_SESSION,
      .description = "Id of the session this belongs to." },
    { ENUM(payload_live, state, "state", session_state_word), .nullable = true,
      .description = "State of that session." },
    { LIVE(elapsed_s, "elapsed_s", 1, 0, RUN_DAY_S), .unit = "s",
      .description = "Time since the session began, pauses included." },
    { LIVE(moving_s, "moving_s", 1, 0, RUN_DAY_S), .unit = "s",
      .description = "Time in which the runner moved." },
    { LIVE(distance_m, "distance_m", 1, 0, RUN_DISTANCE_M), .unit = "m",
      .description = "Distance of the session." },
    { LIVE(speed_m_s, "speed_m_s", 2, 0, 20), .instant = true, .unit = "m/s",
      .description = "Speed.",
      .entities = { MEASURED_AS("Speed", "speed", CONTRACT_SHOWN_AS_PUBLISHED) } },
    { LIVE(pace_s_per_km, "pace_s_per_km", 0, 50, 7200), .instant = true, .unit = "s/km",
      .description = "Pace: seconds for a kilometre at this speed; null when standing.",
      .entities = { { .platform = "sensor",
                      .name = "Pace",
                      .state_class = "measurement",
                      .icon = "mdi:run-fast",
                      .attributes = "{% set s = value_json.pace_s_per_km %}"
                                    "{{ {'pace': '%d:%02d /km' % (s // 60, s % 60) "
                                    "if s is number else none} | tojson }}" } } },
    { LIVE(cadence_spm, "cadence_spm", 1, 0, 300), .instant = true, .unit = "spm",
      .description = "Steps a minute of both feet, mean of 10 s.",
      .entities = { MEASURED_WHOLE("Cadence", "mdi:shoe-print") } },
    { LIVE(cadence_target_spm, "cadence_target_spm", 1, 60, 300), .unit = "spm",
      .description = "Cadence the runner trains for." },
    { LIVE(step_length_m, "step_length_m", 2, 0.05, 4), .instant = true, .unit = "m",
      .description = "Length of one step.",
      .entities = { MEASURED_AS("Step length", "distance", CONTRACT_SHOWN_AS_PUBLISHED) } },
    { LIVE(steps, "steps", 0, 0, 5000000), .unit = "steps",
      .description = "Steps of both feet in the session." },
    { LIVE(heart_rate_bpm, "heart_rate_bpm", 0, 30, 240), .instant = true, .unit = "bpm",
      .description = "Heart rate of a strap on the body.",
      .entities = { MEASURED_WHOLE("Heart rate", "mdi:heart-pulse") } },
    { LIVE(heart_rate_reserve_pct, "heart_rate_reserve_pct", 0, -50, 150), .instant = true,
      .unit = "%",
      .description = "Share of the heart-rate reserve; needs MaxHeartRate= and RestHeartRate=.",
      .entities = { MEASURED("Heart rate reserve", "mdi:heart-half-full") } },
    { LIVE(zone, "zone", 0, 0, 5), .instant = true,
      .description = "Heart-rate zone: 1 to 5 in tenths of the maximum from 50 %, 0 below.",
      .entities = { MEASURED("Heart rate zone", "mdi:heart-cog") } },
    { LIVE(trimp, "trimp", 1, 0, 10000), .description = "Heart load after Banister so far." },
    { LIVE(edwards, "edwards", 1, 0, 60000), .description = "Heart load after Edwards so far." },
    { LIVE(power_w, "power_w", 0, 0, 3000), .instant = true, .unit = "W",
      .description = "Running power as a sensor estimates it, mean of 5 s.",
      .entities = { MEASURED_AS("Power", "power", CONTRACT_SHOWN_AS_PUBLISHED) } },
    { LIVE(temperature_c, "temperature_c", 1, -50, 80), .instant = true, .unit = "°C",
      .description = "Temperature at the sensor, which the body may warm.",
      .entities = { MEASURED_AS("Temperature", "temperature", CONTRACT_SHOWN_AS_PUBLISHED) } },
    { LIVE(rr_artefact_pct, "rr_artefact_pct", 1, 0, 100), .instant = true, .unit = "%",
      .description = "Share of beat intervals that had to be left out." },
    { LIVE(dfa_alpha1, "dfa_alpha1", 2, 0, 3), .instant = true,
      .description = "Short-term scaling exponent of the beat intervals." },
    { LIVE(grade_pct, "grade_pct", 1, -60, 60), .instant = true, .unit = "%",
      .description = "Rise per run; negative is downhill.",
      .entities = { MEASURED("Incline", "mdi:slope-uphill") } },
    { HILLS_DROP(payload_live),
      .description =
          "Metres of height lost on descents in the session; null: no usable altitude." },
    { HILLS_DOWNHILL(payload_live), .description = "Distance run on descents in the session." },
    { HILLS_TIME(payload_live), .description = "Time spent on descents in the session." },
    { HILLS_STEPS(payload_live), .description = "Steps made on descents in the session." },
    { HILLS_STEEP(payload_live), .description = "Share of the drop that falls by 10 % or more." },
    { HILLS_ASCENT(payload_live), .description = "Metres of height gained in the session." },
    { HILLS_PACE(payload_live), .instant = true,
      .description = "Pace on the level that costs as much energy; it says nothing of the knee.",
      .entities = { MEASURED("Grade-adjusted pace", "mdi:run-fast") } },
    { HILLS_KNEE(payload_live),
      .description = KNEE_LABEL ": an index to compare a runner's own sessions with, no force." },
    { LIVE(left_today.distance_m, "left_today.distance_m", 0, 0, RUN_DISTANCE_M), .unit = "m",
      .description = "Distance left today before a weekly limit." },
    { LIVE(left_today.moving_s, "left_today.moving_s", 0, 0, RUN_DAY_S), .unit = "s",
      .description = "Moving time left today before a weekly limit." },
    { LIVE(left_today.downhill_drop_m, "left_today.downhill_drop_m", 0, 0, 100000), .unit = "m",
      .description = "Descent left today before a weekly limit." },
    { LIVE(left_today.run_distance_m, "left_today.run_distance_m", 0, 0, RUN_DISTANCE_M),
      .unit = "m", .description = "Distance left in this run before it counts as a spike." },
    { LIVE(left_today.run_descent_m, "left_today.run_descent_m", 0, 0, 100000), .unit = "m",
      .description = "Descent left in this run before it counts as a spike." },
    { WORD(payload_live, source.distance, "source.distance", motion_words), .nullable = true,
      .description = "Where distance and speed come from." },
    { WORD(payload_live, source.cadence, "source.cadence", motion_words), .nullable = true,
      .description = "Where cadence and steps come from." },
    { HILLS_SOURCE(payload_live),
      .description =
          "Where the grade comes from; incline: set by hand, route: a file that is followed, "
          "configured: LiveIncline=, file: told in a file." },
    { WORD(payload_live, source.heart_rate, "source.heart_rate", heart_words), .nullable = true,
      .description = "Where the heart rate comes from." },
};
const size_t contract_n_live_rows = CONTRACT_N(contract_live_rows);

#define SESSION(f, key, places, lowest, highest)                                                   \
    NUMBER(payload_session, f, key, places, lowest, highest)

const struct contract_row contract_session_rows[] = {
    { TEXT(payload_session, id, "id"), .pattern = PATTERN_SESSION,
      .description = "Id of the session; the name of its recording." },
    { TEXT(payload_session, runner, "runner"), .nullable = true, .pattern = PATTERN_ID,
      .description = "Whose session it is; null: nobody's until a person says." },
    { ENUM(payload_session, kind, "kind", session_kind_word), .description = "What it was.",
      .entities = { { .platform = "sensor",
                      .id = "session_kind",
                      .name = "Session kind",
                      .device_class = "enum",
                      .icon = "mdi:shoe-sneaker" } } },
    { ENUM(payload_session, state, "state", session_state_word),
      .description = "Whether it still runs.",
      .entities = { { .platform = "sensor",
                      .id = "session_state",
                      .name = "Session",
                      .device_class = "enum",
                      .icon = "mdi:run" },
                    { .platform = "binary_sensor",
                      .id = "session_running",
                      .name = "Running",
                      .device_class = "running",
                      .template = "{{ 'ON' if value_json.state == 'running' else 'OFF' }}" } } },
    { TEXT(payload_session, day, "day"), .nullable = true, .pattern = PATTERN_DAY,
      .description = "Local day it began; null while the clock is unset." },
    { TIME(payload_session, start_usec, "start", CONTRACT_TIME_S), .nullable = true,
      .description = "When it began; null while the clock is unset.",
      .entities = { { .platform = "sensor",
                      .id = "session_start",
                      .name = "Session start",
                      .device_class = "timestamp" } } },
    { TIME(payload_session, end_usec, "end", CONTRACT_TIME_S), .nullable = true,
      .description = "When it ended; null while it runs.",
      .entities = { { .platform = "sensor",
                      .id = "session_end",
                      .name = "Session end",
                      .device_class = "timestamp" } } },
    { SESSION(elapsed_s, "elapsed_s", 1, 0, RUN_DAY_S), .unit = "s",
      .description = "Time from its begin, pauses included.",
      .entities = { SUMMED_AS("Elapsed time", "duration", CONTRACT_SHOWN_MINUTES) } },
    { SESSION(moving_s, "moving_s", 1, 0, RUN_DAY_S), .unit = "s",
      .description = "Time in which the runner moved.",
      .entities = { SUMMED_AS("Moving time", "duration", CONTRACT_SHOWN_MINUTES) } },
    { SESSION(distance_m, "distance_m", 1, 0, RUN_DISTANCE_M), .unit = "m",
      .description = "Distance; each metre is counted once, from one source.",
      .entities = { SUMMED_AS("Distance", "distance", CONTRACT_SHOWN_KM) } },
    { SESSION(steps, "steps", 0, 0, 5000000), .unit = "steps", .description = "Steps of both feet.",
      .entities = { SUMMED("Steps", "mdi:shoe-print") } },
    { SESSION(cadence_mean_spm, "cadence_mean_spm", 1, 0, 300), .unit = "spm",
      .description = "Mean cadence while moving, both feet.",
      .entities = { MEASURED_WHOLE("Mean cadence", "mdi:shoe-print") } },
    { SESSION(cadence_max_spm, "cadence_max_spm", 1, 0, 300), .unit = "spm",
      .description = "Highest cadence, both feet.",
      .entities = { MEASURED_OFF("Highest cadence", NULL, "mdi:shoe-print",
                                 CONTRACT_SHOWN_WHOLE) } },
    { SESSION(heart_rate_mean_bpm, "heart_rate_mean_bpm", 1, 30, 240), .unit = "bpm",
      .description = "Mean heart rate.",
      .entities = { MEASURED_WHOLE("Mean heart rate", "mdi:heart-pulse") } },
    { SESSION(heart_rate_max_bpm, "heart_rate_max_bpm", 0, 30, 240), .unit = "bpm",
      .description = "Highest heart rate.",
      .entities = { MEASURED_WHOLE("Highest heart rate", "mdi:heart-pulse") } },
    { .path = "zone_s",
      .type = CONTRACT_NUMBERS,
      .offset = offsetof(struct payload_session, zone_s),
      .count = 5,
      .decimals = 1,
      .min = 0,
      .max = RUN_DAY_S,
      .nullable = true,
      .unit = "s",
      .description = "Time in each heart-rate zone, 1 to 5.",
      .entities = { MEASURED_OFF("Time in zone", "duration", "mdi:heart-cog",
                                 CONTRACT_SHOWN_MINUTES) } },
    { SESSION(trimp, "trimp", 1, 0, 10000), .description = "Heart load after Banister.",
      .entities = { SUMMED("Heart load (Banister)", "mdi:heart-plus") } },
    { SESSION(edwards, "edwards", 1, 0, 60000), .description = "Heart load after Edwards.",
      .entities = { SUMMED("Heart load (Edwards)", "mdi:heart-plus") } },
    { HILLS_ASCENT(payload_session),
      .description = "Metres of height gained; null: no usable altitude.",
      .entities = { CLIMBED("Ascent", "mdi:trending-up") } },
    { HILLS_DROP(payload_session),
      .description = "Metres of height lost on descents; null: no usable altitude.",
      .entities = { CLIMBED("Descent", "mdi:trending-down") } },
    { HILLS_DOWNHILL(payload_session), .description = "Distance run on descents.",
      .entities = { MEASURED_AS("Downhill distance", "distance", CONTRACT_SHOWN_KM) } },
    { HILLS_TIME(payload_session), .description = "Time spent on descents.",
      .entities = { MEASURED_AS("Downhill time", "duration", CONTRACT_SHOWN_MINUTES) } },
    { HILLS_STEPS(payload_session), .description = "Steps made on descents.",
      .entities = { MEASURED("Downhill steps", "mdi:shoe-print") } },
    { HILLS_STEEP(payload_session), .description = "Share of the drop that falls by 10 % or more.",
      .entities = { MEASURED("Steep share of descent", "mdi:slope-downhill") } },
    { HILLS_PACE(payload_session),
      .description =
          "Mean pace on the level that costs as much energy, over the way of known grade.",
      .entities = { { .platform = "sensor",
                      .id = "session_grade_adjusted_pace",
                      .name = "Mean grade-adjusted pace",
                      .state_class = "measurement",
                      .icon = "mdi:run-fast" } } },
    { HILLS_KNEE(payload_session),
      .description = KNEE_LABEL ": an index to compare a runner's own sessions with, no force.",
      .entities = { MEASURED("Knee-load index (level steps)", "mdi:human-handsdown") } },
    { HILLS_COVERAGE(payload_session),
      .description = "Share of the distance that has a usable altitude.",
      .entities = { { .platform = "sensor",
                      .name = "Altitude coverage",
                      .state_class = "measurement",
                      .icon = "mdi:image-filter-hdr",
                      .category = "diagnostic",
                      .disabled = true } } },
    { SESSION(gaps_s, "gaps_s", 1, 0, RUN_DAY_S), .unit = "s",
      .description = "Time in which the motion source was silent and no odometer bridged it.",
      .entities = { { .platform = "sensor",
                      .name = "Gaps",
                      .device_class = "duration",
                      .state_class = "measurement",
                      .category = "diagnostic",
                      .disabled = true } } },
    { WORD(payload_session, source.distance, "source.distance", ended_distance_words),
      .nullable = true, .description = "Where distance and speed came from.",
      .entities = { SOURCE_OFF("session_distance_source", "Distance source", "mdi:run") } },
    { WORD(payload_session, source.cadence, "source.cadence", ended_motion_words), .nullable = true,
      .description = "Where cadence and steps came from.",
      .entities = { SOURCE_OFF("session_cadence_source", "Cadence source", "mdi:shoe-print") } },
    { HILLS_SOURCE(payload_session),
      .description = "Where most of the grade came from; configured: LiveIncline=.",
      .entities = { SOURCE_OFF("session_grade_source", "Incline source", "mdi:slope-uphill") } },
    { WORD(payload_session, source.heart_rate, "source.heart_rate", ended_heart_words),
      .nullable = true, .description = "Where the heart rate came from.",
      .entities = { SOURCE_OFF("session_heart_source", "Heart rate source", "mdi:heart-pulse") } },
};
const size_t contract_n_session_rows = CONTRACT_N(contract_session_rows);

const struct contract_row contract_note_rows[] = {
    { TEXT(payload_note, session, "session"), .nullable = true, .pattern = PATTERN_SESSION,
      .description = "Which session is the latest that counts, from a file, too; null: none yet." },
    { TEXT(payload_note, day, "day"), .nullable = true, .pattern = PATTERN_DAY,
      .description = "Local day it began." },
    { NUMBER(payload_note, note.effort, "effort", 1, 0, NOTE_EFFORT_MAX),
      .description = "How hard it felt as a whole, 0 rest to 10 all out; null: not said." },
    { WORD(payload_note, note.surface, "surface", note_surfaces), .nullable = true,
      .description = "What was run on; null: not said." },
    { TEXT(payload_note, note.shoes, "shoes"), .nullable = true,
      .description = "In which shoes; null: not said." },
};
const size_t contract_n_note_rows = CONTRACT_N(contract_note_rows);

const struct contract_row contract_event_rows[] = {
    { TEXT(payload_event, id, "id"), .pattern = "^[!-~]{1,39}$",
      .description = "The same each time this event is sent: a reader drops what it has seen." },
    { TIME(payload_event, at_usec, "at", CONTRACT_TIME_MS), .description = "When it happened." },
    { ENUM(payload_event, kind, "kind", event_kind_word), .description = "What happened." },
    { TEXT(payload_event, runner, "runner"), .nullable = true, .pattern = PATTERN_ID,
      .description = "Whom it is about; null: nobody's yet." },
    { .path = "body",
      .type = CONTRACT_OBJECT,
      .offset = offsetof(struct payload_event, body),
      .description = "The particulars; their keys depend on the kind." },
};
const size_t contract_n_event_rows = CONTRACT_N(contract_event_rows);
