/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * strided --fit SESSION: a session that is over, as a FIT file on stdout, for whatever program a runner
 * keeps their runs in. It reads the recording and nothing else, and works beside a running daemon; or in
 * it, on its worker.
 */
#include <stdio.h>

/* NULL, or why there is none, in words for a person; what was written until then is no good. */
const char *fit_write(const char *state_dir, const char *session, FILE *out);
/* The exit status; what is wrong is said on stderr. */
int fit_print(const char *state_dir, const char *session, FILE *out);
