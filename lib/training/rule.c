/* SPDX-License-Identifier: MIT */
#include "lib/training/rule.h"

#include <string.h>

#define NO_THRESHOLD                                                                               \
    {                                                                                              \
        NAN, 1, 0                                                                                  \
    }
/* Wide enough for any conviction, and no wider: below 1 every week would be too much. */
#define TIMES(value)                                                                               \
    {                                                                                              \
        value, 1, 10                                                                               \
    }

#define WEEKS_BEFORE       "the most of the four weeks before, at most 1.3 times their mean"
#define KNOWN_WEEKS_BEFORE WEEKS_BEFORE "; weeks without enough altitude are left out of it"

static const struct rule rules[RULES] = {
    [RULE_WEEKLY_DISTANCE] = {
        .id = "weekly_distance", .title = "Weekly distance",
        .family = RULE_OF_WEEK, .week = WEEK_DISTANCE_M, .unit = RULE_UNIT_METRES_FAR,
        .caution = TIMES(1.10), .warning = TIMES(1.30), .floor = { 2000, 0, 100000 },
        .caution_evidence = 'C', .warning_evidence = 'B', .studied_above = 1.30,
        .enable = true, .notify = true,
        .measure = "running distance of seven days",
        .reference = WEEKS_BEFORE,
        .source = "10 % is a convention: in a randomised trial with 532 novices 20.8 % had an injury "
                  "with a 10 % plan and 20.3 % without it (Buist 2008). Above 30 % novices of one "
                  "cohort had more injuries, hazard ratio 1.59 (0.96 to 2.66, Nielsen 2014), which "
                  "chance may explain. The largest cohort found no relation (Frandsen 2025).",
        .not_means = "It does not say that 10 % more is all right and 11 % is not: no study found "
                     "a limit there. It speaks of a week and of nobody's knee; more than it asks "
                     "for may go well, and less may not.",
    },
    [RULE_WEEKLY_TIME] = {
        .id = "weekly_time", .title = "Weekly running time",
        .family = RULE_OF_WEEK, .week = WEEK_MOVING_S, .unit = RULE_UNIT_SECONDS,
        .caution = TIMES(1.10), .warning = TIMES(1.30), .floor = { 720, 0, 36000 },
        .caution_evidence = 'C', .warning_evidence = 'C', .enable = true, .notify = true,
        .measure = "moving time of running in seven days",
        .reference = WEEKS_BEFORE,
        .source = "The convention for distance, applied to time: no study looked at it.",
        .not_means = "It is the rule for distance in other units: nobody compared running times. "
                     "It speaks of a week and of nobody's knee.",
    },
    [RULE_WEEKLY_DOWNHILL] = {
        .id = "weekly_downhill", .title = "Weekly descent",
        .family = RULE_OF_WEEK, .week = WEEK_DROP_M, .unit = RULE_UNIT_METRES_HIGH,
        .walking = true,
        .caution = TIMES(1.10), .warning = TIMES(1.30), .floor = { 50, 0, 5000 },
        .caution_evidence = 'D', .warning_evidence = 'D', .enable = true, .notify = true,
        .measure = "metres of height lost on descents in seven days, running and walking",
        .reference = KNOWN_WEEKS_BEFORE,
        .source = "The convention for distance, applied to descent: the knee brakes downhill, and "
                  "nobody has measured the right limit. Below 500 m a week the floor decides.",
        .not_means = "It is no measured limit: nobody has compared weeks of descent. A week below "
                     "it may be too much for a knee, and one above it may be none.",
    },
    [RULE_WEEKLY_DOWNHILL_DISTANCE] = {
        .id = "weekly_downhill_distance", .title = "Weekly downhill distance",
        .family = RULE_OF_WEEK, .week = WEEK_DOWNHILL_M, .unit = RULE_UNIT_METRES_FAR,
        .walking = true,
        .caution = TIMES(1.10), .warning = TIMES(1.30), .floor = { 500, 0, 50000 },
        .caution_evidence = 'D', .warning_evidence = 'D', .enable = true, .notify = false,
        .measure = "distance on descents in seven days, running and walking",
        .reference = KNOWN_WEEKS_BEFORE,
        .source = "The convention for distance, applied to its downhill part: nobody has measured "
                  "the right limit.",
        .not_means = "It is no measured limit: nobody has compared weeks of descent. It does not "
                     "know how steep the way was.",
    },
    [RULE_SPIKE_DISTANCE] = {
        .id = "spike_distance", .title = "Longest run",
        .family = RULE_OF_RUN, .spike = SPIKE_DISTANCE_M, .unit = RULE_UNIT_METRES_FAR,
        .caution = NO_THRESHOLD, .warning = TIMES(1.10), .floor = { 500, 0, 50000 },
        .caution_evidence = 'A', .warning_evidence = 'A', .studied_above = 1.10,
        .enable = true, .notify = true,
        .measure = "distance of one run; restarts within 60 minutes are one run",
        .reference = "the longest run that began in the 30 times 24 hours before",
        .source = "Frandsen 2025: 5205 runners, 18 months, 588071 sessions measured by watches. "
                  "All overuse injuries, as told by the runners; mostly men, mean age 46. It does "
                  "not say that up to 10 % nothing happens.",
        .not_means = "It is the rate of a group and no forecast for one person. It does not rank "
                     "longer runs among each other: 1.6, 1.5 and 2.3 times differ by no more than "
                     "chance may. It is of all overuse injuries and not of knees alone, and says "
                     "nothing for runs of up to 10 % more.",
    },
    [RULE_SPIKE_DESCENT] = {
        .id = "spike_descent", .title = "Most descent of a run",
        .family = RULE_OF_RUN, .spike = SPIKE_DROP_M, .unit = RULE_UNIT_METRES_HIGH,
        .walking = true,
        .caution = NO_THRESHOLD, .warning = TIMES(1.10), .floor = { 15, 0, 1000 },
        .caution_evidence = 'D', .warning_evidence = 'D', .enable = true, .notify = true,
        .measure = "metres of height lost on descents of one run or walk",
        .reference = "the most of one run or walk that began in the 30 times 24 hours before",
        .source = "What was found for distance, applied to descent: nobody has measured the right "
                  "limit.",
        .not_means = "It is no measured limit: the study behind the rule for distance had no "
                     "heights in it, so that its figures are not for descents.",
    },
    [RULE_FIRST_DESCENT] = {
        .id = "first_descent", .title = "First descents after a break",
        .family = RULE_OF_BREAK, .week = WEEK_DROP_M, .unit = RULE_UNIT_METRES_HIGH,
        .walking = true,
        .caution = NO_THRESHOLD, .warning = NO_THRESHOLD, .floor = { 50, 0, 5000 },
        .caution_evidence = 'D', .warning_evidence = 'D', .enable = true, .notify = true,
        .measure = "metres of height lost on descents in seven days",
        .reference = "35 days without any before the first of them",
        .source = "Descents tell most on muscles that are not used to them (Bontemps 2020, of "
                  "muscles and not of knees); the five weeks and the metres are ours.",
        .not_means = "It does not say that descents are to be left out: small ones, often, are "
                     "what muscles get used to. The five weeks and the metres were not measured "
                     "by anybody.",
    },
    [RULE_UPHILL_BASE] = {
        .id = "uphill_base", .title = "Descents before an uphill base",
        .family = RULE_OF_BASE, .week = WEEK_DROP_M, .unit = RULE_UNIT_METRES_HIGH,
        .walking = true,
        .caution = NO_THRESHOLD, .warning = NO_THRESHOLD, .floor = { 50, 0, 5000 },
        .caution_evidence = 'C', .warning_evidence = 'C', .enable = true, .notify = true,
        .measure = "metres of height lost on descents in seven days, with fewer than 3 runs of "
                   "50 m of ascent in 28 days",
        .reference = KNOWN_WEEKS_BEFORE,
        .source = "Uphill before downhill is expert advice; the numbers are ours.",
        .not_means = "It does not say that three runs uphill are enough, or needed: nobody has "
                     "tested the order.",
    },
    [RULE_MONOTONY] = {
        .id = "monotony", .title = "Monotony",
        .family = RULE_OF_MONOTONY, .unit = RULE_UNIT_NONE, .walking = true,
        .caution = { 2.0, 1, 10 }, .warning = NO_THRESHOLD, .floor = NO_THRESHOLD,
        .caution_evidence = 'C', .warning_evidence = 'C', .enable = false, .notify = false,
        .measure = "mean of the heart load of seven days, divided by its standard deviation",
        .reference = "a mark of 2.0",
        .source = "Foster 1998: from the illness of speed skaters, not from knees.",
        .not_means = "It says nothing of knees, and of descents it knows nothing: heart load does "
                     "not see them. The mark of 2.0 is of other people in another sport.",
    },
};

const struct rule *rule_get(enum rule_id id)
{
    return (unsigned)id < RULES ? &rules[id] : NULL;
}

enum rule_id rule_by_name(const char *id)
{
    enum rule_id i = 0;

    while (i < RULES && strcmp(rules[i].id, id) != 0)
        i++;
    return i;
}

const char *rule_doctor(size_t i)
{
    static const char *const list[] = {
        RULE_DOCTOR_LASTING, RULE_DOCTOR_REST, RULE_DOCTOR_SWELLING,
        RULE_DOCTOR_KNEE,    RULE_DOCTOR_RACE, RULE_DOCTOR_ACCIDENT,
    };

    return i < sizeof(list) / sizeof(list[0]) ? list[i] : NULL;
}

const char *rule_evidence_means(char letter)
{
    static const char *const means[] = {
        "A: many runners were followed, and what they ran was measured by a device. It tells how "
        "often both went together in a group.",
        "B: one group of runners was followed, and what was found may be chance, or rests on what "
        "they told.",
        "C: a convention or the advice of experts; nobody has shown that it helps.",
        "D: an analogy of ours; nobody has measured it.",
    };

    return letter >= 'A' && letter <= 'D' ? means[letter - 'A'] : NULL;
}
