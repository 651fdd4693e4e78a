/* SPDX-License-Identifier: MIT */
#pragma once
/* stridectl as a program: its options, how it ends, and the verbs that it needs no daemon for. */
#include "daemon/commands/table.h"
#include "daemon/program.h"

/* Codes of options without a letter. */
enum { STRIDECTL_COLOUR = 1, STRIDECTL_HTML, STRIDECTL_FROM };

extern const struct program stridectl_program;
extern const struct command stridectl_own_verbs[]; /* up to a NULL verb; rows as the daemon's are */
