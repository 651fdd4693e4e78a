/* SPDX-License-Identifier: MIT */
#pragma once
/* Whether a file is to be taken, and what its owner is told about it. */
#include "lib/activity/outline.h"

#define OUTLINE_REASON_MAX 160 /* bytes with the NUL */

enum outline_verdict {
    OUTLINE_OK,
    OUTLINE_TROUBLE,   /* taken as far as it goes: `troubles` says why not further */
    OUTLINE_DISORDER,  /* taken but for points whose times go back: totals.h knows, no outline */
    OUTLINE_E_TROUBLE, /* `troubles` says why it is refused */
    OUTLINE_E_KIND,    /* a course, a workout, ...: `kind` */
    OUTLINE_E_NOTHING, /* no session and no track */
    OUTLINE_E_UNDATED, /* no usable time */
    OUTLINE_E_FUTURE,  /* none that has come yet, by the clock here: that one may pass */
};

/* Of an outline that is finished. */
enum outline_verdict outline_judge(const struct outline *outline);
/* Why, for a person: "Refused: it is a course, not something that was done."; "" for OUTLINE_OK. */
void outline_reason(const struct outline *outline, enum outline_verdict verdict,
                    char ret[OUTLINE_REASON_MAX]);
