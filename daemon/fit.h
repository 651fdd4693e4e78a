/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * strided --fit SESSION: a session that is over, as a FIT file on stdout, for whatever program a runner
 * keeps their runs in. It reads the recording and nothing else, and works beside a running daemon.
 */
#include <stdio.h>

/* The exit status; what is wrong is said on stderr. */
int fit_print(const char *state_dir, const char *session, FILE *out);
