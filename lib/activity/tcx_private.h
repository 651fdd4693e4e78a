/* SPDX-License-Identifier: MIT */
#pragma once
/* Between the files of the TCX reader: tcx.c knows the elements, tcx_sum.c the activity that is
 * read and what a lap states. */
#include "lib/activity/tcx.h"

/* Of the part that is being read. */
void tcx_emit(struct tcx *tcx, struct activity_fact *fact);
/* Only the first one is told. */
void tcx_emit_file(struct tcx *tcx, enum activity_kind kind);

void tcx_begin_activity(struct tcx *tcx, enum activity_sport sport);
void tcx_finish_activity(struct tcx *tcx);
void tcx_begin_lap(struct tcx *tcx, const char **attributes);
void tcx_take_lap_value(struct tcx *tcx, const char *name, const char *text);
void tcx_finish_lap(struct tcx *tcx);
