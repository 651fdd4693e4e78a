/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The rules that are not a comparison of weeks or runs: the first descents after a break, descents
 * without a base of uphill running, and weeks in which every day is like the other. Each fills in
 * what it finds, of a verdict that was begun; only verdict.c asks. What counts as a run uphill
 * explain.c asks, too.
 */
#include "lib/training/verdict.h"

/* In the VERDICT_BASE_DAYS that end today. */
bool verdict_is_uphill(const struct outing *outing, int32_t today);

void verdict_of_break(const struct week_place *place, const struct rule_setting *setting,
                      struct verdict *verdict);
void verdict_of_base(const struct week_place *place, const struct rule_settings *settings,
                     struct verdict *verdict);
void verdict_of_monotony(const struct week_place *place, const struct rule_setting *setting,
                         struct verdict *verdict);
