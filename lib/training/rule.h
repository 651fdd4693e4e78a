/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Every rule is a row: what it measures, over which window, against what, from where on it speaks,
 * how much evidence is behind it, and whether it is on. The engine (verdict.h), the sentences
 * (sentence.h), `explain` and the configuration all read these rows, so that none of them can say
 * something the others do not do.
 *
 * Evidence (science.md): A a cohort that measured the exposure by device, B one cohort whose
 * interval includes 1 or that asked people, C convention or expert advice, D our analogy. No study
 * gives a threshold for descent and the knee: every descent rule is D, but for the advice of going
 * uphill first, which is C.
 */
#include <stddef.h>
#include "lib/training/spike.h"

enum rule_id {
    RULE_WEEKLY_DISTANCE,
    RULE_WEEKLY_TIME,
    RULE_WEEKLY_DOWNHILL,
    RULE_WEEKLY_DOWNHILL_DISTANCE,
    RULE_SPIKE_DISTANCE,
    RULE_SPIKE_DESCENT,
    RULE_FIRST_DESCENT,
    RULE_UPHILL_BASE,
    RULE_MONOTONY,
    RULES,
};

enum rule_family { RULE_OF_WEEK, RULE_OF_RUN, RULE_OF_BREAK, RULE_OF_BASE, RULE_OF_MONOTONY };
enum rule_unit { RULE_UNIT_NONE, RULE_UNIT_METRES_FAR, RULE_UNIT_METRES_HIGH, RULE_UNIT_SECONDS };

struct rule_threshold { /* min > max: the rule has no such threshold */
    double fallback, min, max;
};

struct rule {
    const char *id;
    const char *title; /* for people */
    enum rule_family family;
    enum week_measure week;   /* RULE_OF_WEEK, RULE_OF_BREAK, RULE_OF_BASE */
    enum spike_measure spike; /* RULE_OF_RUN */
    enum rule_unit unit;      /* of the measure and of Floor= */
    bool walking;             /* walks and hikes count, too */
    struct rule_threshold caution,
        warning; /* times the reference; of monotony: the figure itself */
    struct rule_threshold floor;
    char caution_evidence, warning_evidence;
    double studied_above; /* the ratio from which warning_evidence holds; below it is 'C'; 0: any */
    bool enable, notify;  /* defaults */
    /* for `explain`: what, against what, where it comes from, and what it does not mean */
    const char *measure, *reference, *source, *not_means;
};

/* Goes with each warning: what no rule about loads can tell. As a list, and in a sentence. */
#define RULE_DOCTOR_LASTING  "pain that has not got better after 4 to 6 weeks"
#define RULE_DOCTOR_REST     "pain at rest or that wakes at night"
#define RULE_DOCTOR_SWELLING "visible swelling, also of the calf"
#define RULE_DOCTOR_KNEE     "a knee that gives way, feels unstable or locks"
#define RULE_DOCTOR_RACE     "before a race or season to decide about"
#define RULE_DOCTOR_ACCIDENT "after an accident or fever"
#define RULE_DOCTOR_SAY      "See a doctor, whatever the figures say, with "
#define RULE_DOCTOR                                                                                \
    RULE_DOCTOR_SAY RULE_DOCTOR_LASTING ", " RULE_DOCTOR_REST ", " RULE_DOCTOR_SWELLING            \
                                        ", " RULE_DOCTOR_KNEE ", " RULE_DOCTOR_RACE                \
                                        ", " RULE_DOCTOR_ACCIDENT "."
/* The i-th of the list; NULL past the end. */
const char *rule_doctor(size_t i);
/* What a letter of evidence stands for, in words; NULL: there is no such letter. */
const char *rule_evidence_means(char letter);

/* NULL past the end. */
const struct rule *rule_get(enum rule_id id);
/* RULES: no rule of that name. */
enum rule_id rule_by_name(const char *id);

/* ---- What a person may change */

struct rule_setting { /* [Rule weekly_downhill] */
    bool enable, notify;
    double caution, warning, floor; /* NAN: the rule has no such threshold */
};

struct rule_settings {           /* [Rules] */
    enum verdict_word notify_at; /* VERDICT_CAUTION or VERDICT_WARNING */
    uint64_t remind_every_usec;
    enum week_window window;
    struct rule_setting rule[RULES];
};

enum rule_key { RULE_KEY_CAUTION, RULE_KEY_WARNING, RULE_KEY_FLOOR, RULE_KEYS };
const char *rule_key_name(enum rule_key key); /* "Caution" */
/* Range of a key of a rule; false: the rule has no such key. */
bool rule_key_range(enum rule_id id, enum rule_key key, double *ret_min, double *ret_max);

void rule_settings_init(struct rule_settings *ret);
/* false: out of range, or not a key of this rule; nothing was changed. */
bool rule_settings_set(struct rule_settings *settings, enum rule_id id, enum rule_key key,
                       double value);
/* The first rule whose warning begins below its caution; RULES: all are in order. */
enum rule_id rule_settings_disordered(const struct rule_settings *settings);
