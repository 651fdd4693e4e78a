/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * A verdict in words. All that may be said stands in one table of patterns (sentence_pattern.c):
 * each names what was done, what it is compared with, the letter of the evidence, and that no study
 * sets the limit wherever none does. There is no other way to a sentence about a rule.
 *
 * In braces:   {title} Descent   {window} in the last 7 days   {value} at least 310 m
 *    {reference} 210 m   {change} +48 %   {left} 12 m   {limit} 231 m   {basis} 30 %, or: 50 m more
 *    {coverage} 62 %   {runs} 1 run   {ascent} 50 m   {evidence} D
 */
#include "lib/conf.h"
#include "lib/training/verdict.h"

#define SENTENCE_MAX 400 /* bytes with the NUL */

enum sentence_case {
    SENTENCE_PLAIN,   /* nothing of what follows */
    SENTENCE_STUDIED, /* above what the study of the rule compared */
    SENTENCE_SMALL,   /* the same of single runs, by the study's bins */
    SENTENCE_MODERATE,
    SENTENCE_LARGE,
    SENTENCE_NO_BASE, /* the reference is 0: none in the weeks before */
    SENTENCE_IDLE,    /* nothing done yet: no run, no week */
    SENTENCE_ENOUGH,  /* what was asked for first was done: there is no limit */
    SENTENCE_UNTOLD,  /* not the altitude is missing, but how far or how long it was */
    SENTENCE_CASES,
};

struct sentence_pattern {
    enum rule_family family;
    enum rule_unit unit;
    enum verdict_word word;
    enum sentence_case when;
    const char *text;
};

/* The i-th pattern; NULL past the end. */
const struct sentence_pattern *sentence_pattern_get(size_t i);
/* The pattern for a verdict; NULL would be a verdict that the rules cannot give. */
const struct sentence_pattern *sentence_pattern_of(const struct verdict *verdict);

/* Bytes written without the NUL; 0 and "" for a verdict without a pattern. */
size_t sentence_write(char ret[SENTENCE_MAX], const struct verdict *verdict,
                      const struct rule_settings *settings, enum conf_units units);
