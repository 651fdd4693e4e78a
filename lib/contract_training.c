/* SPDX-License-Identifier: MIT */
/*
 * What is published of the training log and of the rules. All figures of a verdict are null without
 * one; what was done is told all the same.
 */
#include "lib/contract_rows.h"

#define MONTH_DISTANCE_M 10000000.0 /* more than anybody runs in four weeks */
#define MONTH_S          2678400.0
#define RATIO_MAX        1000000.0

static const char *const news_words[] = { "crossed", "reminded", "cleared", "retracted", NULL };
static const char *const notify_words[] = { "caution", "warning", NULL };
static const char *const unit_words[] = { "m", "s", NULL };

static const char *verdict_name(int value)
{
    return verdict_word_name((enum verdict_word)value);
}

static const char *rule_name(int value)
{
    const struct rule *rule = rule_get((enum rule_id)value);

    return rule ? rule->id : NULL;
}

#define MEASURE(f, highest) NUMBER(payload_measure, f, #f, 0, 0, highest)
#define WEEK_SENSOR(key, title, class, how, symbol, hidden)                                        \
    {                                                                                              \
        {                                                                                          \
            .platform = "sensor", .id = (key), .name = (title), .device_class = (class),           \
            .state_class = "measurement", .icon = (symbol), .disabled = (hidden), .shown = (how)   \
        }                                                                                          \
    }

/* What there is only while the measure has a rule. */
#define WEEK_RULED(key, title, class, how, symbol, rule_id, hidden)                                \
    {                                                                                              \
        {                                                                                          \
            .platform = "sensor", .id = (key), .name = (title), .device_class = (class),           \
            .state_class = "measurement", .icon = (symbol), .rule = (rule_id),                     \
            .disabled = (hidden), .shown = (how)                                                   \
        }                                                                                          \
    }

/* rule: of the measure; id: of the entities; what, how: for people; hidden: they are there, but not enabled */
#define MEASURE_ROWS(rule_id, id, what, symbol_of_unit, most, class, how, hidden)                  \
    {                                                                                              \
        { MEASURE(total, most), .unit = (symbol_of_unit), .description = "Done in the week.",      \
          .entities =                                                                              \
              WEEK_SENSOR("week_" id, "Week: " what, class, how, "mdi:calendar-week", hidden) },   \
            { MEASURE(reference, most), .unit = (symbol_of_unit),                                  \
              .description =                                                                       \
                  "What it is compared with: the most of the four weeks before, at most "          \
                  "1.3 times their mean.",                                                         \
              .entities = WEEK_RULED("usual_" id, "Usual week: " what, class, how, "mdi:history",  \
                                     rule_id, hidden) },                                           \
            { MEASURE(limit, most), .unit = (symbol_of_unit), .description = "The end of ok.",     \
              .entities = WEEK_RULED("limit_" id, "Week limit: " what, class, how,                 \
                                     "mdi:gauge-full", rule_id, hidden) },                         \
            { MEASURE(left_today, most), .unit = (symbol_of_unit),                                 \
              .description = "What may still be done today and be ok.",                            \
              .entities = WEEK_RULED("left_" id, "Left today: " what, class, how, "mdi:gauge",     \
                                     rule_id, hidden) },                                           \
            { MEASURE(frees_tomorrow, most), .unit = (symbol_of_unit),                             \
              .description = "What of the total will be out of the week tomorrow.",                \
              .entities = WEEK_SENSOR("frees_" id, "Free again tomorrow: " what, class, how,       \
                                      "mdi:calendar-arrow-right", true) },                         \
            { NUMBER(payload_measure, ratio, "ratio", 2, 0, RATIO_MAX),                            \
              .description = "Total divided by reference; null at a reference of 0.",              \
              .entities =                                                                          \
                  WEEK_RULED("ratio_" id, "Week against usual: " what, NULL,                       \
                             CONTRACT_SHOWN_AS_PUBLISHED, "mdi:division", rule_id, true) },        \
            { ENUM(payload_measure, verdict, "verdict", verdict_name), .nullable = true,           \
              .description = "The rule's verdict; null: the rule is off." },                       \
            { TEXT(payload_measure, evidence, "evidence"), .nullable = true, .pattern = "^[A-D]$", \
              .description = "How much evidence is behind it, from A to D." },                     \
            { NUMBER(payload_measure, coverage_pct, "coverage_pct", 0, 0, 100), .unit = "%",       \
              .description = "Share of the distance with a usable altitude." },                    \
            { TEXT(payload_measure, calendar_week, "calendar_week"), .nullable = true,             \
              .pattern = PATTERN_DAY, .description = "First day of the calendar week." },          \
            { MEASURE(calendar_total, most), .unit = (symbol_of_unit),                             \
              .description = "Done in the calendar week so far.",                                  \
              .entities = WEEK_SENSOR("calendar_" id, "Calendar week: " what, class, how,          \
                                      "mdi:calendar-today", true) },                               \
    }
#define GROUP(s, f, key, list)                                                                     \
    .path = (key), .type = CONTRACT_GROUP, .offset = CONTRACT_OFFSET_OF(s, f), .rows = (list),     \
    .n_rows = CONTRACT_N(list)

static const struct contract_row distance_rows[] =
    MEASURE_ROWS("weekly_distance", "distance", "distance", "m", MONTH_DISTANCE_M, "distance",
                 CONTRACT_SHOWN_KM, false);
static const struct contract_row moving_rows[] = MEASURE_ROWS(
    "weekly_time", "moving", "moving time", "s", MONTH_S, "duration", CONTRACT_SHOWN_HOURS, false);
static const struct contract_row drop_rows[] =
    MEASURE_ROWS("weekly_downhill", "downhill_drop", "descent", "m", MONTH_DISTANCE_M, "distance",
                 CONTRACT_SHOWN_WHOLE, false);
static const struct contract_row downhill_rows[] =
    MEASURE_ROWS("weekly_downhill_distance", "downhill_distance", "downhill distance", "m",
                 MONTH_DISTANCE_M, "distance", CONTRACT_SHOWN_KM, true);

static const struct contract_row measure_rows[] = {
    { GROUP(payload_week, measures.distance_m, "distance_m", distance_rows),
      .description = "Running distance." },
    { GROUP(payload_week, measures.moving_s, "moving_s", moving_rows),
      .description = "Moving time of running." },
    { GROUP(payload_week, measures.downhill_drop_m, "downhill_drop_m", drop_rows),
      .description = "Metres of height lost on descents, running and walking." },
    { GROUP(payload_week, measures.downhill_distance_m, "downhill_distance_m", downhill_rows),
      .description = "Distance on descents, running and walking." },
};

#define WALKED(f, symbol, highest)                                                                 \
    NUMBER(payload_week, walked.f, #f, 0, 0, highest), .unit = (symbol)

/* Apart, for one who sees a descent in a week without a run. */
static const struct contract_row walked_rows[] = {
    { WALKED(distance_m, "m", MONTH_DISTANCE_M),
      .description = "Distance of walks and hikes, in no measure.",
      .entities = WEEK_SENSOR("walked_distance", "Week: walked distance", "distance",
                              CONTRACT_SHOWN_KM, "mdi:hiking", true) },
    { WALKED(moving_s, "s", MONTH_S), .description = "Their moving time, in no measure." },
    { WALKED(downhill_drop_m, "m", MONTH_DISTANCE_M),
      .description = "Their descent, part of the measure's total; null: not measured.",
      .entities = WEEK_SENSOR("walked_downhill_drop", "Week: walked descent", "distance",
                              CONTRACT_SHOWN_WHOLE, "mdi:hiking", false) },
    { WALKED(downhill_distance_m, "m", MONTH_DISTANCE_M),
      .description = "Their distance on descents, part of the measure's total; null: not "
                     "measured." },
};

const struct contract_row contract_week_rows[] = {
    { TIME(payload_week, t_usec, "t", CONTRACT_TIME_S), .description = "When this was true." },
    { TEXT(payload_week, day, "day"), .pattern = PATTERN_DAY,
      .description = "The runner's local day then." },
    { TEXT(payload_week, time_zone, "time_zone"), .nullable = true,
      .description = "The zone of that day; null: the machine's." },
    { WORD(payload_week, notify_at, "notify_at", notify_words),
      .description = "From which verdict on a message goes out." },
    { .path = "measures",
      .type = CONTRACT_GROUP,
      .rows = measure_rows,
      .n_rows = CONTRACT_N(measure_rows),
      .description = "The measures that have a weekly rule." },
    { .path = "walked",
      .type = CONTRACT_GROUP,
      .rows = walked_rows,
      .n_rows = CONTRACT_N(walked_rows),
      .description = "What was walked in the same days: of it only the descent counts." },
};
const size_t contract_n_week_rows = CONTRACT_N(contract_week_rows);

#define ALERT(f, places, highest) NUMBER(payload_alert, f, #f, places, 0, highest)

const struct contract_row contract_alert_rows[] = {
    { ENUM(payload_alert, rule, "rule", rule_name), .description = "Which rule." },
    { ENUM(payload_alert, verdict, "verdict", verdict_name),
      .description = "Its verdict; insufficient_history, insufficient_data and no_baseline judge "
                     "nothing." },
    { TIME(payload_alert, since_usec, "since", CONTRACT_TIME_S), .nullable = true,
      .description = "Since when what was said of it stands; null: nothing stands." },
    { ALERT(value, 2, MONTH_DISTANCE_M), .description = "What was done; null: nothing to judge." },
    { ALERT(reference, 2, MONTH_DISTANCE_M), .description = "What it is compared with." },
    { ALERT(limit, 2, MONTH_DISTANCE_M), .description = "The end of ok." },
    { ALERT(left_today, 2, MONTH_DISTANCE_M),
      .description = "What is left before the limit; of a run: of the next one if none goes on." },
    { ALERT(ratio, 2, RATIO_MAX),
      .description = "Value divided by reference; null at a reference of 0." },
    { ALERT(coverage_pct, 0, 100), .unit = "%",
      .description = "Share of the distance with a usable altitude; null where it does not "
                     "matter." },
    { WORD(payload_alert, unit, "unit", unit_words), .nullable = true,
      .description = "Of value, reference, limit and left_today: metres or seconds." },
    { TEXT(payload_alert, evidence, "evidence"), .nullable = true, .pattern = "^[A-D]$",
      .description = "How much evidence is behind the verdict, from A to D." },
    { TEXT(payload_alert, sentence, "sentence"), .nullable = true,
      .description = "The verdict in words." },
    { TEXT(payload_alert, explain, "explain"), .nullable = true,
      .description = "What is measured, what it is compared with, and where that comes from." },
};
const size_t contract_n_alert_rows = CONTRACT_N(contract_alert_rows);

const struct contract_row contract_notice_rows[] = {
    { WORD(payload_notice, news, "news", news_words),
      .description = "Why it is said; retracted: it rested on a session that is gone." },
    { GROUP(payload_notice, alert, "alert", contract_alert_rows),
      .description = "The verdict as it was then." },
};
const size_t contract_n_notice_rows = CONTRACT_N(contract_notice_rows);
