/* SPDX-License-Identifier: MIT */
/*
 * What may be said, all of it. science.md section 8 has what may not; a test holds every sentence
 * to both. One line a pattern, so that a reader can judge the words and a test can match them.
 */
#include "lib/training/sentence.h"

#define FAR  RULE_UNIT_METRES_FAR
#define HIGH RULE_UNIT_METRES_HIGH
#define TIME RULE_UNIT_SECONDS
#define NONE RULE_UNIT_NONE

#define OK      VERDICT_OK
#define CAUTION VERDICT_CAUTION
#define WARNING VERDICT_WARNING
#define NO_BASE VERDICT_NO_BASELINE
#define SHORT   VERDICT_INSUFFICIENT_HISTORY
#define BLIND   VERDICT_INSUFFICIENT_DATA

#define WEEK "{title} {window}: {value}"

/* The weekly rules say the same, whatever they measure. */
#define WEEKLY(unit, untold)                                                                       \
    { RULE_OF_WEEK, unit, OK, SENTENCE_PLAIN,                                                      \
      WEEK ", usual {reference} ({change}); {left} left today. No study sets a limit; we use "     \
           "{basis} ({evidence})." },                                                              \
        { RULE_OF_WEEK, unit, OK, SENTENCE_NO_BASE,                                                \
          WEEK                                                                                     \
          ", and none in the four weeks before: any is a caution, more than {limit} a warning. "   \
          "No study sets a limit; we use {basis} ({evidence})." },                                 \
        { RULE_OF_WEEK, unit, CAUTION, SENTENCE_PLAIN,                                             \
          WEEK                                                                                     \
          ", usual {reference} ({change}). No study sets a limit; we use {basis} ({evidence})." }, \
        { RULE_OF_WEEK, unit, CAUTION, SENTENCE_NO_BASE,                                           \
          WEEK ", after none in the four weeks before. No study sets a limit; we use {basis} "     \
               "({evidence})." },                                                                  \
        { RULE_OF_WEEK, unit, WARNING, SENTENCE_PLAIN,                                             \
          WEEK                                                                                     \
          ", usual {reference} ({change}). No study sets a limit; we use {basis} ({evidence})." }, \
        { RULE_OF_WEEK, unit, WARNING, SENTENCE_NO_BASE,                                           \
          WEEK ", after none in the four weeks before. No study sets a limit; we use {basis} "     \
               "({evidence})." },                                                                  \
        { RULE_OF_WEEK, unit, SHORT, SENTENCE_PLAIN,                                               \
          WEEK ". No verdict: it takes 14 days on record, and two weeks that are known "           \
               "({evidence})." },                                                                  \
        { RULE_OF_WEEK, unit, BLIND, SENTENCE_PLAIN,                                               \
          WEEK ". No verdict: {coverage} of the distance has altitude, and it takes 80 % "         \
               "({evidence})." },                                                                  \
    {                                                                                              \
        RULE_OF_WEEK, unit, BLIND, SENTENCE_UNTOLD,                                                \
            WEEK ". No verdict: a session in it does not tell " untold " ({evidence})."            \
    }

static const struct sentence_pattern patterns[] = {
    WEEKLY(FAR, "how far it was"),
    WEEKLY(TIME, "how long it was"),
    WEEKLY(HIGH, "how far it was"),
    { RULE_OF_WEEK, FAR, WARNING, SENTENCE_STUDIED,
      WEEK ", usual {reference} ({change}). In one cohort of novices a weekly rise of more than "
           "30 % went with 1.6 times the injuries of less than 10 %, which may be chance; no study "
           "sets a limit, we use {basis} ({evidence})." },

    { RULE_OF_RUN, FAR, OK, SENTENCE_PLAIN,
      "Longest run in 30 days was {reference}; this is {value} ({change}), {left} below where we "
      "warn ({evidence})." },
    { RULE_OF_RUN, FAR, OK, SENTENCE_IDLE,
      "Longest run in 30 days was {reference}; we warn above {limit} ({evidence})." },
    { RULE_OF_RUN, FAR, WARNING, SENTENCE_SMALL,
      "Longest run in 30 days was {reference}; this is {value} ({change}). In a study of 5 205 "
      "runners, sessions 10 to 30 % longer went with 1.6 times the overuse-injury rate "
      "({evidence})." },
    { RULE_OF_RUN, FAR, WARNING, SENTENCE_MODERATE,
      "Longest run in 30 days was {reference}; this is {value} ({change}). In a study of 5 205 "
      "runners, sessions 30 to 100 % longer went with 1.5 times the overuse-injury rate "
      "({evidence})." },
    { RULE_OF_RUN, FAR, WARNING, SENTENCE_LARGE,
      "Longest run in 30 days was {reference}; this is {value} ({change}). In a study of 5 205 "
      "runners, sessions more than twice as long went with 2.3 times the overuse-injury rate "
      "({evidence})." },
    { RULE_OF_RUN, FAR, WARNING, SENTENCE_PLAIN,
      "Longest run in 30 days was {reference}; this is {value} ({change}). No study sets a limit "
      "there; we use {basis} ({evidence})." },
    { RULE_OF_RUN, FAR, NO_BASE, SENTENCE_PLAIN,
      "This run is {value}. No verdict: no run in the 30 days before to compare it with "
      "({evidence})." },
    { RULE_OF_RUN, FAR, NO_BASE, SENTENCE_IDLE,
      "No run in the last 30 days to compare the next one with ({evidence})." },

    { RULE_OF_RUN, FAR, BLIND, SENTENCE_PLAIN,
      "This run is {value}. No verdict: it, or a run of the 30 days before, does not tell how far "
      "it "
      "was ({evidence})." },
    { RULE_OF_RUN, FAR, BLIND, SENTENCE_IDLE,
      "No verdict on the next run: one of the last 30 days does not tell how far it was "
      "({evidence})." },

    { RULE_OF_RUN, HIGH, OK, SENTENCE_PLAIN,
      "Most descent of one outing in 30 days was {reference}; this one has {value} ({change}), "
      "{left} below where we warn. No study sets a limit; we use {basis} ({evidence})." },
    { RULE_OF_RUN, HIGH, OK, SENTENCE_IDLE,
      "Most descent of one outing in 30 days was {reference}; we warn above {limit}. No study sets "
      "a limit; we use {basis} ({evidence})." },
    { RULE_OF_RUN, HIGH, WARNING, SENTENCE_PLAIN,
      "Most descent of one outing in 30 days was {reference}; this one has {value} ({change}). No "
      "study sets a limit; we use {basis} ({evidence})." },
    { RULE_OF_RUN, HIGH, NO_BASE, SENTENCE_PLAIN,
      "Descent of this outing: {value}. No verdict: none in the 30 days before to compare it "
      "with ({evidence})." },
    { RULE_OF_RUN, HIGH, NO_BASE, SENTENCE_IDLE,
      "No descent in the last 30 days to compare the next one with ({evidence})." },
    { RULE_OF_RUN, HIGH, BLIND, SENTENCE_PLAIN,
      "Descent of this outing: {value}. No verdict: too little of the distance, in it or in the "
      "30 days before, has altitude ({evidence})." },
    { RULE_OF_RUN, HIGH, BLIND, SENTENCE_IDLE,
      "No verdict on the next descent: too little of the distance in the last 30 days has altitude "
      "({evidence})." },

    { RULE_OF_BREAK, HIGH, OK, SENTENCE_PLAIN,
      "Descent in the last 7 days: {value}, and there was some in the 35 days before "
      "({evidence})." },
    { RULE_OF_BREAK, HIGH, OK, SENTENCE_NO_BASE,
      "No descent in 35 days or more: {value}. In the first week of it any is a caution, more than "
      "{limit} a warning. No study sets a limit; we use {basis} ({evidence})." },
    { RULE_OF_BREAK, HIGH, CAUTION, SENTENCE_NO_BASE,
      "First descent after 35 days or more with none: {value} in 7 days. No study sets a limit; we "
      "use {basis} ({evidence})." },
    { RULE_OF_BREAK, HIGH, WARNING, SENTENCE_NO_BASE,
      "First descent after 35 days or more with none: {value} in 7 days. No study sets a limit; we "
      "use {basis} ({evidence})." },
    { RULE_OF_BREAK, HIGH, SHORT, SENTENCE_PLAIN,
      "Descent in the last 7 days: {value}. No verdict: a break takes 35 days on record "
      "({evidence})." },
    { RULE_OF_BREAK, HIGH, BLIND, SENTENCE_PLAIN,
      "Descent in the last 7 days: {value}. No verdict: too little of the distance in the 35 days "
      "before has altitude ({evidence})." },

    { RULE_OF_BASE, HIGH, OK, SENTENCE_PLAIN,
      "Descent {window}: {value}, with {runs} of at least {ascent} of ascent in 28 days. Uphill "
      "first is expert advice: above {limit} of descent we ask for three such runs, and no study "
      "sets a limit ({evidence})." },
    { RULE_OF_BASE, HIGH, OK, SENTENCE_ENOUGH,
      "Descent {window}: {value}, with {runs} of at least {ascent} of ascent in 28 days. Uphill "
      "first is expert advice: three such runs are what we ask for, and no study sets a limit "
      "({evidence})." },
    { RULE_OF_BASE, HIGH, CAUTION, SENTENCE_PLAIN,
      "Descent {window}: {value}, usual {reference}, with {runs} of at least {ascent} of ascent in "
      "28 days. Uphill first is expert advice; no study sets a limit, we use three runs "
      "({evidence})." },
    { RULE_OF_BASE, HIGH, SHORT, SENTENCE_PLAIN,
      "Descent {window}: {value}, with {runs} of at least {ascent} of ascent in 28 days. No "
      "verdict: "
      "it takes 14 days on record, and two weeks that are known ({evidence})." },
    { RULE_OF_BASE, HIGH, BLIND, SENTENCE_PLAIN,
      "Descent {window}: {value}, with {runs} of at least {ascent} of ascent in 28 days. No "
      "verdict: "
      "{coverage} of the distance has altitude, and it takes 80 % ({evidence})." },
    { RULE_OF_BASE, HIGH, BLIND, SENTENCE_UNTOLD,
      "Descent {window}: {value}, with {runs} of at least {ascent} of ascent in 28 days. No "
      "verdict: a session in it does not tell how far it was ({evidence})." },

    { RULE_OF_MONOTONY, NONE, OK, SENTENCE_PLAIN,
      "Monotony of the last 7 days is {value}, the mark is {reference}. It comes from the illness "
      "of speed skaters, not from knees; no study sets a limit ({evidence})." },
    { RULE_OF_MONOTONY, NONE, OK, SENTENCE_IDLE,
      "No heart load in the last 7 days, so no monotony; the mark is {reference} ({evidence})." },
    { RULE_OF_MONOTONY, NONE, CAUTION, SENTENCE_PLAIN,
      "Monotony of the last 7 days is {value}, the mark is {reference}. It comes from the illness "
      "of speed skaters, not from knees; no study sets a limit ({evidence})." },
    { RULE_OF_MONOTONY, NONE, SHORT, SENTENCE_IDLE,
      "No monotony yet: it takes 7 days on record ({evidence})." },
    { RULE_OF_MONOTONY, NONE, BLIND, SENTENCE_IDLE,
      "No monotony: a session of the last 7 days has no heart load ({evidence})." },
};

const struct sentence_pattern *sentence_pattern_get(size_t i)
{
    return i < sizeof(patterns) / sizeof(patterns[0]) ? &patterns[i] : NULL;
}

/* ---- Which one */

/* The study's own bins, however the person's limit is set; below them no study speaks. */
static enum sentence_case case_of_spike(const struct verdict *verdict)
{
    if (rule_get(verdict->rule)->spike != SPIKE_DISTANCE_M)
        return SENTENCE_PLAIN;
    switch (verdict->bin) {
    case SPIKE_SMALL:
        return SENTENCE_SMALL;
    case SPIKE_MODERATE:
        return SENTENCE_MODERATE;
    case SPIKE_LARGE:
        return SENTENCE_LARGE;
    case SPIKE_REFERENCE:
    case SPIKE_NO_BASELINE:
        break;
    }
    return SENTENCE_PLAIN;
}

/* Enough of what is known has altitude, or none is asked for. */
static bool is_untold(const struct verdict *verdict)
{
    enum rule_family family = rule_get(verdict->rule)->family;

    return verdict->word == VERDICT_INSUFFICIENT_DATA &&
           (family == RULE_OF_WEEK || family == RULE_OF_BASE) && !(verdict->coverage < 0.8);
}

static enum sentence_case case_of(const struct verdict *verdict)
{
    const struct rule *rule = rule_get(verdict->rule);

    if (isnan(verdict->value))
        return SENTENCE_IDLE;
    if (is_untold(verdict))
        return SENTENCE_UNTOLD;
    if (rule->family == RULE_OF_RUN)
        return verdict->word == VERDICT_WARNING ? case_of_spike(verdict) : SENTENCE_PLAIN;
    if ((rule->family == RULE_OF_WEEK || rule->family == RULE_OF_BREAK) && verdict->reference == 0)
        return SENTENCE_NO_BASE;
    if (rule->family == RULE_OF_BASE && verdict->word == VERDICT_OK && isnan(verdict->limit))
        return SENTENCE_ENOUGH;
    if (verdict->word == VERDICT_WARNING && verdict->evidence == 'B')
        return SENTENCE_STUDIED;
    return SENTENCE_PLAIN;
}

const struct sentence_pattern *sentence_pattern_of(const struct verdict *verdict)
{
    const struct rule *rule = rule_get(verdict->rule);
    enum sentence_case when = case_of(verdict);

    for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
        if (patterns[i].family == rule->family && patterns[i].unit == rule->unit &&
            patterns[i].word == verdict->word && patterns[i].when == when)
            return &patterns[i];
    return NULL;
}
